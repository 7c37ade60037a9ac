"""Promises by predicted class, on random predictions whose error rates are known, and on the shipped ones."""

import math

import numpy as np
import pytest
from scipy.stats import beta, binomtest

from fashion_core.analysis.class_promises import (
    automate_by_class,
    errors_by_true_class,
    plan_by_class,
    promise_by_class,
)
from fashion_core.analysis.feasibility import CalibratedPredictions, calibrate_predictions_on_validation
from fashion_core.analysis.predictions import Predictions
from fashion_core.computed.validation import load_validation_predictions
from fashion_core.runs.store import RunStore


def random_predictions(n: int, error_rates: list[float], seed: int) -> CalibratedPredictions:
    """A class for each error rate; mistakes are five times as frequent at the lowest confidence as on average, and
    never happen at the highest."""
    rng = np.random.default_rng(seed)
    n_classes = len(error_rates)
    predicted = rng.integers(0, n_classes, n)
    confidence = rng.random(n)
    wrong = rng.random(n) < np.array(error_rates)[predicted] * 5 * (1 - confidence) ** 4
    labels = np.where(wrong, (predicted + 1) % n_classes, predicted)
    return CalibratedPredictions(labels, predicted, confidence)


def test_without_mistakes_299_garments_are_enough_for_99_percent_and_298_are_not() -> None:
    for n, n_missing in ((299, 0), (298, 1), (30, 269)):
        alone = CalibratedPredictions(np.zeros(n, int), np.zeros(n, int), np.linspace(0.5, 1, n))
        promise = promise_by_class(alone, alone, 0.99, 2)[0]
        assert (promise.threshold is not None) == (n_missing == 0)
        assert promise.n_missing == n_missing


def test_a_class_without_validation_garments_is_left_to_people() -> None:
    validation, test = (random_predictions(3000, [0.0, 0.0], seed) for seed in (0, 1))
    promises = promise_by_class(validation, test, 0.99, 3)
    assert [p.threshold is None for p in promises] == [False, False, True]
    assert promises[2].n_missing == 299
    assert (promises[2].validation.n, promises[2].test.n) == (0, 0)
    assert plan_by_class(promises).deferred == (2,)


def test_an_easy_class_does_not_hide_a_difficult_one() -> None:
    rates = [0.0, 0.0, 0.0, 0.6]
    validation, test = (random_predictions(20_000, rates, seed) for seed in (0, 1))
    promises = promise_by_class(validation, test, 0.99, 4)
    assert all(p.test.coverage > 0.95 for p in promises[:3])
    assert promises[3].test.coverage < 0.8
    automated = automate_by_class(test, promises)
    plan = plan_by_class(promises)
    assert plan.n_automated == automated.sum()
    assert plan.n_correct == (automated & test.is_correct).sum()
    assert plan.coverage == automated.mean()
    by_class = errors_by_true_class(test, automated, 4)
    assert sum(point.n for point in by_class) == len(test)
    assert sum(point.n_correct for point in by_class) == plan.n_correct


def test_a_promise_is_violated_as_an_exact_test_says() -> None:
    validation, test = (random_predictions(4000, [0.02, 0.1, 0.3], seed) for seed in (4, 5))
    for promise in promise_by_class(validation, test, 0.95, 3):
        n_wrong = promise.test.n_automated - promise.test.n_correct
        p_value = binomtest(n_wrong, promise.test.n_automated, 0.05, alternative="greater").pvalue
        assert promise.is_kept == (p_value >= 0.05)


def test_classes_that_differ_are_judged_by_their_own_garments() -> None:
    """With error rates far apart the others say nothing, so what remains is nearly Clopper and Pearson's bound."""
    validation = random_predictions(40_000, [0.0, 0.9, 0.0, 0.9, 0.45], 3)
    promise = promise_by_class(validation, validation, 0.9, 5)[4]
    point = promise.validation
    n_wrong = point.n_automated - point.n_correct
    exact = beta.ppf(0.95, n_wrong + 1, point.n_automated - n_wrong)
    assert 0.08 < exact < 0.105


@pytest.mark.slow
def test_promises_of_the_shipped_network_hold_in_new_draws() -> None:
    store = RunStore()
    entry = store.get("improved_cnn")
    validation, test = load_validation_predictions(entry), store.load_predictions(entry)
    assert validation is not None
    pool = Predictions(
        np.concatenate([validation.probabilities, test.probabilities]), np.concatenate([validation.labels, test.labels])
    )
    violated, coverage = np.zeros(10, np.int64), []
    for seed in range(40):
        order = np.random.default_rng(seed).permutation(len(pool.labels))
        parts = calibrate_predictions_on_validation(pool.select(order[:5000]), pool.select(order[5000:]))
        promises = promise_by_class(*parts, 0.99, 10)
        violated += [not promise.is_kept for promise in promises]
        coverage.append(plan_by_class(promises).coverage)
    assert violated.max() <= 6  # 16 of 200 are 8 %; 7 or more of 40 have a probability of 4 % then
    assert np.mean(coverage) > 0.7


@pytest.mark.parametrize("n_classes", [2, 200])
def test_thirty_pictures_of_any_number_of_classes_give_no_promise_but_say_how_many_are_missing(n_classes: int) -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, n_classes, 30)
    few = CalibratedPredictions(labels, labels, rng.random(30))
    promises = promise_by_class(few, few, 0.99, n_classes)
    assert len(promises) == n_classes
    assert all(p.threshold is None and p.n_missing > 100 for p in promises)
    assert not math.isnan(plan_by_class(promises).coverage)
