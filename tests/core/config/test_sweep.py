"""Sweeps: what is typed, the settings that follow from it, and what is refused."""

import math

import pytest

from fashion_core.config import sweep
from fashion_core.config.train_config import HYPERPARAMETERS, TrainConfig
from fashion_core.errors import ConfigError
from fashion_core.models import registry

BASE = TrainConfig("mlp", 3, seed=5)


def axes(**texts: str) -> list[sweep.SweepAxis]:
    return [
        sweep.parse_sweep_axis(BASE, field, text, registry.get_model_spec(BASE.model).hyperparameters)
        for field, text in texts.items()
    ]


def test_a_grid_is_the_product_of_the_values() -> None:
    found = sweep.make_grid(BASE, axes(learning_rate="0.001, 0.003", batch_size="64,128,64", mirror="no, yes"))
    assert [(c.learning_rate, c.batch_size, c.mirror) for c in found[:3]] == [
        (0.001, 64, False),
        (0.001, 64, True),
        (0.001, 128, False),
    ]
    assert len(set(found)) == len(found) == 8
    assert {c.seed for c in found} == {5}


def test_draws_are_reproducible_different_and_within_their_ranges() -> None:
    ranges = axes(learning_rate="0.0001 to 0.1", batch_size="16:512", optimizer="adam, sgd", erase="0:0.5")
    found = sweep.sample_configs(BASE, ranges, 60, seed=1)
    assert found == sweep.sample_configs(BASE, ranges, 60, seed=1)
    assert found != sweep.sample_configs(BASE, ranges, 60, seed=2)
    assert len(set(found)) == 60
    for config in found:
        assert 0.0001 <= config.learning_rate <= 0.1
        assert 16 <= config.batch_size <= 512
        assert 0 <= config.erase <= 0.5
        assert float(f"{config.learning_rate:.3g}") == config.learning_rate
    # log-uniform: half of the rates lie below the geometric middle, where a plain draw would put 3 %
    low = sum(config.learning_rate < math.sqrt(0.0001 * 0.1) for config in found)
    assert 15 < low < 45
    assert {config.optimizer for config in found} == {"adam", "sgd"}


@pytest.mark.parametrize(
    ("field", "text", "reason"),
    [
        ("dropout", "0.1", "no setting 'dropout'"),
        ("clusters", "5, 10", "no setting 'clusters'"),
        ("start_from", "mlp", "no setting 'start_from'"),
        ("learning_rate", "", "no values; give some, such as 0.001, 0.003"),
        ("learning_rate", " , ", "no values"),
        ("mirror", "", "such as yes, no"),
        ("learning_rate", "fast", "'fast'; give a number"),
        ("batch_size", "64.5", "whole number"),
        ("learning_rate", "0, 0.1", "learning_rate is 0"),
        ("learning_rate", "nan", "learning_rate is nan"),
        ("learning_rate", "0.1 to 0.01", "not above"),
        ("learning_rate", "0.1:0.1", "not above"),
        ("learning_rate", "0.1:nan", "not above"),
        ("learning_rate", "0.1:99", "learning_rate is 99"),
        ("weight_decay", "0 to 0.1", "logarithmic"),
        ("optimizer", "adam, lion", "'lion'; choose adam or sgd or muon"),
        ("optimizer", "adam:sgd", "no range"),
        ("mirror", "perhaps", "yes or no"),
        ("epochs", "<b>3</b>", "whole number"),
    ],
)
def test_nonsense_is_told_in_a_sentence(field: str, text: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason) as raised:
        sweep.parse_sweep_axis(BASE, field, text, registry.get_model_spec(BASE.model).hyperparameters)
    assert str(raised.value).endswith(".")


def test_a_sweep_of_nothing_of_one_or_of_too_many_is_refused() -> None:
    with pytest.raises(ConfigError, match="at least one setting"):
        sweep.make_grid(BASE, [])
    with pytest.raises(ConfigError, match="at least two runs"):
        sweep.make_grid(BASE, axes(batch_size="64"))
    with pytest.raises(ConfigError, match="makes 72 runs; a sweep has at most 64"):
        sweep.make_grid(BASE, axes(batch_size="8,16,32,64,128,256", shift="0,1,2,3", optimizer="adam,sgd,muon"))
    with pytest.raises(ConfigError, match="needs values of learning_rate"):
        sweep.make_grid(BASE, axes(learning_rate="0.01:0.1"))
    with pytest.raises(ConfigError, match="at most 64"):
        sweep.sample_configs(BASE, axes(learning_rate="0.01:0.1"), 65, seed=0)
    with pytest.raises(ConfigError, match="too few combinations"):
        sweep.sample_configs(BASE, axes(batch_size="64,128"), 3, seed=0)
    with pytest.raises(ConfigError, match="given twice"):
        sweep.make_grid(BASE, [*axes(batch_size="64"), *axes(batch_size="128")])


def test_seeds_multiply_a_sweep() -> None:
    two = sweep.make_grid(BASE, axes(batch_size="64, 128"))
    found = sweep.repeat_on_seeds(two, 2)
    assert [(c.batch_size, c.seed) for c in found] == [(64, 5), (128, 5), (64, 6), (128, 6)]
    with pytest.raises(ConfigError, match="at most 64"):
        sweep.repeat_on_seeds(two, 33)
    with pytest.raises(ConfigError, match="leave Seeds at 1"):
        sweep.repeat_on_seeds(sweep.make_grid(BASE, axes(seed="1,2")), 2)


@pytest.mark.parametrize("model", list(registry.MODELS))
def test_every_setting_of_a_model_can_be_varied_by_its_own_examples(model: str) -> None:
    base = next(iter(registry.get_model_spec(model).presets.values()))
    for field in registry.get_model_spec(model).hyperparameters:
        typed = sweep.parse_sweep_axis(
            base,
            field,
            HYPERPARAMETERS[field].example_range or HYPERPARAMETERS[field].examples,
            registry.get_model_spec(base.model).hyperparameters,
        )
        assert len(sweep.sample_configs(base, [typed], 2, seed=0)) == 2, field
        found = sweep.make_grid(
            base,
            [
                sweep.parse_sweep_axis(
                    base, field, HYPERPARAMETERS[field].examples, registry.get_model_spec(base.model).hyperparameters
                )
            ],
        )
        assert len(found) >= 2, field
