"""How good a set of predictions is, by scikit-learn's definitions."""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np


@dataclass(frozen=True)
class ClassificationMetrics:
    """Metrics over ``n_images``, 0 to 1. Arrays are float64 [classes]; ``support`` is int64 [classes].

    ``confusion``: int64 [classes, classes], rows the true class, columns the predicted class. ``never_predicted``:
    classes with images that no image is predicted as; their precision counts as 0. Means are over the classes that
    occur in labels or predictions.
    """

    n_images: int
    accuracy: float
    macro_precision: float
    macro_recall: float
    macro_f1: float
    precision: np.ndarray
    recall: np.ndarray
    f1: np.ndarray
    support: np.ndarray
    never_predicted: tuple[int, ...]
    confusion: np.ndarray


def classification_metrics(labels: np.ndarray, predictions: np.ndarray, n_classes: int) -> ClassificationMetrics:
    """Score ``predictions`` int [n] against ``labels`` int [n]; raises ValueError if lengths differ."""
    if len(labels) != len(predictions):
        raise ValueError(f"{len(labels)} labels do not match {len(predictions)} predictions")
    confusion = cross_tabulate(labels, predictions, n_classes, n_classes)
    correct, support, n_predicted = np.diag(confusion), confusion.sum(axis=1), confusion.sum(axis=0)
    precision, recall, f1 = precision_recall_f1_from_counts(correct, support, n_predicted)
    n_occurrences = support + n_predicted
    macro_precision, macro_recall, macro_f1 = (
        float(macro_average(values, n_occurrences)) for values in (precision, recall, f1)
    )
    return ClassificationMetrics(
        n_images=len(labels),
        accuracy=float(correct.sum() / max(len(labels), 1)),
        macro_precision=macro_precision,
        macro_recall=macro_recall,
        macro_f1=macro_f1,
        precision=precision,
        recall=recall,
        f1=f1,
        support=support,
        never_predicted=tuple(np.flatnonzero((n_predicted == 0) & (support > 0)).tolist()),
        confusion=confusion,
    )


def cross_tabulate(rows: np.ndarray, columns: np.ndarray, n_rows: int, n_columns: int) -> np.ndarray:
    """How often each pair of values occurs, int64 [n_rows, n_columns]; ``rows`` and ``columns`` int [n]."""
    pairs = rows.astype(np.int64) * n_columns + columns
    return np.bincount(pairs, minlength=n_rows * n_columns).reshape(n_rows, n_columns)


def precision_recall_f1_from_counts(
    correct: np.ndarray, support: np.ndarray, n_predicted: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Precision, recall and F1 from counts by class, int [..., classes] each; 0 where a count is 0."""
    return (
        correct / np.maximum(n_predicted, 1),
        correct / np.maximum(support, 1),
        2 * correct / np.maximum(support + n_predicted, 1),
    )


def macro_average(values: np.ndarray, n_occurrences: np.ndarray) -> np.ndarray:
    """Mean of ``values`` float64 [..., classes] over the classes with ``n_occurrences`` int64 [..., classes] above 0.

    A class that doesn't occur has to have the value 0. The mean of no class is 0.
    """
    mean: np.ndarray = values.sum(axis=-1) / np.maximum((n_occurrences > 0).sum(axis=-1), 1)
    return mean


def wilson_interval(successes: int, n: int) -> tuple[float, float]:
    """95 % Wilson score interval of a proportion (E. B. Wilson, JASA 22, 1927); raises ValueError if ``n`` is 0."""
    if n <= 0:
        raise ValueError("an interval needs at least one observation")
    p, z = successes / n, NormalDist().inv_cdf(0.975)
    centre = p + z**2 / (2 * n)
    half_width = z * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return max(0.0, (centre - half_width) / (1 + z**2 / n)), min(1.0, (centre + half_width) / (1 + z**2 / n))
