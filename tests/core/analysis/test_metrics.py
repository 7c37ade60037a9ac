import numpy as np
import pytest
from sklearn.metrics import accuracy_score, confusion_matrix, precision_recall_fscore_support
from statsmodels.stats.proportion import proportion_confint

from fashion_core.analysis.metrics import classification_metrics, wilson_interval

RNG = np.random.default_rng(1)


@pytest.mark.parametrize("never_predicted", [(), (2,), (0, 6, 9)])
def test_every_metric_equals_scikit_learn(never_predicted: tuple[int, ...]) -> None:
    labels = RNG.integers(0, 10, 2000).astype(np.uint8)
    predicted = np.where(RNG.random(2000) < 0.7, labels, RNG.integers(0, 10, 2000))
    for c in never_predicted:
        predicted[predicted == c] = (c + 1) % 10 if (c + 1) % 10 not in never_predicted else 4
    result = classification_metrics(labels, predicted, 10)
    p, r, f, s = precision_recall_fscore_support(labels, predicted, labels=range(10), zero_division=0)
    np.testing.assert_allclose(result.precision, p, atol=1e-9)
    np.testing.assert_allclose(result.recall, r, atol=1e-9)
    np.testing.assert_allclose(result.f1, f, atol=1e-9)
    assert result.support.tolist() == s.tolist()
    assert result.accuracy == pytest.approx(accuracy_score(labels, predicted), abs=1e-12)
    assert result.macro_precision == pytest.approx(p.mean(), abs=1e-9)
    assert result.macro_recall == pytest.approx(r.mean(), abs=1e-9)
    assert result.macro_f1 == pytest.approx(f.mean(), abs=1e-9)
    assert result.confusion.tolist() == confusion_matrix(labels, predicted, labels=range(10)).tolist()
    assert result.never_predicted == never_predicted


def test_means_are_over_the_classes_that_occur_as_in_scikit_learn() -> None:
    labels, predicted = np.array([0, 0, 1, 1, 1, 3]), np.array([0, 5, 1, 0, 1, 1])
    result = classification_metrics(labels, predicted, 10)
    expected = precision_recall_fscore_support(labels, predicted, average="macro", zero_division=0)
    assert (result.macro_precision, result.macro_recall, result.macro_f1) == pytest.approx(expected[:3], abs=1e-12)
    assert result.never_predicted == (3,)


def test_metrics_of_no_image_are_zero() -> None:
    result = classification_metrics(np.zeros(0, int), np.zeros(0, int), 3)
    assert (result.accuracy, result.macro_f1, result.never_predicted) == (0, 0, ())


def test_labels_and_predictions_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="do not match"):
        classification_metrics(np.zeros(3, int), np.zeros(4, int), 10)


@pytest.mark.parametrize(("successes", "n"), [(0, 10), (3, 10), (9480, 10000), (10, 10)])
def test_the_interval_is_the_wilson_score_interval(successes: int, n: int) -> None:
    expected = proportion_confint(successes, n, method="wilson")
    assert wilson_interval(successes, n) == pytest.approx(expected, abs=1e-9)


def test_an_interval_needs_an_observation() -> None:
    with pytest.raises(ValueError, match="at least one"):
        wilson_interval(0, 0)
