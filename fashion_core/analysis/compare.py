"""Two runs on the same images: how much better one is, whether the difference is significant, and where they differ."""

import dataclasses
from dataclasses import dataclass

import numpy as np

from fashion_core.analysis import metrics

N_BOOTSTRAP_RESAMPLES = 2000
INTERVAL_CONFIDENCE_LEVEL = 0.95
COMPARED_METRICS = ("accuracy", "macro_precision", "macro_recall", "macro_f1")


@dataclass(frozen=True)
class ConfidenceInterval:
    """An estimate, 0 to 1 (a difference: -1 to 1), and its bootstrap interval."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True)
class PairedBootstrapResult:
    """Percentile intervals of ``COMPARED_METRICS`` by name, for run A, for run B, and for B minus A."""

    a: dict[str, ConfidenceInterval]
    b: dict[str, ConfidenceInterval]
    difference: dict[str, ConfidenceInterval]
    n_images: int
    n_resamples: int
    seed: int


@dataclass(frozen=True)
class McNemarResult:
    """``n_fixed``: images that only B predicts correctly; ``n_new_mistakes``: images that only A does.

    ``p_value`` of the exact two-sided test that both are equally likely; ``adjusted_p_value`` after Holm's correction
    where several classes are tested at once.
    """

    n_fixed: int
    n_new_mistakes: int
    p_value: float
    adjusted_p_value: float

    @property
    def is_significant(self) -> bool:
        """Whether the adjusted p-value is below 5 %."""
        return self.adjusted_p_value < 1 - INTERVAL_CONFIDENCE_LEVEL


def paired_bootstrap(
    labels: np.ndarray,
    predictions_a: np.ndarray,
    predictions_b: np.ndarray,
    *,
    n_classes: int,
    n_resamples: int = N_BOOTSTRAP_RESAMPLES,
    seed: int = 0,
) -> PairedBootstrapResult:
    """Resample the images; ``labels`` and the predicted classes of both runs are int [n].

    Images with the same label and predictions are interchangeable, so one multinomial draw of their counts is one
    resample. Percentile method of B. Efron and R. Tibshirani, "An Introduction to the Bootstrap" (1993).
    """
    n = len(labels)
    triples = (labels.astype(np.int64), predictions_a, predictions_b)
    shape = (n_classes,) * 3
    cells, counts = np.unique(np.ravel_multi_index(triples, shape), return_counts=True)
    resamples = np.random.default_rng(seed).multinomial(n, counts / n, size=n_resamples)  # [n_resamples, cells]
    resamples = np.concatenate([counts[None], resamples]).astype(np.float64)  # the first row is the observed data
    label, cell_a, cell_b = np.unravel_index(cells, shape)
    a = _score_resamples(resamples, label, cell_a, n_classes)
    b = a if predictions_a is predictions_b else _score_resamples(resamples, label, cell_b, n_classes)
    return PairedBootstrapResult(
        {name: _interval(values) for name, values in a.items()},
        {name: _interval(values) for name, values in b.items()},
        {name: _interval(b[name] - a[name]) for name in COMPARED_METRICS},
        n,
        n_resamples,
        seed,
    )


def _score_resamples(
    resamples: np.ndarray, label: np.ndarray, predicted: np.ndarray, n_classes: int
) -> dict[str, np.ndarray]:
    """``COMPARED_METRICS`` of each resample, float64 [n_resamples]; ``resamples`` float64 [n_resamples, cells]."""
    is_class = (label[:, None] == np.arange(n_classes)).astype(np.float64)  # [cells, classes]
    support = resamples @ is_class  # [n_resamples, classes]
    correct = resamples @ (is_class * (label == predicted)[:, None])
    n_predicted = resamples @ (predicted[:, None] == np.arange(n_classes)).astype(np.float64)
    by_class = metrics.precision_recall_f1_from_counts(correct, support, n_predicted)
    means = (metrics.macro_average(values, support + n_predicted) for values in by_class)
    values = (correct.sum(axis=1) / support.sum(axis=1), *means)
    return dict(zip(COMPARED_METRICS, values, strict=True))


def _interval(values: np.ndarray) -> ConfidenceInterval:
    """From a metric of the observed data, followed by that of each resample."""
    return percentile_interval(float(values[0]), values[1:])


def percentile_interval(estimate: float, draws: np.ndarray) -> ConfidenceInterval:
    """``estimate`` with the 95 % percentile interval of ``draws`` float64 [n]."""
    low, high = np.quantile(draws, ((1 - INTERVAL_CONFIDENCE_LEVEL) / 2, (1 + INTERVAL_CONFIDENCE_LEVEL) / 2))
    return ConfidenceInterval(estimate, float(low), float(high))


def mcnemar_test(correct_a: np.ndarray, correct_b: np.ndarray) -> McNemarResult:
    """McNemar's exact test (Q. McNemar, Psychometrika 12, 1947); ``correct_a`` and ``correct_b`` bool [n]."""
    from scipy.special import bdtr

    n_fixed, n_new_mistakes = int((correct_b & ~correct_a).sum()), int((correct_a & ~correct_b).sum())
    n = n_fixed + n_new_mistakes
    p_value = min(1.0, 2 * float(bdtr(min(n_fixed, n_new_mistakes), n, 0.5)))
    return McNemarResult(n_fixed, n_new_mistakes, p_value, p_value)


def holm_corrected_mcnemar_by_class(
    labels: np.ndarray, correct_a: np.ndarray, correct_b: np.ndarray, n_classes: int
) -> list[McNemarResult]:
    """The test in each class, with Holm's correction over the classes."""
    tests = [mcnemar_test(correct_a[labels == c], correct_b[labels == c]) for c in range(n_classes)]
    adjusted = holm_adjust_p_values(np.array([test.p_value for test in tests]))
    return [dataclasses.replace(test, adjusted_p_value=float(p)) for test, p in zip(tests, adjusted, strict=True)]


def holm_adjust_p_values(p_values: np.ndarray) -> np.ndarray:
    """Step-down adjustment of float64 [m] (S. Holm, Scandinavian Journal of Statistics 6, 1979)."""
    order = np.argsort(p_values, kind="stable")
    adjusted = np.empty_like(p_values)
    adjusted[order] = np.minimum(np.maximum.accumulate(p_values[order] * np.arange(len(p_values), 0, -1)), 1)
    return adjusted


def find_unique_correctness_patterns(correct: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which runs are correct on the same images: ``correct`` bool [runs, n] -> the patterns that occur, bool [m, runs],
    most frequent first, and each image's index into them, int64 [n]."""
    bits = 1 << np.arange(len(correct))[::-1]  # a pattern as one number, which is sorted faster
    numbers, pattern_of_image, counts = np.unique(bits @ correct, return_inverse=True, return_counts=True)
    patterns = (numbers[:, None] & bits) > 0
    order = np.argsort(-counts, kind="stable")
    return patterns[order], np.argsort(order)[pattern_of_image]


def order_confused_classes_adjacently(confusion: np.ndarray) -> np.ndarray:
    """The classes int64 [classes], those often confused next to each other.

    They are the leaves of an average-linkage clustering of the symmetric confusion rates.
    ``confusion`` int64 [classes, classes].
    """
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform

    rates = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    distance = 1 - (rates + rates.T) / 2
    np.fill_diagonal(distance, 0)
    return leaves_list(linkage(squareform(distance, checks=False), "average", optimal_ordering=True)).astype(np.int64)


def find_most_frequent_wrong_class_by_class(scores: metrics.ClassificationMetrics) -> np.ndarray:
    """The class each class is most often mistaken for, int64 [classes]; itself if it is never mistaken."""
    mistakes = scores.confusion - np.diag(np.diag(scores.confusion))
    return np.where(mistakes.any(axis=1), mistakes.argmax(axis=1), np.arange(len(mistakes)))
