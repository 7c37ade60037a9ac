"""How much of the sorting a model can do on its own: the garments that it is confident enough about.

This is selective classification. A garment whose calibrated confidence reaches a threshold is sorted automatically,
every other gets a manual check. Coverage is the rate of automated garments, selective accuracy the accuracy among
them (R. El-Yaniv and Y. Wiener, JMLR 11, 2010). The threshold is chosen on validation and measured on test.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fashion_core.analysis import calibration, metrics
from fashion_core.analysis.predictions import Predictions
from fashion_core.errors import ConfigError

DEFAULT_TARGET_SELECTIVE_ACCURACY = 0.99  # selective accuracy
TARGET_GUARANTEE_PROBABILITY = 0.95  # probability with which a guaranteed target holds for new garments
N_GUARANTEE_TEST_THRESHOLDS = 100  # for a guaranteed target: one for each hundredth of the garments
GUARANTEE_TEST_START_COVERAGES = (
    0.25,
    0.5,
    0.75,
)  # where testing starts; fewer garments are too few to guarantee anything
NEVER_AUTOMATED_CONFIDENCE = -np.inf  # confidence of garments that always get a manual check


@dataclass(frozen=True)
class CalibratedPredictions:
    """Labels, predicted classes and calibrated confidence of n images.

    ``labels`` and ``predicted`` are classes, int64 [n]. ``confidence`` is float64 [n], 0 to 1 or
    ``NEVER_AUTOMATED_CONFIDENCE``: the probability of the predicted class against the second most probable one, under a
    ``temperature`` that was fitted on validation. Label smoothing spreads a part of the probability evenly over the
    other classes, which says nothing about the garment: the largest probability alone ranks mistakes worse.
    """

    labels: np.ndarray
    predicted: np.ndarray
    confidence: np.ndarray
    temperature: float = 1.0

    @classmethod
    def from_probabilities(
        cls, probabilities: np.ndarray, labels: np.ndarray, temperature: float
    ) -> "CalibratedPredictions":
        """From probabilities float [n, classes] and labels int [n]."""
        # float16 rounds a probability near 1 more coarsely than the other nine, so the maximum is taken before
        predicted = probabilities.argmax(axis=1)
        tempered = calibration.apply_temperature(probabilities, temperature).astype(np.float64)
        of_predicted = tempered[np.arange(len(predicted)), predicted]
        confidence = of_predicted / np.partition(tempered, -2, axis=1)[:, -2:].sum(axis=1)
        return cls(labels.astype(np.int64), predicted, confidence, temperature)

    def __len__(self) -> int:
        return len(self.labels)

    def select(self, rows: np.ndarray) -> "CalibratedPredictions":
        """The predictions of some images; ``rows`` are their indices, or bool [n]."""
        return CalibratedPredictions(self.labels[rows], self.predicted[rows], self.confidence[rows], self.temperature)

    @property
    def is_correct(self) -> np.ndarray:
        """Which predictions are correct, bool [n]."""
        return self.predicted == self.labels

    @cached_property
    def risk_coverage_curve(self) -> "RiskCoverageCurve":
        """Every threshold that makes a difference; garments of equal confidence are automated together."""
        order = np.argsort(-self.confidence, kind="stable")
        order = order[self.confidence[order] > NEVER_AUTOMATED_CONFIDENCE]
        confidence = self.confidence[order]
        last = np.flatnonzero(np.diff(confidence, append=NEVER_AUTOMATED_CONFIDENCE))  # of each of equal confidence
        n_wrong = np.cumsum(~self.is_correct[order])[last]
        return RiskCoverageCurve(confidence[last], last + 1, n_wrong, len(self))


@dataclass(frozen=True)
class RiskCoverageCurve:
    """What each ``threshold`` automates, strictest first: float64 [m], strictly falling. Of ``n`` garments,
    ``n_automated`` int64 [m] reach it, and ``n_wrong`` int64 [m] of those are predicted wrongly."""

    threshold: np.ndarray
    n_automated: np.ndarray
    n_wrong: np.ndarray
    n: int

    @property
    def coverage(self) -> np.ndarray:
        """Rate of automated garments, float64 [m]."""
        return self.n_automated / max(self.n, 1)

    @property
    def selective_error_rate(self) -> np.ndarray:
        """Error rate among the automated garments, float64 [m]."""
        return self.n_wrong / self.n_automated

    def downsample(self, max_points: int = 250) -> "RiskCoverageCurve":
        """The curve at no more than ``max_points``, evenly spread over its coverage, for drawing."""
        if len(self.threshold) <= max_points:
            return self
        wanted = np.linspace(self.n_automated[0], self.n_automated[-1], max_points)
        at = np.unique(np.searchsorted(self.n_automated, wanted))
        return RiskCoverageCurve(self.threshold[at], self.n_automated[at], self.n_wrong[at], self.n)


@dataclass(frozen=True)
class OperatingPoint:
    """One threshold on ``n`` garments: ``n_automated`` reach it, ``n_correct`` of those are predicted correctly."""

    n: int
    n_automated: int
    n_correct: int

    @property
    def coverage(self) -> float:
        """Rate of automated garments, 0 to 1."""
        return self.n_automated / self.n

    @property
    def selective_accuracy(self) -> float:
        """Accuracy among the automated garments; nan when nothing is automated."""
        return self.n_correct / self.n_automated if self.n_automated else math.nan

    @property
    def coverage_interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of ``coverage``."""
        return metrics.wilson_interval(self.n_automated, self.n)

    @property
    def selective_accuracy_interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of ``selective_accuracy``; raises ValueError when nothing is automated."""
        return metrics.wilson_interval(self.n_correct, self.n_automated)


@dataclass(frozen=True)
class AutomationAssessment:
    """What the model called ``title`` can automate when the ``target`` is its selective accuracy.

    ``threshold`` on calibrated confidence: None when none reaches the target on validation. ``validation`` and
    ``test`` are its operating points, None with it. ``temperature`` was fitted on validation. ``guaranteed``: whether
    the target holds for new garments with ``TARGET_GUARANTEE_PROBABILITY`` and not just on the validation images.
    ``curve`` is that of test.
    """

    title: str
    target: float
    guaranteed: bool
    temperature: float
    threshold: float | None
    validation: OperatingPoint | None
    test: OperatingPoint | None
    curve: RiskCoverageCurve

    @property
    def misses_target(self) -> bool:
        """Whether significantly fewer of the automated test garments are correct than the target asks for."""
        test = self.test
        return test is not None and bool(test.n_automated) and test.selective_accuracy_interval[1] < self.target


def calibrate_predictions_on_validation(
    validation: Predictions | None, test: Predictions
) -> tuple[CalibratedPredictions, CalibratedPredictions]:
    """Both, as ``split_for_threshold`` has them, under the temperature that suits validation best."""
    validation, test = split_for_threshold(validation, test)
    temperature = calibration.fit_temperature(validation.probabilities, validation.labels)
    on_validation, on_test = (
        CalibratedPredictions.from_probabilities(part.probabilities, part.labels, temperature)
        for part in (validation, test)
    )
    return on_validation, on_test


def split_for_threshold(validation: Predictions | None, test: Predictions) -> tuple[Predictions, Predictions]:
    """What thresholds are chosen on, and what they are tested on.

    Without ``validation``, ``test`` comes from cross-validation: some folds are for validation, the others for test.
    """
    if validation is not None:
        return validation, test
    if test.chooses_threshold is None:
        raise ValueError("thresholds need predictions on validation")
    return test.select(test.chooses_threshold), test.select(~test.chooses_threshold)


def operating_point(predictions: CalibratedPredictions, threshold: float) -> OperatingPoint:
    """What ``threshold`` automates."""
    automated = predictions.confidence >= threshold
    return OperatingPoint(len(predictions), int(automated.sum()), int((automated & predictions.is_correct).sum()))


def assess_automation(
    validation: Predictions,
    test: Predictions,
    target: float = DEFAULT_TARGET_SELECTIVE_ACCURACY,
    *,
    guaranteed: bool = True,
    title: str = "The model",
) -> AutomationAssessment:
    """Calibrate and choose the threshold on ``validation``, then measure it on ``test``.

    Raises ``ConfigError`` when ``target`` is not above 0 and below 1.
    """
    return assess_automation_from_calibrated(
        *calibrate_predictions_on_validation(validation, test), target, guaranteed=guaranteed, title=title
    )


def assess_automation_from_calibrated(
    validation: CalibratedPredictions,
    test: CalibratedPredictions,
    target: float = DEFAULT_TARGET_SELECTIVE_ACCURACY,
    *,
    guaranteed: bool = True,
    title: str = "The model",
) -> AutomationAssessment:
    """``assess_automation`` for predictions that are calibrated already."""
    threshold = choose_threshold_for_target(validation.risk_coverage_curve, target, guaranteed=guaranteed)
    on_validation, on_test = (
        None if threshold is None else operating_point(part, threshold) for part in (validation, test)
    )
    curve = test.risk_coverage_curve
    return AutomationAssessment(
        title, target, guaranteed, validation.temperature, threshold, on_validation, on_test, curve
    )


def choose_threshold_for_target(curve: RiskCoverageCurve, target: float, *, guaranteed: bool) -> float | None:
    """The threshold that automates most with a selective accuracy of ``target``; None when none reaches it.

    ``guaranteed``: not just on these garments, but on new ones, with probability ``TARGET_GUARANTEE_PROBABILITY``.
    Raises ``ConfigError`` when ``target`` is not above 0 and below 1.
    """
    if not 0 < target < 1:
        raise ConfigError(f"The target is {target:.1%}; choose one above 0% and below 100%.")
    if guaranteed:
        return _guaranteed_threshold(curve, target)
    # counts, because a quotient can miss the target by its last digit
    meets = np.flatnonzero(curve.n_automated - curve.n_wrong >= target * curve.n_automated - 1e-9)
    return float(curve.threshold[meets[-1]]) if len(meets) else None


def _guaranteed_threshold(curve: RiskCoverageCurve, target: float) -> float | None:
    """The loosest threshold that passes fixed-sequence testing, or None.

    Each sequence goes from one of ``GUARANTEE_TEST_START_COVERAGES`` to looser thresholds, until one may err too often.
    The sequences share the level, so that with ``TARGET_GUARANTEE_PROBABILITY`` no threshold that passes errs more
    than allowed: A. Angelopoulos et al., "Learn then Test", arXiv:2110.01052, section 4. The bounds on the error are
    one-sided Clopper-Pearson bounds.
    """
    from scipy.special import betaincinv

    level = (1 - TARGET_GUARANTEE_PROBABILITY) / len(GUARANTEE_TEST_START_COVERAGES)
    wanted = np.arange(1, N_GUARANTEE_TEST_THRESHOLDS + 1) * curve.n / N_GUARANTEE_TEST_THRESHOLDS
    at = np.unique(np.searchsorted(curve.n_automated, wanted))
    at = at[at < len(curve.n_automated)]
    automated, wrong = curve.n_automated[at], curve.n_wrong[at]
    bound = np.where(wrong < automated, betaincinv(wrong + 1, np.maximum(automated - wrong, 0.5), 1 - level), 1.0)
    failing = np.append(bound > 1 - target, True)
    passed = -1
    for start in GUARANTEE_TEST_START_COVERAGES:
        first = int(np.searchsorted(automated, start * curve.n))
        n_passed = int(failing[first:].argmax())
        passed = max(passed, first + n_passed - 1 if n_passed else -1)
    return float(curve.threshold[at[passed]]) if passed >= 0 else None


def min_calibration_size(target: float) -> int:
    """Garments needed to guarantee ``target`` when all of them are predicted correctly; fewer never can."""
    n_automated = math.ceil(
        math.log((1 - TARGET_GUARANTEE_PROBABILITY) / len(GUARANTEE_TEST_START_COVERAGES)) / math.log(target)
    )
    return math.floor((n_automated - 1) / GUARANTEE_TEST_START_COVERAGES[-1]) + 1


def min_test_size(target: float) -> int:
    """Automated test garments needed to show that ``target`` holds when all of them are predicted correctly: with
    fewer, a model that misses the target has none wrong more often than ``1 - TARGET_GUARANTEE_PROBABILITY``."""
    return math.ceil(math.log(1 - TARGET_GUARANTEE_PROBABILITY) / math.log(target))


@dataclass(frozen=True)
class PicturesNeeded:
    """How many more pictures, at least, the ``validation`` and the ``test`` part need; 0 where there are enough."""

    validation: int
    test: int

    def __bool__(self) -> bool:
        return self.validation > 0 or self.test > 0


def pictures_needed(n_validation: int, n_test: int, target: float, *, guaranteed: bool = True) -> PicturesNeeded:
    """How many pictures are missing to reach and to show ``target``, even if every prediction is correct.

    ``guaranteed``: as for ``assess_automation``; without it any validation part is enough.
    """
    min_validation = min_calibration_size(target) if guaranteed else 1
    return PicturesNeeded(max(0, min_validation - n_validation), max(0, min_test_size(target) - n_test))


def highest_target_with_enough_pictures(
    n_validation: int, n_test: int, targets: Sequence[float], *, guaranteed: bool
) -> float | None:
    """The highest of ``targets`` for which ``pictures_needed`` finds nothing missing; None when there is none."""
    return max(
        (t for t in targets if not pictures_needed(n_validation, n_test, t, guaranteed=guaranteed)), default=None
    )
