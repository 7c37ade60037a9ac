"""Class sets beside the definition of split conformal prediction."""

import numpy as np
import pytest

from fashion_core.analysis.class_sets import calibrate_class_sets, score_class_sets
from fashion_core.analysis.predictions import Predictions


def random_predictions(n: int, n_classes: int, seed: int) -> Predictions:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, n_classes, n).astype(np.uint8)
    logits = rng.normal(size=(n, n_classes))
    logits[np.arange(n), labels] += 2
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return Predictions(probabilities.astype(np.float32), labels)


@pytest.mark.parametrize("coverage", [0.9, 0.95, 0.99])
def test_each_true_class_is_covered_as_promised(coverage: float) -> None:
    covered = [
        score_class_sets(
            calibrate_class_sets(random_predictions(1200, 3, seed), coverage), random_predictions(3000, 3, seed + 500)
        ).coverage
        for seed in range(30)
    ]
    mean = np.mean(covered, axis=0)
    assert (mean > coverage - 0.005).all()
    assert (mean < coverage + 0.02).all()


def test_the_quantile_is_that_of_the_definition() -> None:
    validation = random_predictions(400, 2, 1)
    sets = calibrate_class_sets(validation, 0.9)
    for label in (0, 1):
        scores = 1 - validation.probabilities[validation.labels == label, label].astype(np.float64)
        rank = int(np.ceil((len(scores) + 1) * 0.9))
        assert 1 - sets.min_probability[label] == pytest.approx(np.sort(scores)[rank - 1])


def test_too_few_garments_of_a_class_put_it_into_every_set_and_say_how_many_are_missing() -> None:
    predictions = random_predictions(2000, 3, 2)
    few = predictions.select(
        np.append(np.flatnonzero(predictions.labels != 2), np.flatnonzero(predictions.labels == 2)[:40])
    )
    sets = calibrate_class_sets(few, 0.99)
    assert sets.n_missing.tolist() == [0, 0, 59]  # 99 have a 99 % quantile
    assert sets.contains(predictions.probabilities)[:, 2].all()
    enough = few.select(np.append(np.arange(len(few.labels)), np.flatnonzero(few.labels == 2)[:1].repeat(59)))
    assert calibrate_class_sets(enough, 0.99).n_missing[2] == 0


def test_a_set_is_never_empty_and_sizes_add_up() -> None:
    predictions = random_predictions(500, 5, 3)
    sets = calibrate_class_sets(predictions, 0.5)
    assert sets.contains(predictions.probabilities).any(axis=1).all()
    scores = score_class_sets(sets, predictions)
    assert scores.sizes.sum() == 500
    assert scores.mean_size == pytest.approx(sets.contains(predictions.probabilities).sum(axis=1).mean())


def test_a_class_without_test_garments_does_not_count() -> None:
    predictions = random_predictions(600, 3, 4)
    scores = score_class_sets(
        calibrate_class_sets(predictions, 0.9), predictions.select(np.flatnonzero(predictions.labels != 1))
    )
    assert np.isnan(scores.coverage[1])
    assert 0.8 < scores.mean_coverage < 1
