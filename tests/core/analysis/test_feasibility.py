"""Thresholds against direct computations, and what a guaranteed target is worth, by simulation."""

import math

import numpy as np
import pytest
from scipy.stats import beta

from fashion_core.analysis import feasibility, metrics
from fashion_core.analysis.feasibility import NEVER_AUTOMATED_CONFIDENCE, CalibratedPredictions
from fashion_core.analysis.predictions import Predictions
from fashion_core.computed import build, store, validation
from fashion_core.data import fashion_mnist
from fashion_core.errors import ConfigError
from fashion_core.runs.store import RunStore
from tests.core.datasets import ToyDataset

RNG = np.random.default_rng(4)
ZOO = [run.id for run in RunStore().entries() if run.origin == "zoo"]


def random_predictions(n: int, rng: np.random.Generator = RNG, *, digits: int | None = None) -> CalibratedPredictions:
    """Predictions that are correct as often as their confidence says; rounded to ``digits`` for ties."""
    confidence = 1 - rng.beta(0.4, 3, n)
    right = rng.random(n) < confidence
    labels = rng.integers(0, 10, n)
    predicted = np.where(right, labels, (labels + 1) % 10)
    return CalibratedPredictions(labels, predicted, confidence if digits is None else confidence.round(digits))


def shipped_predictions(run_id: str) -> tuple[Predictions, Predictions]:
    runs = RunStore()
    on_validation = validation.load_validation_predictions(runs.get(run_id))
    assert on_validation is not None
    return on_validation, runs.load_predictions(runs.get(run_id))


@pytest.mark.parametrize("digits", [None, 2, 1])
def test_the_curve_agrees_with_counts_per_threshold(digits: int | None) -> None:
    predictions = random_predictions(700, digits=digits)
    curve = predictions.risk_coverage_curve
    assert curve.threshold.tolist() == sorted(set(predictions.confidence.tolist()), reverse=True)
    for threshold, automated, wrong in zip(curve.threshold, curve.n_automated, curve.n_wrong, strict=True):
        automated_mask = predictions.confidence >= threshold
        assert automated == automated_mask.sum()
        assert wrong == (automated_mask & (predictions.labels != predictions.predicted)).sum()
    assert curve.coverage[-1] == 1


@pytest.mark.parametrize("target", [0.5, 0.9, 0.95, 0.99, 0.999])
@pytest.mark.parametrize("digits", [None, 2])
def test_the_chosen_threshold_automates_most(target: float, digits: int | None) -> None:
    predictions = random_predictions(900, digits=digits)
    best: tuple[int, float | None] = (0, None)
    for threshold in set(predictions.confidence.tolist()):
        automated_mask = predictions.confidence >= threshold
        if predictions.is_correct[automated_mask].mean() >= target and automated_mask.sum() > best[0]:
            best = (int(automated_mask.sum()), threshold)
    assert feasibility.choose_threshold_for_target(predictions.risk_coverage_curve, target, guaranteed=False) == best[1]


def test_reaching_the_target_exactly_counts() -> None:
    predictions = CalibratedPredictions(np.zeros(10, int), np.array([0] * 9 + [1]), np.linspace(1, 0.5, 10))
    assert feasibility.choose_threshold_for_target(predictions.risk_coverage_curve, 0.9, guaranteed=False) == 0.5


def test_garments_that_are_never_automated_stay_out_of_the_curve() -> None:
    predictions = random_predictions(50)
    confidence = predictions.confidence.copy()
    confidence[:20] = NEVER_AUTOMATED_CONFIDENCE
    curve = CalibratedPredictions(predictions.labels, predictions.predicted, confidence).risk_coverage_curve
    assert curve.n_automated[-1] == 30
    assert curve.coverage[-1] == pytest.approx(0.6)
    none = CalibratedPredictions(predictions.labels, predictions.predicted, np.full(50, NEVER_AUTOMATED_CONFIDENCE))
    none_curve = none.risk_coverage_curve
    assert feasibility.choose_threshold_for_target(none_curve, 0.9, guaranteed=False) is None
    assert feasibility.choose_threshold_for_target(none_curve, 0.9, guaranteed=True) is None


def test_a_downsampled_curve_keeps_its_points_and_ends() -> None:
    curve = random_predictions(5000).risk_coverage_curve
    thin = curve.downsample(100)
    assert len(thin.threshold) <= 100
    at = np.searchsorted(curve.n_automated, thin.n_automated)
    assert curve.n_wrong[at].tolist() == thin.n_wrong.tolist()
    assert (thin.n_automated[0], thin.n_automated[-1]) == (curve.n_automated[0], curve.n_automated[-1])


@pytest.mark.slow
def test_a_guaranteed_target_is_rarely_missed_and_a_plain_one_often() -> None:
    rng = np.random.default_rng(11)
    truth = random_predictions(400_000, rng)  # what the error of a threshold really is
    misses = {True: 0, False: 0}
    predictions = 0
    for _ in range(200):
        curve = random_predictions(1500, rng).risk_coverage_curve
        for guaranteed in misses:
            threshold = feasibility.choose_threshold_for_target(curve, 0.97, guaranteed=guaranteed)
            if threshold is not None:
                predictions += guaranteed
                misses[guaranteed] += truth.is_correct[truth.confidence >= threshold].mean() < 0.97
    assert predictions > 150  # it is of use
    assert misses[True] <= 200 * 0.05 + 3 * math.sqrt(200 * 0.05 * 0.95)
    assert misses[False] > 40


def test_a_guaranteed_threshold_meets_the_bound_and_the_next_step_does_not() -> None:
    predictions = random_predictions(5000)
    threshold = feasibility.choose_threshold_for_target(predictions.risk_coverage_curve, 0.97, guaranteed=True)
    assert threshold is not None
    level = (1 - feasibility.TARGET_GUARANTEE_PROBABILITY) / len(feasibility.GUARANTEE_TEST_START_COVERAGES)

    def bound(automated: int) -> float:
        wrong = int((~predictions.is_correct[np.argsort(-predictions.confidence)[:automated]]).sum())
        return float(beta.ppf(1 - level, wrong + 1, automated - wrong))

    automated = feasibility.operating_point(predictions, threshold).n_automated
    assert bound(automated) <= 0.03 < bound(automated + 50)


@pytest.mark.parametrize("target", [0.8, 0.95, 0.99])
def test_the_smallest_calibration_size_suffices_and_one_less_does_not(target: float) -> None:
    def without_a_mistake(n: int) -> CalibratedPredictions:
        return CalibratedPredictions(np.zeros(n, int), np.zeros(n, int), np.linspace(1, 0.5, n))

    n = feasibility.min_calibration_size(target)
    assert (
        feasibility.choose_threshold_for_target(without_a_mistake(n).risk_coverage_curve, target, guaranteed=True)
        is not None
    )
    assert (
        feasibility.choose_threshold_for_target(without_a_mistake(n - 1).risk_coverage_curve, target, guaranteed=True)
        is None
    )


def test_an_operating_point_has_wilson_intervals() -> None:
    predictions = random_predictions(2000)
    point = feasibility.operating_point(predictions, 0.8)
    automated_mask = predictions.confidence >= 0.8
    assert point.coverage == automated_mask.mean()
    assert point.selective_accuracy == pytest.approx(predictions.is_correct[automated_mask].mean())
    assert point.coverage_interval == metrics.wilson_interval(int(automated_mask.sum()), 2000)
    assert point.selective_accuracy_interval == metrics.wilson_interval(
        int(predictions.is_correct[automated_mask].sum()), int(automated_mask.sum())
    )
    assert math.isnan(feasibility.operating_point(predictions, 2.0).selective_accuracy)


def test_the_threshold_comes_from_validation_alone() -> None:
    on_validation, test = shipped_predictions("mlp")
    shuffled = Predictions(test.probabilities, np.random.default_rng(0).permutation(test.labels))
    first, other = (
        feasibility.assess_automation(on_validation, scored, 0.95, title="MLP") for scored in (test, shuffled)
    )
    assert first.threshold == other.threshold
    assert first.temperature == other.temperature
    assert first.test != other.test


@pytest.mark.parametrize("run_id", ZOO)
def test_a_shipped_assessment_agrees_with_direct_counts(run_id: str) -> None:
    on_validation, test = shipped_predictions(run_id)
    for guaranteed in (False, True):
        predictions = feasibility.assess_automation(on_validation, test, 0.95, guaranteed=guaranteed, title="It")
        if predictions.threshold is None:
            assert predictions.test is None
            continue
        z = np.log(np.maximum(test.probabilities.astype(np.float64), 1e-7)) / predictions.temperature
        z = np.sort(z, axis=1)
        confidence = 1 / (1 + np.exp(z[:, -2] - z[:, -1]))  # the most probable class against the second
        automated_mask = confidence >= predictions.threshold
        assert predictions.test is not None
        assert abs(predictions.test.n_automated - int(automated_mask.sum())) <= 2  # float32 against float64
        right = (test.probabilities.argmax(axis=1) == test.labels)[automated_mask].mean()
        assert predictions.test.selective_accuracy == pytest.approx(right, abs=1e-3)


@pytest.mark.parametrize("run_id", ZOO)
def test_shipped_validation_predictions_belong_to_the_shipped_weights(run_id: str) -> None:
    runs = RunStore()
    run = runs.get(run_id)
    on_validation = store.load_shipped_result(
        validation.validation_computation(run)
    )  # fails when the weights have changed since
    assert on_validation["probabilities"].shape == (5000, 10)
    assert np.bincount(on_validation["labels"]).tolist() == [500] * 10
    assert run.record is not None
    if run.record.model != "kmeans" and not run.record.config.start_from:
        accuracy = (on_validation["probabilities"].argmax(axis=1) == on_validation["labels"]).mean()
        history = runs.load_history(run).set_index("epoch")["val_accuracy"]
        # the history knows no early exit, and the improved CNN's was written when every image was looked at twice
        assert accuracy == pytest.approx(history[run.record.best_epoch], abs=4e-3)


def test_nothing_superfluous_is_shipped() -> None:
    there = {path.name for path in store.SHIPPED_FOLDER.glob("validation-*.npz")}
    assert there == {
        f"{validation.validation_computation(RunStore().get(run_id)).key(fashion_mnist.FASHION_MNIST_FINGERPRINT)}.npz"
        for run_id in ZOO
    }


def test_building_removes_only_results_of_earlier_weights(tmp_path) -> None:
    now = validation.validation_computation(RunStore().get("mlp"))
    names = [f"{now.key('f' * 16)}.npz", "validation-0000000000000000.npz", "facts-0000000000000000.npz"]
    for name in names:
        (tmp_path / name).write_bytes(b"")
    build.remove_outdated_results([now], "f" * 16, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {names[0], names[2]}


def test_validation_predictions_are_those_of_the_model() -> None:
    data, runs = ToyDataset(120), RunStore()
    computation = validation.validation_computation(runs.get("mlp"))
    shares: list[float] = []
    arrays = computation.compute(data, lambda share, doing: shares.append(share))
    split = data.split("validation")
    direct = runs.load_classifier(runs.get("mlp")).predict_proba(split.images)
    np.testing.assert_allclose(arrays["probabilities"].astype(np.float32), direct, atol=1e-3)
    assert arrays["labels"].tolist() == split.labels.tolist()
    assert shares[-1] == 1


@pytest.mark.parametrize("target", [0.0, 1.0, -1.0, 1.5, math.nan])
def test_an_impossible_target_is_rejected(target: float) -> None:
    with pytest.raises(ConfigError, match="choose one above 0% and below 100%"):
        feasibility.choose_threshold_for_target(random_predictions(20).risk_coverage_curve, target, guaranteed=True)


def test_the_missing_pictures_are_counted() -> None:
    needed = feasibility.pictures_needed(500, 290, 0.99)
    assert (needed.validation, needed.test) == (feasibility.min_calibration_size(0.99) - 500, 9)  # 0.99**299 < 0.05
    assert not feasibility.pictures_needed(1000, 1000, 0.99)
    assert feasibility.pictures_needed(10, 299, 0.99, guaranteed=False) == feasibility.PicturesNeeded(0, 0)


def test_a_lower_target_needs_fewer_pictures() -> None:
    targets = (0.8, 0.9, 0.95, 0.99)
    highest = feasibility.highest_target_with_enough_pictures
    assert highest(60, 40, targets, guaranteed=True) == 0.9  # 51 to choose the threshold, 29 to show that it holds
    assert highest(60, 28, targets, guaranteed=True) == 0.8
    assert highest(5000, 10_000, targets, guaranteed=True) == 0.99
    assert highest(3, 3, targets, guaranteed=False) is None
