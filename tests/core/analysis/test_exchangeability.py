"""Whether pictures are like those of a promise, and the new promise from a few labels."""

import numpy as np
import pytest
from scipy.stats import chi2_contingency

from fashion_core.analysis.exchangeability import (
    FALSE_ALARM_RATE,
    MIN_PICTURES,
    choose_pictures_to_label,
    compare_with_reference,
    promise_from_labels,
)
from fashion_core.analysis.feasibility import CalibratedPredictions


def random_predictions(n: int, seed: int, *, mix: tuple[float, ...] = (0.4, 0.3, 0.3), power: float = 0.2):
    rng = np.random.default_rng(seed)
    predicted = rng.choice(len(mix), n, p=mix)
    confidence = rng.random(n) ** power
    wrong = rng.random(n) < 0.5 * (1 - confidence)
    return CalibratedPredictions(np.where(wrong, (predicted + 1) % len(mix), predicted), predicted, confidence)


@pytest.mark.slow
def test_pictures_from_the_same_source_raise_few_false_alarms() -> None:
    alarms = 0
    for seed in range(200):
        result = compare_with_reference(random_predictions(2000, seed), random_predictions(60, 1000 + seed), 3)
        assert result is not None
        alarms += result.is_rejected
    assert 0 < alarms <= 16  # of 10 expected at most


def test_lower_confidence_and_another_mix_of_classes_are_noticed() -> None:
    reference = random_predictions(3000, 0)
    less_sure = compare_with_reference(reference, random_predictions(80, 1, power=0.6), 3)
    other_mix = compare_with_reference(reference, random_predictions(80, 1, mix=(0.1, 0.1, 0.8)), 3)
    assert less_sure is not None
    assert other_mix is not None
    assert less_sure.is_rejected
    assert less_sure.p_confidence < FALSE_ALARM_RATE < less_sure.p_classes
    assert other_mix.is_rejected
    assert other_mix.p_classes < FALSE_ALARM_RATE < other_mix.p_confidence


def test_the_permutation_test_agrees_with_the_asymptotic_one() -> None:
    reference, pictures = random_predictions(3000, 0), random_predictions(700, 5, mix=(0.36, 0.32, 0.32))
    result = compare_with_reference(reference, pictures, 3)
    table = [np.bincount(part.predicted, minlength=3) for part in (pictures, reference)]
    assert result is not None
    assert result.p_classes == pytest.approx(chi2_contingency(table).pvalue, abs=0.02)


def test_labels_are_not_read_and_few_pictures_show_nothing() -> None:
    reference, pictures = random_predictions(3000, 0), random_predictions(50, 1)
    without = CalibratedPredictions(np.full(50, -2), pictures.predicted, pictures.confidence)
    assert compare_with_reference(reference, pictures, 3) == compare_with_reference(reference, without, 3)
    few = random_predictions(MIN_PICTURES - 1, 2)
    assert compare_with_reference(reference, few, 3) is None


def test_a_class_that_nobody_predicts_is_no_problem() -> None:
    same = CalibratedPredictions(np.zeros(40, int), np.zeros(40, int), np.linspace(0, 1, 40))
    result = compare_with_reference(same, same, 200)
    assert result is not None
    assert result.p_value == 1


def test_those_to_label_are_drawn_from_the_more_confident_half() -> None:
    confidence = np.random.default_rng(0).random(500)
    chosen = choose_pictures_to_label(confidence)
    assert len(set(chosen.tolist())) == 60
    assert confidence[chosen].min() >= np.median(confidence)
    assert choose_pictures_to_label(confidence).tolist() == chosen.tolist()
    assert choose_pictures_to_label(confidence[:30]).tolist() == list(range(30))


def test_a_new_promise_reads_only_the_chosen_labels_and_holds() -> None:
    n_kept = 0
    for seed in range(60):
        pictures = random_predictions(600, seed)
        chosen = choose_pictures_to_label(pictures.confidence, seed=seed)
        promise = promise_from_labels(pictures, chosen, 0.9)
        hidden = CalibratedPredictions(
            np.where(np.isin(np.arange(600), chosen), pictures.labels, -2), pictures.predicted, pictures.confidence
        )
        assert promise_from_labels(hidden, chosen, 0.9).threshold == promise.threshold
        n_kept += promise.test is None or promise.test.selective_accuracy >= 0.9
    assert n_kept >= 55  # 95 % of 60 are 57
