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


def test_the_best_on_validation_is_told_with_its_interval() -> None:
    text = search.describe_best_settings(search.group_trials(GRID, VARIED), VARIED, 5000)
    assert "batch size 64, learning rate 0.001, with 91.0% of n = 5,000." in text
    assert "spread over the sweep is 21.0 points, down to 70.0%" in text
    # 1 % of 5,000 is more than the 0.8 points of the interval
    assert "0 of the other 3 are within the best one's 95% interval, 90.2% to 91.8%." in text
    assert "1 of the other 3 is within" in search.describe_best_settings(search.group_trials(GRID, VARIED), VARIED, 500)
    assert "the other is not within" in search.describe_best_settings(
        search.group_trials(GRID[1:3], VARIED), VARIED, 500
    )


def test_runs_that_did_not_finish_are_in_the_table_and_not_compared() -> None:
    trials = [*GRID, trial(0.99, "diverged", learning_rate=1.0), trial(0.98, "running"), trial(None, "queued")]
    assert max(point.mean_accuracy for point in search.group_trials(trials, VARIED)) == 0.91
    frame = search.trials_to_frame(trials, VARIED)
    assert list(frame.columns) == ["run", "state", "batch_size", "learning_rate", "seed", "validation"]
    assert list(frame["state"][-3:]) == ["diverged", "running", "queued"]
    assert np.isnan(frame["validation"].iloc[-1])
    assert search.describe_best_settings(search.group_trials(trials[3:4], VARIED), VARIED, 500) == ""


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
    assert "mean of 2 seeds" in search.describe_best_settings([best, other], ("learning_rate",), 500)
    assert len(search.group_trials(trials[:2], ("seed",))) == 2


def test_the_setting_that_matters_most_is_told_of_a_grid() -> None:
    points = search.group_trials(GRID, VARIED)
    assert search.describe_strongest_effect(points, VARIED) == (
        "Learning rate moves the mean most: 75.0% with 0.1, 90.5% with 0.001."
    )
    assert search.describe_strongest_effect(points, ("learning_rate",)) == ""
    drawn = [trial(0.5 + n / 100, learning_rate=0.001 * (n + 1), batch_size=64 + n) for n in range(12)]
    assert search.describe_strongest_effect(search.group_trials(drawn, VARIED), VARIED) == ""


def test_a_trial_has_the_accuracy_of_the_epoch_that_is_kept() -> None:
    epochs = pd.DataFrame({"epoch": [1, 2, 3], "val_accuracy": [0.5, 0.7, 0.6], "train_loss": [3.0, 4.0, 1.0]})
    record = GRID[0].record
    assert search.make_trial(record, "finished", epochs).validation_accuracy == 0.7
    of_kmeans = dataclasses.replace(record, config=TrainConfig("kmeans", 3))
    assert search.make_trial(of_kmeans, "finished", epochs).validation_accuracy == 0.6
    assert search.make_trial(record, "queued", pd.DataFrame()).validation_accuracy is None


def test_the_tags_of_sweeps_are_told_from_others() -> None:
    records = [
        dataclasses.replace(GRID[0].record, tag=tag) for tag in ("sweep-b", "repeats-1", "", "sweep-a", "sweep-b")
    ]
    assert search.list_sweep_tags(records) == ["sweep-b", "sweep-a"]
