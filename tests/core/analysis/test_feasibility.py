"""Thresholds against direct computations, and what an assured target is worth, by simulation."""

import math

import numpy as np
import pytest
from scipy.stats import beta

from fashion_core.analysis import feasibility, metrics
from fashion_core.analysis.feasibility import NEVER_AUTOMATED, CalibratedPredictions
from fashion_core.analysis.predictions import Predictions
from fashion_core.computed import build, store, validation
from fashion_core.data import fashion_mnist
from fashion_core.errors import ConfigError
from fashion_core.runs.store import RunStore
from tests.core.datasets import ToyDataset

RNG = np.random.default_rng(4)
ZOO = [run.id for run in RunStore().entries() if run.origin == "zoo"]


def drawn(n: int, rng: np.random.Generator = RNG, *, digits: int | None = None) -> CalibratedPredictions:
    """Answers that are right as often as their confidence says; rounded to ``digits`` where ties are wanted."""
    confidence = 1 - rng.beta(0.4, 3, n)
    right = rng.random(n) < confidence
    labels = rng.integers(0, 10, n)
    predicted = np.where(right, labels, (labels + 1) % 10)
    return CalibratedPredictions(labels, predicted, confidence if digits is None else confidence.round(digits))


def of_zoo(run_id: str) -> tuple[Predictions, Predictions]:
    runs = RunStore()
    kept = validation.load_validation_predictions(runs.get(run_id))
    assert kept is not None
    return kept, runs.load_predictions(runs.get(run_id))


@pytest.mark.parametrize("digits", [None, 2, 1])
def test_the_curve_is_the_one_counted_threshold_by_threshold(digits: int | None) -> None:
    found = drawn(700, digits=digits)
    curve = feasibility.risk_coverage_curve(found)
    assert curve.threshold.tolist() == sorted(set(found.confidence.tolist()), reverse=True)
    for threshold, automated, wrong in zip(curve.threshold, curve.n_automated, curve.n_wrong, strict=True):
        taken = found.confidence >= threshold
        assert automated == taken.sum()
        assert wrong == (taken & (found.labels != found.predicted)).sum()
    assert curve.coverage[-1] == 1


@pytest.mark.parametrize("target", [0.5, 0.9, 0.95, 0.99, 0.999])
@pytest.mark.parametrize("digits", [None, 2])
def test_the_chosen_threshold_automates_most_of_all_that_reach_the_target(target: float, digits: int | None) -> None:
    found = drawn(900, digits=digits)
    best: tuple[int, float | None] = (0, None)
    for threshold in set(found.confidence.tolist()):
        taken = found.confidence >= threshold
        if found.is_correct[taken].mean() >= target and taken.sum() > best[0]:
            best = (int(taken.sum()), threshold)
    assert feasibility.choose_threshold(feasibility.risk_coverage_curve(found), target, guaranteed=False) == best[1]


def test_exactly_the_target_is_enough() -> None:
    found = CalibratedPredictions(np.zeros(10, int), np.array([0] * 9 + [1]), np.linspace(1, 0.5, 10))
    assert feasibility.choose_threshold(feasibility.risk_coverage_curve(found), 0.9, guaranteed=False) == 0.5


def test_what_can_never_be_automated_is_not() -> None:
    found = drawn(50)
    confidence = found.confidence.copy()
    confidence[:20] = NEVER_AUTOMATED
    curve = feasibility.risk_coverage_curve(CalibratedPredictions(found.labels, found.predicted, confidence))
    assert curve.n_automated[-1] == 30
    assert curve.coverage[-1] == pytest.approx(0.6)
    none = feasibility.risk_coverage_curve(
        CalibratedPredictions(found.labels, found.predicted, np.full(50, NEVER_AUTOMATED))
    )
    assert feasibility.choose_threshold(none, 0.9, guaranteed=False) is None
    assert feasibility.choose_threshold(none, 0.9, guaranteed=True) is None


def test_a_thinned_curve_lies_on_the_whole_one_and_keeps_its_ends() -> None:
    curve = feasibility.risk_coverage_curve(drawn(5000))
    thin = curve.downsample(100)
    assert len(thin.threshold) <= 100
    at = np.searchsorted(curve.n_automated, thin.n_automated)
    assert curve.n_wrong[at].tolist() == thin.n_wrong.tolist()
    assert (thin.n_automated[0], thin.n_automated[-1]) == (curve.n_automated[0], curve.n_automated[-1])


def test_an_assured_target_is_missed_as_seldom_as_promised_and_a_plain_one_often() -> None:
    rng = np.random.default_rng(11)
    truth = drawn(400_000, rng)  # what the error of a threshold really is
    misses = {True: 0, False: 0}
    found = 0
    for _ in range(200):
        curve = feasibility.risk_coverage_curve(drawn(1500, rng))
        for assured in misses:
            threshold = feasibility.choose_threshold(curve, 0.97, guaranteed=assured)
            if threshold is not None:
                found += assured
                misses[assured] += truth.is_correct[truth.confidence >= threshold].mean() < 0.97
    assert found > 150  # it is of use
    assert misses[True] <= 200 * 0.05 + 3 * math.sqrt(200 * 0.05 * 0.95)
    assert misses[False] > 40


def test_an_assured_threshold_meets_the_bound_and_the_next_step_does_not() -> None:
    found = drawn(5000)
    threshold = feasibility.choose_threshold(feasibility.risk_coverage_curve(found), 0.97, guaranteed=True)
    assert threshold is not None
    level = (1 - feasibility.GUARANTEE_LEVEL) / len(feasibility.START_COVERAGES)

    def bound(automated: int) -> float:
        wrong = int((~found.is_correct[np.argsort(-found.confidence)[:automated]]).sum())
        return float(beta.ppf(1 - level, wrong + 1, automated - wrong))

    automated = feasibility.operating_point(found, threshold).n_automated
    assert bound(automated) <= 0.03 < bound(automated + 50)


@pytest.mark.parametrize("target", [0.8, 0.95, 0.99])
def test_so_many_garments_are_enough_and_one_less_is_not(target: float) -> None:
    def without_a_mistake(n: int) -> CalibratedPredictions:
        return CalibratedPredictions(np.zeros(n, int), np.zeros(n, int), np.linspace(1, 0.5, n))

    n = feasibility.min_calibration_size(target)
    assert (
        feasibility.choose_threshold(feasibility.risk_coverage_curve(without_a_mistake(n)), target, guaranteed=True)
        is not None
    )
    assert (
        feasibility.choose_threshold(feasibility.risk_coverage_curve(without_a_mistake(n - 1)), target, guaranteed=True)
        is None
    )


def test_a_point_is_wilson_s_interval_of_what_is_counted() -> None:
    found = drawn(2000)
    point = feasibility.operating_point(found, 0.8)
    taken = found.confidence >= 0.8
    assert point.coverage == taken.mean()
    assert point.selective_accuracy == pytest.approx(found.is_correct[taken].mean())
    assert point.coverage_interval == metrics.wilson_interval(int(taken.sum()), 2000)
    assert point.selective_accuracy_interval == metrics.wilson_interval(
        int(found.is_correct[taken].sum()), int(taken.sum())
    )
    assert math.isnan(feasibility.operating_point(found, 2.0).selective_accuracy)


def test_the_threshold_comes_from_validation_alone() -> None:
    kept, test = of_zoo("mlp")
    shuffled = Predictions(test.probabilities, np.random.default_rng(0).permutation(test.labels))
    told, other = (feasibility.assess_automation(kept, scored, 0.95, title="MLP") for scored in (test, shuffled))
    assert told.threshold == other.threshold
    assert told.temperature == other.temperature
    assert told.test != other.test


@pytest.mark.parametrize("run_id", ZOO)
def test_the_shipped_assessment_is_the_direct_count_on_test(run_id: str) -> None:
    kept, test = of_zoo(run_id)
    for assured in (False, True):
        found = feasibility.assess_automation(kept, test, 0.95, guaranteed=assured, title="It")
        if found.threshold is None:
            assert found.sentence.startswith("It can take over nothing at 95.0% correct")
            continue
        z = np.log(np.maximum(test.probabilities.astype(np.float64), 1e-7)) / found.temperature
        confidence = (np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)).max(axis=1)
        taken = confidence >= found.threshold
        assert found.test is not None
        assert abs(found.test.n_automated - int(taken.sum())) <= 2  # float32 against float64
        right = (test.probabilities.argmax(axis=1) == test.labels)[taken].mean()
        assert found.test.selective_accuracy == pytest.approx(right, abs=1e-3)
        assert f"{found.test.coverage:.1%} of the garments need no person" in found.sentence
        assert f"on test, {found.test.selective_accuracy:.1%} of those are right" in found.sentence


@pytest.mark.parametrize("run_id", ZOO)
def test_the_shipped_validation_answers_are_of_the_shipped_weights(run_id: str) -> None:
    runs = RunStore()
    run = runs.get(run_id)
    kept = store.load_shipped_result(
        validation.validation_computation(run)
    )  # fails when the weights have changed since
    assert kept["probabilities"].shape == (5000, 10)
    assert np.bincount(kept["labels"]).tolist() == [500] * 10
    assert run.record is not None
    if run.record.model != "kmeans" and not run.record.config.start_from:
        accuracy = (kept["probabilities"].argmax(axis=1) == kept["labels"]).mean()
        history = runs.load_history(run).set_index("epoch")["val_accuracy"]
        # the history knows no early exit, and the improved CNN's was written when every image was looked at twice
        assert accuracy == pytest.approx(history[run.record.best_epoch], abs=4e-3)


def test_nothing_is_shipped_that_no_run_asks_for() -> None:
    there = {path.name for path in store.SHIPPED_FOLDER.glob("validation-*.npz")}
    assert there == {
        f"{validation.validation_computation(RunStore().get(run_id)).key(fashion_mnist.FASHION_MNIST_FINGERPRINT)}.npz"
        for run_id in ZOO
    }


def test_building_removes_the_results_of_earlier_weights_alone(tmp_path) -> None:
    now = validation.validation_computation(RunStore().get("mlp"))
    names = [f"{now.key('f' * 16)}.npz", "validation-0000000000000000.npz", "facts-0000000000000000.npz"]
    for name in names:
        (tmp_path / name).write_bytes(b"")
    build.remove_outdated_results([now], "f" * 16, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {names[0], names[2]}


def test_validation_answers_are_the_model_s_on_the_validation_images() -> None:
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
def test_an_impossible_target_is_refused_in_a_sentence(target: float) -> None:
    with pytest.raises(ConfigError, match="choose one above 0% and below 100%"):
        feasibility.choose_threshold(feasibility.risk_coverage_curve(drawn(20)), target, guaranteed=True)


def test_halves_hold_as_much_of_each_class_and_not_the_same_for_each_seed() -> None:
    labels = np.repeat(np.arange(10), 7)
    first = feasibility.stratified_half_mask(labels)
    assert set(np.bincount(labels[first], minlength=10)) == {3, 4}
    assert first.tolist() == feasibility.stratified_half_mask(labels).tolist()
    assert first.tolist() != feasibility.stratified_half_mask(labels, seed=1).tolist()
