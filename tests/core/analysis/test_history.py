import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy.stats import linregress

from fashion_core.analysis import history
from fashion_core.config.train_config import TrainConfig
from fashion_core.runs import repeats
from fashion_core.runs.execute import new_run_record
from tests.core.datasets import ToyDataset


def test_a_unit_died_when_it_last_fell_silent() -> None:
    epochs = pd.DataFrame({"epoch": [1, 2, 3, 4], "dead": [[], [3, 5], [5], [3, 5]]})
    assert history.find_death_epoch_by_unit(epochs) == {3: 4, 5: 2}
    assert history.find_death_epoch_by_unit(epochs[:1]) == {}
    assert history.find_death_epoch_by_unit(pd.DataFrame({"epoch": [1]})) == {}


def test_repeats_are_the_same_settings_on_other_seeds() -> None:
    first = dataclasses.replace(
        new_run_record(TrainConfig("mlp", 2), ToyDataset(), run_id="a"), state="finished", metrics={"accuracy": 0.8}
    )
    second = dataclasses.replace(
        first, id="b", config=dataclasses.replace(first.config, seed=1), metrics={"accuracy": 0.9}
    )
    other = dataclasses.replace(first, id="c", config=TrainConfig("mlp", 3))
    unfinished = dataclasses.replace(first, id="d", config=TrainConfig("mlp", 2, seed=2), state="running")
    again = dataclasses.replace(first, id="e")
    (group,) = repeats.group_repeated_runs([first, second, other, unfinished, again])
    assert [record.id for record in group.records] == ["e", "b"]
    mean, deviation = group.mean_and_deviation("accuracy")
    assert mean == pytest.approx(0.85)
    assert deviation == pytest.approx(0.1 / 2**0.5)


def test_a_line_is_fitted_as_scipy_fits_it() -> None:
    rng = np.random.default_rng(0)
    for n in (3, 4, 12):
        x, y = np.arange(n, dtype=float), rng.normal(size=n) + 0.3 * np.arange(n)
        expected = linregress(x, y, alternative="greater")
        assert history.fit_rising_line(x, y) == pytest.approx((expected.slope, expected.pvalue))
    assert history.fit_rising_line(np.arange(4.0), np.arange(4.0)) == (1.0, pytest.approx(0.0, abs=1e-9))
