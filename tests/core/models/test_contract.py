"""Every registered model keeps the contract; a model added to the registry is tested here with no other edit."""

from collections.abc import Callable

import pytest

from fashion_core.errors import ConfigError
from fashion_core.models import registry
from fashion_core.runs.summary import MAIN_RUN_IDS
from tests.core.models.contract import CHECKS, skip_without_requirements

CHECKS_THAT_TRAIN = (
    "check_easy_classes_are_learnt",
    "check_seed_determines_the_run",
    "check_compiled_engine_agrees",
)


@pytest.mark.parametrize(
    "check",
    [
        pytest.param(
            check,
            id=check.__name__.removeprefix("check_"),
            marks=[pytest.mark.slow] * (check.__name__ in CHECKS_THAT_TRAIN)
            + [pytest.mark.exhaustive] * (check.__name__ == "check_two_and_seven_classes_are_learnt"),
        )
        for check in CHECKS
    ],
)
@pytest.mark.parametrize("name", list(registry.MODELS))
def test_a_registered_model(name: str, check: Callable[[str], None]) -> None:
    skip_without_requirements(name)
    check(name)


@pytest.mark.parametrize("name", MAIN_RUN_IDS)
def test_the_poster_s_models_have_three_presets(name: str) -> None:
    assert {"quick", "poster", "best"} <= set(registry.MODELS[name].presets)


def test_the_improved_cnn_has_at_most_a_million_parameters() -> None:
    assert registry.build_classifier(registry.MODELS["improved_cnn"].presets["best"], 10).n_parameters <= 1_000_000


def test_an_unknown_model_is_named_with_the_registered_ones() -> None:
    with pytest.raises(ConfigError, match=", ".join(registry.MODELS)):
        registry.get_model_spec("resnet")
