"""Gains in automation: the resampled automation rate against a direct computation, and Newcombe's interval."""

import numpy as np
import pytest
from statsmodels.stats.proportion import confint_proportions_2indep

from fashion_core.analysis.automation_gain import (
    AutomationGoal,
    GainEstimator,
    ResampledAutomation,
    compare_coverage,
    measure_gain,
)
from fashion_core.analysis.feasibility import (
    NEVER_AUTOMATED_CONFIDENCE,
    CalibratedPredictions,
    OperatingPoint,
    choose_threshold_for_target,
)


def simulate(n: int, seed: int, sharpness: float = 3) -> CalibratedPredictions:
    """Predictions that are correct as often as their confidence says, some of equal confidence."""
    rng = np.random.default_rng(seed)
    confidence = (1 - rng.beta(0.4, sharpness, n)).round(2)
    labels = rng.integers(0, 5, n)
    predicted = np.where(rng.random(n) < confidence, labels, (labels + 1) % 5)
    confidence[:20] = NEVER_AUTOMATED_CONFIDENCE
    return CalibratedPredictions(labels, predicted, confidence)


def repeat(predictions: CalibratedPredictions, counts: np.ndarray) -> CalibratedPredictions:
    rows = np.repeat(np.arange(len(counts)), counts)
    return CalibratedPredictions(predictions.labels[rows], predictions.predicted[rows], predictions.confidence[rows])


@pytest.mark.parametrize("goal", [AutomationGoal(0.9), AutomationGoal(0.95, guaranteed=False), AutomationGoal(0.999)])
def test_a_resample_is_automated_like_its_repeated_images(goal: AutomationGoal) -> None:
    predictions, rng = simulate(800, 1), np.random.default_rng(2)
    for _ in range(5):
        chosen, measured = (np.bincount(rng.integers(800, size=size), minlength=800) for size in (800, 300))
        curve = repeat(predictions, chosen).risk_coverage_curve
        threshold = choose_threshold_for_target(curve, goal.target, guaranteed=goal.guaranteed)
        expected = 0.0 if threshold is None else (repeat(predictions, measured).confidence >= threshold).mean()
        assert ResampledAutomation(predictions).coverage(chosen, measured, goal) == pytest.approx(expected)


def test_no_change_gains_nothing_and_a_better_model_more() -> None:
    goal, before, after = AutomationGoal(0.95, guaranteed=False), simulate(1500, 3), simulate(1500, 3, sharpness=12)
    same = GainEstimator(before, 1000, goal).estimate([before])
    assert same.estimate == same.low == same.high == 0
    gain = GainEstimator(before, 1000, goal).estimate([after])
    assert 0 < gain.low < gain.estimate < gain.high
    assert gain.estimate == pytest.approx(measure_gain((before, before), (after, after), goal))


@pytest.mark.exhaustive
def test_the_interval_holds_the_gain_on_test_in_about_95_of_100_draws() -> None:
    goal, n_within = AutomationGoal(0.95, guaranteed=False), 0
    for seed in range(100):
        pairs = [simulate(1600, seed, sharpness) for sharpness in (3, 6)]
        validation, test = ([repeat(p, (np.arange(1600) < 600) == first) for p in pairs] for first in (True, False))
        gain = GainEstimator(validation[0], 1000, goal, n_resamples=200).estimate([validation[1]])
        measured = measure_gain((validation[0], test[0]), (validation[1], test[1]), goal)
        n_within += gain.low <= measured <= gain.high
    assert n_within >= 88


@pytest.mark.parametrize("counts", [(40, 100, 70, 120), (0, 50, 50, 60), (200, 200, 180, 200)])
def test_two_runs_are_compared_with_newcombes_interval(counts: tuple[int, int, int, int]) -> None:
    k0, n0, k1, n1 = counts
    gain = compare_coverage(OperatingPoint(n0, k0, k0), OperatingPoint(n1, k1, k1))
    assert gain is not None
    low, high = confint_proportions_2indep(k1, n1, k0, n0, method="newcomb")
    assert (gain.low, gain.high) == pytest.approx((low, high), abs=1e-6)
    assert gain.estimate == pytest.approx(k1 / n1 - k0 / n0)


def test_a_run_without_a_threshold_automates_nothing() -> None:
    gain = compare_coverage(None, OperatingPoint(100, 60, 60))
    assert gain is not None
    assert gain.estimate == 0.6
    assert compare_coverage(None, None) is None
