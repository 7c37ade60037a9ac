import dataclasses

import pytest

from fashion_core.config.hyperparameter import Hyperparameter
from fashion_core.config.train_config import HYPERPARAMETERS, TrainConfig
from fashion_core.errors import ConfigError

GOOD = TrainConfig("mlp", 3)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("epochs", 2.5),
        ("epochs", True),
        ("learning_rate", float("nan")),
        ("learning_rate", float("inf")),
        ("optimizer", "lion"),
        ("mirror", "yes"),
    ],
)
def test_a_value_that_cannot_be_is_named(field: str, value: object) -> None:
    with pytest.raises(ConfigError, match=field):
        dataclasses.replace(GOOD, **{field: value})


@pytest.mark.parametrize("setting", [each for each in HYPERPARAMETERS.values() if each.is_number], ids=lambda s: s.name)
def test_a_number_outside_its_range_is_named(setting: Hyperparameter) -> None:
    ends = [setting.low] * setting.low_is_exclusive + [setting.high] * setting.high_is_exclusive
    for value in (setting.low - 1, setting.high + 1, *ends):
        with pytest.raises(ConfigError, match=setting.name):
            dataclasses.replace(GOOD, **{setting.name: setting.type(value)})


def test_a_range_has_all_its_digits() -> None:
    with pytest.raises(ConfigError, match="choose 0 to 2147483647"):
        dataclasses.replace(GOOD, seed=2**31)


def test_more_parts_than_images_in_a_batch_are_refused() -> None:
    assert dataclasses.replace(GOOD, batch_size=2, ghost_batches=2).ghost_batches == 2
    with pytest.raises(ConfigError, match="ghost_batches is 2; choose at most the batch size, 1"):
        dataclasses.replace(GOOD, batch_size=1, ghost_batches=2)


def test_a_config_survives_the_way_through_a_dictionary() -> None:
    assert TrainConfig.from_dict(GOOD.to_dict()) == GOOD


def test_a_setting_from_a_newer_version_is_named() -> None:
    with pytest.raises(ConfigError, match=r"'cutmix'.*newer version"):
        TrainConfig.from_dict(GOOD.to_dict() | {"cutmix": 0.2})


def test_a_missing_model_is_named() -> None:
    with pytest.raises(ConfigError, match="'model'"):
        TrainConfig.from_dict({"epochs": 3})
