"""Two runs on the same images: how much better is one, may it be chance, and on which images do they differ."""

from dataclasses import dataclass

import numpy as np

from fashion_core.analysis import metrics
from fashion_core.data.classes import N_CLASSES

N_RESAMPLES = 2000
CONFIDENCE_LEVEL = 0.95
COMPARED_METRICS = ("accuracy", "macro_precision", "macro_recall", "macro_f1")


@dataclass(frozen=True)
class ConfidenceInterval:
    """A figure, 0 to 1 (or a difference, -1 to 1), and its bootstrap interval."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True)
class PairedBootstrapResult:
    """Percentile intervals of ``FIGURES`` for both runs and for B minus A, by name; ``resamples`` of ``n`` images."""

    a: dict[str, ConfidenceInterval]
    b: dict[str, ConfidenceInterval]
    difference: dict[str, ConfidenceInterval]
    n_images: int
    n_resamples: int
    seed: int


@dataclass(frozen=True)
class McNemarResult:
    """``mends``: images that only B has right, ``breaks``: those that only A has; ``p`` of the exact two-sided test
    that both are equally likely, ``adjusted`` after Holm's correction where several are tested at once."""

    n_fixed: int
    n_new_mistakes: int
    p_value: float
    adjusted_p_value: float


def paired_bootstrap(
    labels: np.ndarray,
    predictions_a: np.ndarray,
    predictions_b: np.ndarray,
    *,
    n_resamples: int = N_RESAMPLES,
    seed: int = 0,
) -> PairedBootstrapResult:
    """Paired bootstrap of the images: ``labels``, and the classes ``a`` and ``b`` that two runs say, int [n] each.

    Images with the same label and the same two answers are exchangeable, so a resample is one multinomial draw of
    their counts. B. Efron and R. Tibshirani, "An Introduction to the Bootstrap" (1993), percentile method.
    """
    n = len(labels)
    cells, counts = np.unique(
        (labels.astype(np.int64) * N_CLASSES + predictions_a) * N_CLASSES + predictions_b, return_counts=True
    )  # the triples that occur
    drawn = np.random.default_rng(seed).multinomial(n, counts / n, size=n_resamples)  # [resamples, cells]
    drawn = np.concatenate([counts[None], drawn])  # the first is what was observed
    label, of_a, of_b = cells // N_CLASSES**2, cells // N_CLASSES % N_CLASSES, cells % N_CLASSES
    found_a, found_b = (_figures(drawn, label, answer) for answer in (of_a, of_b))
    return PairedBootstrapResult(
        {name: _interval(values) for name, values in found_a.items()},
        {name: _interval(values) for name, values in found_b.items()},
        {name: _interval(found_b[name] - found_a[name]) for name in COMPARED_METRICS},
        n,
        n_resamples,
        seed,
    )


def _figures(drawn: np.ndarray, label: np.ndarray, answer: np.ndarray) -> dict[str, np.ndarray]:
    """``FIGURES`` of every resample, float64 [resamples]; ``drawn`` int [resamples, cells]."""
    classes = np.arange(N_CLASSES)
    support = drawn @ (label[:, None] == classes)  # [resamples, 10]
    answered = drawn @ (answer[:, None] == classes)
    right = drawn @ ((label == answer)[:, None] & (label[:, None] == classes))
    return {
        "accuracy": right.sum(axis=1) / support.sum(axis=1),
        "macro_precision": (right / np.maximum(answered, 1)).mean(axis=1),
        "macro_recall": (right / np.maximum(support, 1)).mean(axis=1),
        "macro_f1": (2 * right / np.maximum(support + answered, 1)).mean(axis=1),
    }


def _interval(values: np.ndarray) -> ConfidenceInterval:
    low, high = np.quantile(values[1:], ((1 - CONFIDENCE_LEVEL) / 2, (1 + CONFIDENCE_LEVEL) / 2))
    return ConfidenceInterval(float(values[0]), float(low), float(high))


def mcnemar_test(correct_a: np.ndarray, correct_b: np.ndarray) -> McNemarResult:
    """McNemar's exact test of bool [n] each: Q. McNemar, Psychometrika 12 (1947), with the binomial distribution."""
    from scipy.stats import binomtest

    mends, breaks = int((correct_b & ~correct_a).sum()), int((correct_a & ~correct_b).sum())
    p = float(binomtest(mends, mends + breaks, 0.5).pvalue) if mends + breaks else 1.0
    return McNemarResult(mends, breaks, p, p)


def mcnemar_test_by_class(labels: np.ndarray, correct_a: np.ndarray, correct_b: np.ndarray) -> list[McNemarResult]:
    """The test in each class, with Holm's correction over the ten (S. Holm, Scand. J. Statist. 6, 1979)."""
    tests = [mcnemar_test(correct_a[labels == c], correct_b[labels == c]) for c in range(N_CLASSES)]
    adjusted = holm_correction(np.array([test.p_value for test in tests]))
    return [
        McNemarResult(test.n_fixed, test.n_new_mistakes, test.p_value, float(p))
        for test, p in zip(tests, adjusted, strict=True)
    ]


def holm_correction(p_values: np.ndarray) -> np.ndarray:
    """Holm's step-down adjustment of float64 [m]."""
    order = np.argsort(p_values, kind="stable")
    stepped = np.maximum.accumulate(p_values[order] * (len(p_values) - np.arange(len(p_values))))
    adjusted = np.empty_like(stepped)
    adjusted[order] = np.minimum(stepped, 1)
    return adjusted


def describe_comparison(title_a: str, title_b: str, bootstrap: PairedBootstrapResult, test: McNemarResult) -> str:
    """In a sentence: what B mends and breaks, and whether the difference may be chance (at the 5 % level)."""
    gap = bootstrap.difference["accuracy"]
    value, low, high = (f"{100 * share:.1f}".replace("-", "−") for share in (gap.estimate, gap.low, gap.high))
    chance = "is not chance" if test.p_value < 1 - CONFIDENCE_LEVEL else "may be chance"
    return (
        f"{title_b} mends {test.n_fixed:,} garments that {title_a} has wrong and breaks {test.n_new_mistakes:,} that it has "
        f"right; the difference of {value} points ({CONFIDENCE_LEVEL:.0%} interval {low} to {high}) {chance}."
    )


def count_correctness_patterns(correct: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which runs are right together: ``right`` bool [runs, n] -> the patterns that occur, bool [m, runs], most frequent
    first, and each image's pattern int64 [n], an index into them."""
    codes = (correct.astype(np.int64) * (1 << np.arange(len(correct)))[:, None]).sum(axis=0)
    found, of_image, counts = np.unique(codes, return_inverse=True, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    occurring = (found[order, None] >> np.arange(len(correct)) & 1).astype(bool)
    return occurring, rank[of_image]


def order_classes_by_confusion(confusion: np.ndarray) -> np.ndarray:
    """The classes so that those taken for each other stand together, int64 [10]: leaves of average-linkage clustering
    of the symmetric confusion shares; ``confusion`` int64 [10, 10]."""
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform

    shares = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    distance = 1 - (shares + shares.T) / 2
    np.fill_diagonal(distance, 0)
    return leaves_list(linkage(squareform(distance, checks=False), "average", optimal_ordering=True)).astype(np.int64)


def most_confused_classes(scores: metrics.ClassificationMetrics) -> np.ndarray:
    """The class that each class is most often taken for, int64 [10]; itself when it is never mistaken."""
    mistakes = scores.confusion.copy()
    np.fill_diagonal(mistakes, 0)
    return np.where(mistakes.any(axis=1), mistakes.argmax(axis=1), np.arange(N_CLASSES))
