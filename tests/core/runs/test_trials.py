"""What a sweep's runs show, from records and epochs made for the purpose."""

import dataclasses
from typing import Any

import numpy as np
import pandas as pd
import pytest

from fashion_core.config.train_config import TrainConfig
from fashion_core.runs import trials as search
from fashion_core.runs.execute import new_run_record
from fashion_core.runs.trials import Trial
from tests.core.datasets import ToyDataset

BASE = TrainConfig("mlp", 3)


def trial(validation: float | None, phase: str = "finished", **settings: Any) -> Trial:
    record = dataclasses.replace(new_run_record(dataclasses.replace(BASE, **settings), ToyDataset()), tag="sweep-1")
    return Trial(record, phase, validation)


GRID = [
    trial(0.91, learning_rate=0.001, batch_size=64),
    trial(0.90, learning_rate=0.001, batch_size=128),
    trial(0.80, learning_rate=0.1, batch_size=64),
    trial(0.70, learning_rate=0.1, batch_size=128),
]
VARIED = ("batch_size", "learning_rate")


def test_the_settings_that_differ_are_found() -> None:
    assert search.find_varied_fields([each.record for each in GRID]) == VARIED
    seeds = [trial(0.9, seed=seed).record for seed in (1, 2)]
    assert search.find_varied_fields(seeds) == ("seed",)
    assert search.find_varied_fields([GRID[0].record, *seeds]) == ("batch_size",)
    assert search.find_varied_fields([]) == ()


def test_the_best_settings_are_compared_with_the_others_by_their_interval() -> None:
    comparison = search.compare_settings(search.group_trials(GRID, VARIED), 5000)
    assert comparison is not None
    assert (comparison.best.config.batch_size, comparison.best.config.learning_rate) == (64, 0.001)
    assert (comparison.best.mean_accuracy, comparison.worst.mean_accuracy) == (0.91, 0.70)
    assert comparison.interval == pytest.approx((0.902, 0.918), abs=5e-4)
    # 1 % of 5,000 is more than the 0.8 points of the interval
    assert (comparison.n_within, comparison.n_others) == (0, 3)
    fewer_images = search.compare_settings(search.group_trials(GRID, VARIED), 500)
    assert fewer_images is not None
    assert fewer_images.n_within == 1


def test_runs_that_did_not_finish_are_in_the_table_and_not_compared() -> None:
    trials = [*GRID, trial(0.99, "diverged", learning_rate=1.0), trial(0.98, "running"), trial(None, "queued")]
    assert max(point.mean_accuracy for point in search.group_trials(trials, VARIED)) == 0.91
    frame = search.trials_to_frame(trials, VARIED)
    assert list(frame.columns) == ["run", "state", "batch_size", "learning_rate", "seed", "validation"]
    assert list(frame["state"][-3:]) == ["diverged", "running", "queued"]
    assert np.isnan(frame["validation"].iloc[-1])
    assert search.compare_settings(search.group_trials(trials[3:4], VARIED), 500) is None


def test_seeds_are_averaged_unless_they_are_what_varies() -> None:
    trials = [
        trial(0.80, learning_rate=0.1),
        trial(0.90, learning_rate=0.1, seed=1),
        trial(0.83, learning_rate=0.2),
        trial(0.83, learning_rate=0.2, seed=1),
    ]
    best, other = search.group_trials(trials, ("learning_rate",))
    assert (best.config.learning_rate, best.mean_accuracy, other.mean_accuracy) == (
        0.1,
        pytest.approx(0.85),
        pytest.approx(0.83),
    )
    assert len(search.group_trials(trials[:2], ("seed",))) == 2


def test_the_setting_that_matters_most_is_found_in_a_grid() -> None:
    groups = search.group_trials(GRID, VARIED)
    effect = search.find_strongest_effect(groups, VARIED)
    assert effect is not None
    assert (effect.field, effect.worst[0], effect.best[0]) == ("learning_rate", 0.1, 0.001)
    assert (effect.worst[1], effect.best[1]) == (pytest.approx(0.75), pytest.approx(0.905))
    assert search.find_strongest_effect(groups, ("learning_rate",)) is None
    random = [trial(0.5 + n / 100, learning_rate=0.001 * (n + 1), batch_size=64 + n) for n in range(12)]
    assert search.find_strongest_effect(search.group_trials(random, VARIED), VARIED) is None


def test_a_trial_has_the_accuracy_of_the_epoch_that_is_kept() -> None:
    epochs = pd.DataFrame({"epoch": [1, 2, 3], "val_accuracy": [0.5, 0.7, 0.6], "train_loss": [3.0, 4.0, 1.0]})
    record = GRID[0].record
    assert search.make_trial(record, "finished", epochs).validation_accuracy == 0.6
    constant = dataclasses.replace(record, config=TrainConfig("mlp", 3, one_cycle=False))
    assert search.make_trial(constant, "finished", epochs).validation_accuracy == 0.7
    of_kmeans = dataclasses.replace(record, config=TrainConfig("kmeans", 3))
    assert search.make_trial(of_kmeans, "finished", epochs).validation_accuracy == 0.6
    assert search.make_trial(record, "queued", pd.DataFrame()).validation_accuracy is None


def test_the_tags_of_sweeps_are_told_from_others() -> None:
    records = [
        dataclasses.replace(GRID[0].record, tag=tag) for tag in ("sweep-b", "repeats-1", "", "sweep-a", "sweep-b")
    ]
    assert search.list_sweep_tags(records) == ["sweep-b", "sweep-a"]
