import dataclasses

import pandas as pd
import pytest

from fashion_core.config.train_config import TrainConfig
from fashion_core.data.classes import FASHION_CLASSES
from fashion_core.runs import poster_experiment
from fashion_core.runs.execute import new_run_record
from fashion_core.runs.record import RunRecord
from fashion_core.wording import training as wording
from tests.core.datasets import ToyDataset

DEAD = pd.DataFrame({"epoch": [1, 2, 3], "dead": [[], [5], [5, 6]]})
ALIVE = pd.DataFrame({"epoch": [1, 2, 3], "dead": [[], [], []]})


def finished(config: TrainConfig, precision: float, lost: tuple[int, ...]) -> RunRecord:
    record = new_run_record(config, ToyDataset())
    figures = {"accuracy": 0.5, "macro_precision": precision, "macro_recall": 0.5, "macro_f1": 0.5}
    return dataclasses.replace(record, state="finished", metrics=figures, never_predicted=lost)


def test_an_experiment_is_two_networks_with_and_without_the_relu_on_five_seeds() -> None:
    configs = poster_experiment.make_experiment_configs(3)
    assert len(configs) == len(set(configs)) == 20
    assert {(c.model, c.output_activation) for c in configs[:4]} == {
        ("mlp", "none"),
        ("mlp", "relu"),
        ("cnn", "none"),
        ("cnn", "relu"),
    }
    assert {c.epochs for c in configs} == {3}


def test_arms_tell_figures_lost_classes_and_when_units_died() -> None:
    runs = [
        (finished(c, 0.4 + c.seed / 10, (5, 6)), DEAD)
        if c.output_activation == "relu"
        else (finished(c, 0.9, ()), ALIVE)
        for c in poster_experiment.make_experiment_configs(3)
        if c.seed < 2
    ]
    runs.append(
        (
            new_run_record(dataclasses.replace(poster_experiment.make_experiment_configs(3)[1], seed=3), ToyDataset()),
            DEAD[:2],
        )
    )
    sound, relu = poster_experiment.group_into_arms(runs)[:2]
    assert (sound.model, sound.output, sound.poster) == ("mlp", "none", (63, 72))
    assert relu.mean_and_deviation("precision") == pytest.approx((0.45, 0.1 / 2**0.5))
    assert (len(relu.outcomes), len(relu.finished_outcomes)) == (3, 2)
    assert wording.format_lost_classes(relu.outcomes[0], FASHION_CLASSES) == "Sandal (epoch 2), Shirt (epoch 3)"
    assert wording.format_lost_classes(sound.outcomes[0], FASHION_CLASSES) == ""
    assert wording.describe_poster_experiment(poster_experiment.group_into_arms(runs)) == (
        "With a ReLU on the outputs 4 of 4 runs lose a class; without it, 0 of 4."
    )
    assert wording.describe_poster_experiment(poster_experiment.group_into_arms([])) == ""
