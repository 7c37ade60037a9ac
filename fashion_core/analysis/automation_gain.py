"""How much more a change would automate, and how sure that is, by resampling the validation images.

Each resample chooses the threshold anew on as many images as there are for that, and measures what it automates on as
many others as there are on test: the interval is one for the gain that test will show. B. Efron and R. Tibshirani, "An
Introduction to the Bootstrap" (1993).
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fashion_core.analysis import metrics
from fashion_core.analysis.compare import ConfidenceInterval, percentile_interval
from fashion_core.analysis.feasibility import (
    CalibratedPredictions,
    OperatingPoint,
    RiskCoverageCurve,
    choose_threshold_for_target,
)

N_GAIN_RESAMPLES = 400


@dataclass(frozen=True)
class AutomationGoal:
    """The selective accuracy ``target``, 0 to 1, and whether it is ``guaranteed`` as in ``AutomationAssessment``."""

    target: float
    guaranteed: bool = True


class ResampledAutomation:
    """What is automated of resamples of ``predictions``, which are sorted once."""

    def __init__(self, predictions: CalibratedPredictions) -> None:
        confidence = predictions.confidence
        self._order = np.argsort(-confidence, kind="stable")
        self._order = self._order[np.isfinite(confidence[self._order])]  # the others are never automated
        self._confidence = confidence[self._order]
        self._is_wrong = ~predictions.is_correct[self._order]
        self._last = np.flatnonzero(np.diff(self._confidence, append=-np.inf))  # of each of equal confidence

    def coverage(self, counts: np.ndarray, measured_counts: np.ndarray, goal: AutomationGoal) -> float:
        """Rate of automated images, 0 to 1, with the threshold chosen on one resample and measured on another.

        ``counts`` and ``measured_counts`` int64 [n]: how often each image is in either.
        """
        chosen, n = counts[self._order], int(counts.sum())
        automated, wrong = np.cumsum(chosen)[self._last], np.cumsum(chosen * self._is_wrong)[self._last]
        curve = RiskCoverageCurve(self._confidence[self._last], automated, wrong, n)
        threshold = choose_threshold_for_target(curve, goal.target, guaranteed=goal.guaranteed)
        if threshold is None:
            return 0.0
        n_automated = measured_counts[self._order[self._confidence >= threshold]].sum()
        return float(n_automated / max(int(measured_counts.sum()), 1))


class GainEstimator:
    """Gains in automation rate from ``before``, the predictions on the validation images, to a change of them.

    ``n_measured``: the number of test images. Every change is assessed on the same resamples.
    """

    def __init__(
        self,
        before: CalibratedPredictions,
        n_measured: int,
        goal: AutomationGoal,
        *,
        n_resamples: int = N_GAIN_RESAMPLES,
    ) -> None:
        self._n, self._n_measured, self._goal = len(before), n_measured, goal
        self._n_resamples = n_resamples
        self._before = ResampledAutomation(before)

    def coverage(self, predictions: CalibratedPredictions) -> float:
        """The automation rate on the validation images themselves, 0 to 1."""
        return self._coverage_once(ResampledAutomation(predictions))

    @cached_property
    def coverage_before(self) -> float:
        """The automation rate before the change, 0 to 1."""
        return self._coverage_once(self._before)

    def estimate(self, after: Sequence[CalibratedPredictions]) -> ConfidenceInterval:
        """The gain, -1 to 1, and its 95 % percentile interval.

        ``after``: one or, where it is drawn at random, several versions, which the resamples take in turn.
        """
        versions = [ResampledAutomation(each) for each in after]
        estimate = float(np.mean(list(map(self._coverage_once, versions)))) - self.coverage_before
        rates = [
            versions[number % len(versions)].coverage(*resample, self._goal)
            for number, resample in enumerate(self._resamples())
        ]
        return percentile_interval(estimate, np.array(rates) - self._rates_before)

    @cached_property
    def _rates_before(self) -> np.ndarray:
        return np.array([self._before.coverage(*resample, self._goal) for resample in self._resamples()])

    def _coverage_once(self, automation: ResampledAutomation) -> float:
        once = np.ones(self._n, np.int64)
        return automation.coverage(once, once, self._goal)

    def _resamples(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """How often each image is in the resample that chooses the threshold, and in the one that measures it."""
        rng = np.random.default_rng(0)
        for _ in range(self._n_resamples):
            chosen, measured = (rng.integers(self._n, size=size) for size in (self._n, self._n_measured))
            yield np.bincount(chosen, minlength=self._n), np.bincount(measured, minlength=self._n)


def measure_gain(
    before: tuple[CalibratedPredictions, CalibratedPredictions],
    after: tuple[CalibratedPredictions, CalibratedPredictions],
    goal: AutomationGoal,
) -> float:
    """The gain in automation rate on test, -1 to 1; each pair is validation, which chooses the threshold, and test."""
    rates = []
    for validation, test in (before, after):
        threshold = choose_threshold_for_target(validation.risk_coverage_curve, goal.target, guaranteed=goal.guaranteed)
        rates.append(0.0 if threshold is None or not len(test) else float((test.confidence >= threshold).mean()))
    return rates[1] - rates[0]


def compare_coverage(before: OperatingPoint | None, after: OperatingPoint | None) -> ConfidenceInterval | None:
    """The gain in automation rate from one run's operating point on its test images to another's on its own.

    With Newcombe's 95 % interval (R. G. Newcombe, Statistics in Medicine 17, 1998, method 10), wide where both were
    tested on the same images. A run without a threshold automates nothing; None where neither has one.
    """
    sizes = [point.n for point in (before, after) if point is not None]
    if not sizes or not all(sizes):
        return None
    n = [sizes[0] if point is None else point.n for point in (before, after)]
    k = [0 if point is None else point.n_automated for point in (before, after)]
    (low_0, high_0), (low_1, high_1) = (metrics.wilson_interval(*each) for each in zip(k, n, strict=True))
    rate_0, rate_1 = k[0] / n[0], k[1] / n[1]
    difference = rate_1 - rate_0
    return ConfidenceInterval(
        difference,
        difference - math.hypot(rate_1 - low_1, high_0 - rate_0),
        difference + math.hypot(high_1 - rate_1, rate_0 - low_0),
    )
