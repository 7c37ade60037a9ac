"""Suspected label errors."""

import numpy as np
import pytest

from benchmarks.label_errors import measure_found_fractions
from fashion_core.analysis.label_errors import count_label_errors, find_suspected_label_errors
from fashion_core.computed.validation import load_validation_predictions
from fashion_core.runs.store import RunStore


def random_case(n: int, n_classes: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Labels, and probabilities that mostly agree with them."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, n_classes, n)
    logits = rng.normal(size=(n, n_classes))
    logits[np.arange(n), labels] += 1
    odds = np.exp(logits)
    return labels, odds / odds.sum(axis=1, keepdims=True)


def count_one_by_one(labels: np.ndarray, probabilities: np.ndarray) -> int:
    """Confident learning as in the paper, an image and a class at a time."""
    classes = range(probabilities.shape[1])
    mean = {c: np.mean([p[c] for p, label in zip(probabilities, labels, strict=True) if label == c]) for c in classes}
    n = 0
    for p, label in zip(probabilities, labels, strict=True):
        confident = [c for c in classes if p[c] >= mean[c]]
        n += bool(confident) and max(confident, key=lambda c: p[c]) != label and p[label] < max(p)
    return n


@pytest.mark.parametrize(("n", "n_classes"), [(30, 2), (400, 10), (2000, 200)])
def test_the_list_is_that_of_a_simple_implementation(n: int, n_classes: int) -> None:
    labels, probabilities = random_case(n, n_classes, seed=n)
    errors = find_suspected_label_errors(labels, probabilities)
    doubted = [i for i in range(n) if probabilities[i].argmax() != labels[i]]
    ranked = sorted(doubted, key=lambda i: probabilities[i, labels[i]])
    expected = ranked[: count_one_by_one(labels, probabilities)]
    assert 0 < len(errors) == len(expected)
    assert errors.indices.tolist() == expected
    assert errors.suggested.tolist() == [int(probabilities[i].argmax()) for i in expected]
    np.testing.assert_array_equal(errors.label_probabilities, [probabilities[i, labels[i]] for i in expected])


@pytest.mark.parametrize("run_id", ["improved_cnn", "mlp"])
def test_the_count_is_right_on_fashion_mnist(run_id: str) -> None:
    predictions = RunStore().load_predictions(RunStore().get(run_id))
    probabilities = predictions.probabilities.astype(np.float64)
    # the numbers that cleanlab 2.9.0 finds, filter_by="low_self_confidence"
    assert count_label_errors(predictions.labels, probabilities) == {"improved_cnn": 121, "mlp": 309}[run_id]
    assert count_one_by_one(predictions.labels, probabilities) == count_label_errors(predictions.labels, probabilities)


def test_most_flipped_labels_are_found_first() -> None:
    predictions = load_validation_predictions(RunStore().get("improved_cnn"))
    assert predictions is not None
    any_class = np.zeros((10, 10))
    found = np.array([measure_found_fractions(predictions, any_class, seed) for seed in range(5)])
    assert (found >= [0.75, 0.90]).all()


def test_a_class_without_images_is_never_confident() -> None:
    labels, probabilities = np.zeros(30, int), np.tile([0.1, 0.9], (30, 1))
    assert len(find_suspected_label_errors(labels, probabilities)) == 0
    labels[0] = 1  # now 0.9 is what an image labelled so has, and all others are like it
    assert len(find_suspected_label_errors(labels, probabilities)) == 29


def test_an_image_is_not_suspected_when_its_label_is_most_probable() -> None:
    labels, probabilities = random_case(300, 5, seed=1)
    labels = probabilities.argmax(axis=1)
    assert len(find_suspected_label_errors(labels, probabilities)) == 0


def test_no_images_have_no_label_errors() -> None:
    assert len(find_suspected_label_errors(np.zeros(0, np.uint8), np.zeros((0, 10), np.float32))) == 0


def test_of_equally_improbable_labels_the_surer_suggestion_comes_first() -> None:
    probabilities = np.array([[0.0, 0.6, 0.4], [0.0, 0.9, 0.1], [0.9, 0.1, 0.0], [0.1, 0.5, 0.4], [0.1, 0.2, 0.7]])
    errors = find_suspected_label_errors(np.array([0, 0, 0, 1, 2]), probabilities)
    assert errors.indices.tolist() == [1, 0]
