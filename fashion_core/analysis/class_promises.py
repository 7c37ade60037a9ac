"""A promise for each predicted class: of the garments that the model sorts into it on its own, enough are correct.

One threshold for all classes lets easy classes hide a difficult one. Here each predicted class has a threshold of its
own, chosen on validation and measured on test. A class has few validation garments, so its error rate above a threshold
is estimated by empirical Bayes (B. Efron and C. Morris, JASA 70, 1975): the error rates of the other classes above the
same threshold are a prior, which counts for more the more alike the classes are.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fashion_core.analysis.feasibility import (
    TARGET_GUARANTEE_PROBABILITY,
    CalibratedPredictions,
    OperatingPoint,
    operating_point,
)
from fashion_core.analysis.metrics import wilson_interval

N_CANDIDATE_THRESHOLDS = 100  # of each class: one for each hundredth of its validation garments
MIN_PRIOR_ERRORS = 1.0  # as in Clopper and Pearson's bound, which the bound is when the other classes say nothing


@dataclass(frozen=True)
class ClassPromise:
    """What the model sorts into the predicted class ``class_index`` on its own, at a ``target`` selective accuracy.

    ``threshold`` on confidence: None when none is sure enough on validation. ``validation`` and ``test``: the operating
    points among the garments predicted as the class. ``n_missing``: how many more garments above a threshold it takes
    at least, all predicted correctly; 0 where there is a threshold.
    """

    class_index: int
    target: float
    threshold: float | None
    validation: OperatingPoint
    test: OperatingPoint
    n_missing: int

    @property
    def is_kept(self) -> bool:
        """Whether test doesn't contradict the promise: an exact one-sided binomial test has p of at least 0.05."""
        from scipy.special import bdtrc

        n_wrong = self.test.n_automated - self.test.n_correct
        return not n_wrong or float(bdtrc(n_wrong - 1, self.test.n_automated, 1 - self.target)) >= 0.05


def promise_by_class(
    validation: CalibratedPredictions, test: CalibratedPredictions, target: float, n_classes: int
) -> list[ClassPromise]:
    """A promise for each class, in the order of the classes; each holds with ``TARGET_GUARANTEE_PROBABILITY``."""
    rankings = [_rank(validation, label) for label in range(n_classes)]
    max_weight = len(validation) / n_classes
    return [_promise_class(validation, test, target, label, rankings, max_weight) for label in range(n_classes)]


def automate_by_class(predictions: CalibratedPredictions, promises: Sequence[ClassPromise]) -> np.ndarray:
    """The garments that reach the threshold of their predicted class, bool [n]."""
    thresholds = np.array([math.inf if p.threshold is None else p.threshold for p in promises])
    automated: np.ndarray = predictions.confidence >= thresholds[predictions.predicted]
    return automated


def errors_by_true_class(
    predictions: CalibratedPredictions, automated: np.ndarray, n_classes: int
) -> list[OperatingPoint]:
    """For each true class, how many of its garments are ``automated`` bool [n] and how many of those are correct."""
    return [
        OperatingPoint(
            int((of_class := predictions.labels == label).sum()),
            int((of_class & automated).sum()),
            int((of_class & automated & predictions.is_correct).sum()),
        )
        for label in range(n_classes)
    ]


@dataclass(frozen=True)
class _Ranking:
    """The validation garments predicted as a class, the most confident first: ``minus_confidence`` float64 [n], rising,
    and ``n_wrong`` int64 [n + 1], of so many of the first."""

    minus_confidence: np.ndarray
    n_wrong: np.ndarray


def _rank(predictions: CalibratedPredictions, label: int) -> _Ranking:
    of_class = predictions.select(predictions.predicted == label)
    order = np.argsort(-of_class.confidence, kind="stable")
    return _Ranking(-of_class.confidence[order], np.append(0, np.cumsum(~of_class.is_correct[order])))


def _promise_class(
    validation: CalibratedPredictions,
    test: CalibratedPredictions,
    target: float,
    label: int,
    rankings: Sequence[_Ranking],
    max_weight: float,
) -> ClassPromise:
    of_class, of_test = (part.select(part.predicted == label) for part in (validation, test))
    thresholds = of_class.risk_coverage_curve.threshold
    threshold, n_missing = _choose_threshold(thresholds, target, label, rankings, max_weight)
    reached = math.inf if threshold is None else threshold
    points = operating_point(of_class, reached), operating_point(of_test, reached)
    return ClassPromise(label, target, threshold, *points, n_missing)


def _choose_threshold(
    thresholds: np.ndarray, target: float, label: int, rankings: Sequence[_Ranking], max_weight: float
) -> tuple[float | None, int]:
    """The loosest of a class's ``thresholds`` that is sure enough, or None and the number of garments missing."""
    if not len(thresholds):
        return None, _n_missing(np.array([MIN_PRIOR_ERRORS]), np.array([0.0]), target)
    wanted = np.linspace(0, len(thresholds) - 1, min(N_CANDIDATE_THRESHOLDS, len(thresholds))).round().astype(np.int64)
    candidates = thresholds[wanted]
    n_automated, n_wrong = _counts_above(rankings, candidates)
    prior_errors, prior_n = _prior(n_automated, n_wrong, label, max_weight)
    errors = prior_errors + n_wrong[:, label]
    correct = np.maximum(prior_n - prior_errors, 0) + n_automated[:, label] - n_wrong[:, label]
    passing = np.flatnonzero(_upper_bound(errors, correct) <= 1 - target)
    if len(passing):
        return float(candidates[passing[-1]]), 0
    return None, _n_missing(errors, correct, target)


def _counts_above(rankings: Sequence[_Ranking], thresholds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How many garments of each predicted class reach each threshold, and how many of those are wrong: int64
    [thresholds, classes] each; ``thresholds`` float64, falling."""
    n_automated = np.stack([np.searchsorted(r.minus_confidence, -thresholds, side="right") for r in rankings], axis=1)
    return n_automated, np.stack([r.n_wrong[n] for r, n in zip(rankings, n_automated.T, strict=True)], axis=1)


def _prior(
    n_automated: np.ndarray, n_wrong: np.ndarray, label: int, max_weight: float
) -> tuple[np.ndarray, np.ndarray]:
    """What the other classes say about class ``label``, as a number of errors among a number of garments, float64
    [thresholds] each.

    The number of garments is the precision of a beta-binomial distribution of the errors of all classes, by the method
    of moments (J. Kleinman, JASA 68, 1973), and at most ``max_weight``, an average class's garments.
    """
    total, used = n_automated.sum(axis=1), (n_automated > 0).sum(axis=1)
    rate = n_wrong.sum(axis=1) / np.maximum(total, 1)
    variance = rate * (1 - rate)
    spread = (n_automated * (n_wrong / np.maximum(n_automated, 1) - rate[:, None]) ** 2).sum(axis=1)
    scale = variance * (total - (n_automated**2).sum(axis=1) / np.maximum(total, 1) - (used - 1))
    correlation = np.clip((spread - variance * (used - 1)) / np.where(scale > 0, scale, np.inf), 0, 1)
    weight = np.minimum((1 - correlation) / np.maximum(correlation, 1e-9), max_weight)
    n_others, wrong_others = (counts.sum(axis=1) - counts[:, label] for counts in (n_automated, n_wrong))
    weight = np.minimum(weight, n_others)
    errors = weight * (wrong_others + 0.5) / (n_others + 1)
    return np.maximum(errors, MIN_PRIOR_ERRORS), weight


def _upper_bound(errors: np.ndarray, correct: np.ndarray) -> np.ndarray:
    """The error rate that a beta distribution exceeds with 1 - ``TARGET_GUARANTEE_PROBABILITY``, float64 [m]."""
    from scipy.special import betaincinv

    bound: np.ndarray = betaincinv(errors, np.maximum(correct, 0.5), TARGET_GUARANTEE_PROBABILITY)
    return bound


def _n_missing(errors: np.ndarray, correct: np.ndarray, target: float) -> int:
    """The fewest further garments, all correct, with which one of the thresholds is sure enough."""
    low, high = 0, 1
    while (_upper_bound(errors, correct + high) > 1 - target).all():
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if (_upper_bound(errors, correct + middle) > 1 - target).all() else (low, middle)
    return high


@dataclass(frozen=True)
class DeferralPlan:
    """Which classes are left to people: ``deferred``, those without a threshold, and what the others automate on test.

    ``n_automated`` and ``n_correct`` are over all ``n`` test garments.
    """

    deferred: tuple[int, ...]
    n: int
    n_automated: int
    n_correct: int

    @property
    def coverage(self) -> float:
        """Rate of automated garments, 0 to 1."""
        return self.n_automated / max(self.n, 1)

    @property
    def coverage_interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of ``coverage``."""
        return wilson_interval(self.n_automated, self.n)


def plan_by_class(promises: Sequence[ClassPromise]) -> DeferralPlan:
    """All promises together."""
    deferred = tuple(p.class_index for p in promises if p.threshold is None)
    counts = [(p.test.n, p.test.n_automated, p.test.n_correct) for p in promises]
    n, n_automated, n_correct = (sum(column) for column in zip(*counts, strict=True))
    return DeferralPlan(deferred, n, n_automated, n_correct)
