"""How good a set of predictions is; scikit-learn's definitions."""

from dataclasses import dataclass

import numpy as np

from fashion_core.data.classes import N_CLASSES


@dataclass(frozen=True)
class ClassificationMetrics:
    """Figures over ``n`` images. Shares are 0 to 1; arrays are float64 [10] by class, ``support`` int64 [10].

    ``confusion``: int64 [10, 10], rows the true class, columns the predicted one. ``never_predicted``: classes that
    no image was taken for; their precision counts as 0.
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


def classification_metrics(labels: np.ndarray, predictions: np.ndarray) -> ClassificationMetrics:
    """Score ``predicted`` int [n] against ``labels`` int [n], both 0 to 9; raises ValueError when lengths differ."""
    if len(labels) != len(predictions):
        raise ValueError(f"{len(labels)} labels do not match {len(predictions)} predictions")
    pairs = labels.astype(np.int64) * N_CLASSES + predictions.astype(np.int64)
    confusion = np.bincount(pairs, minlength=N_CLASSES**2).reshape(N_CLASSES, N_CLASSES)
    right = np.diag(confusion)
    support, answered = confusion.sum(axis=1), confusion.sum(axis=0)
    precision = right / np.maximum(answered, 1)
    recall = right / np.maximum(support, 1)
    f1 = 2 * right / np.maximum(support + answered, 1)
    return ClassificationMetrics(
        n_images=len(labels),
        accuracy=float(right.sum() / max(len(labels), 1)),
        macro_precision=float(precision.mean()),
        macro_recall=float(recall.mean()),
        macro_f1=float(f1.mean()),
        precision=precision,
        recall=recall,
        f1=f1,
        support=support,
        never_predicted=tuple(int(c) for c in np.flatnonzero(answered == 0)),
        confusion=confusion,
    )


def wilson_interval(successes: int, n: int, z: float = 1.959964) -> tuple[float, float]:
    """Wilson score interval of a share, 95 % at the default ``z`` (E. B. Wilson, JASA 22, 1927)."""
    if n <= 0:
        raise ValueError("an interval needs at least one observation")
    p = successes / n
    centre = p + z * z / (2 * n)
    reach = z * (p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5
    return (centre - reach) / (1 + z * z / n), (centre + reach) / (1 + z * z / n)
