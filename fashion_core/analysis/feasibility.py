"""How much of the sorting can be left to a model: the garments that it is sure enough of.

This is selective classification. A garment whose calibrated confidence reaches a threshold is sorted automatically,
every other goes to a person; coverage is the share sorted automatically, selective risk the error among those
(R. El-Yaniv and Y. Wiener, JMLR 11, 2010). The threshold is chosen on validation, and test says what it is worth.
"""

import math
from dataclasses import dataclass

import numpy as np

from fashion_core.analysis import calibration, metrics
from fashion_core.analysis.predictions import Predictions
from fashion_core.errors import ConfigError

DEFAULT_TARGET = 0.99  # share of the automated garments that has to be right, unless another is asked for
GUARANTEE_LEVEL = 0.95  # probability with which an assured target holds for garments to come
N_TESTED_THRESHOLDS = 100  # thresholds that are looked at for an assured target: one for each hundredth of the garments
START_COVERAGES = (0.25, 0.5, 0.75)  # coverages from which they are; the surest few are too few to assure anything
NEVER_AUTOMATED = -np.inf  # confidence of what always goes to a person


@dataclass(frozen=True)
class CalibratedPredictions:
    """``labels`` and ``predicted`` classes int64 [n]; ``confidence`` float64 [n], calibrated, 0 to 1, or ``NEVER``."""

    labels: np.ndarray
    predicted: np.ndarray
    confidence: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def is_correct(self) -> np.ndarray:
        """Which answers are right, bool [n]."""
        return self.predicted == self.labels


@dataclass(frozen=True)
class RiskCoverageCurve:
    """What each possible threshold leaves to the model, from the strictest on: ``threshold`` float64 [m], strictly
    falling; of ``n`` garments, ``automated`` int64 [m] reach it and ``wrong`` int64 [m] of those are answered wrongly.
    """

    threshold: np.ndarray
    n_automated: np.ndarray
    n_wrong: np.ndarray
    n: int

    @property
    def coverage(self) -> np.ndarray:
        """Share of the garments that is automated, float64 [m]."""
        return self.n_automated / max(self.n, 1)

    @property
    def error(self) -> np.ndarray:
        """Share of the automated garments that is wrong, float64 [m]."""
        return self.n_wrong / self.n_automated

    def downsample(self, max_points: int = 250) -> "RiskCoverageCurve":
        """The same curve at about ``points`` places, evenly spread over its coverage, for drawing."""
        if len(self.threshold) <= max_points:
            return self
        wanted = np.linspace(self.n_automated[0], self.n_automated[-1], max_points)
        at = np.unique(np.searchsorted(self.n_automated, wanted))
        return RiskCoverageCurve(self.threshold[at], self.n_automated[at], self.n_wrong[at], self.n)


@dataclass(frozen=True)
class OperatingPoint:
    """One threshold on one set of ``n`` garments: ``automated`` of them reach it, ``right`` of those are right."""

    n: int
    n_automated: int
    n_correct: int

    @property
    def coverage(self) -> float:
        """Share that needs no person, 0 to 1."""
        return self.n_automated / self.n

    @property
    def selective_accuracy(self) -> float:
        """Share of the automated that is right; nan when nothing is automated."""
        return self.n_correct / self.n_automated if self.n_automated else math.nan

    @property
    def coverage_interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the coverage."""
        return metrics.wilson_interval(self.n_automated, self.n)

    @property
    def selective_accuracy_interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of ``correct``; raises ValueError when nothing is automated."""
        return metrics.wilson_interval(self.n_correct, self.n_automated)


@dataclass(frozen=True)
class AutomationAssessment:
    """What a model can take over at a ``target``, a share of the automated garments that has to be right.

    ``threshold`` on calibrated confidence, None when none reaches the target on validation; ``validation`` and
    ``test`` are its two points, None with it. ``temperature`` was fitted on validation. ``assured``: whether the
    threshold was chosen so that the target holds with ``ASSURANCE``, and not just on the validation images.
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
    def sentence(self) -> str:
        """How much needs no person, with its interval, and how often that is right on test."""
        goal = f"{self.target:.1%} correct"
        if self.test is None:
            sure = f" with {GUARANTEE_LEVEL:.0%} assurance" if self.guaranteed else ""
            reason = "on validation, too many of its surest answers are wrong"
            return f"{self.title} can take over nothing at {goal}{sure}: {reason}."
        if not self.test.n_automated:
            return f"{self.title} takes over nothing at {goal}: no garment of test reaches the threshold."
        low, high = self.test.coverage_interval
        least, most = self.test.selective_accuracy_interval
        return (
            f"{self.title}: {self.test.coverage:.1%} of the garments need no person (95% interval {low:.1%} to "
            f"{high:.1%}) at {goal}; on test, {self.test.selective_accuracy:.1%} of those are right ({least:.1%} to {most:.1%})."
        )

    @property
    def verdict(self) -> str:
        """Whether test bears the target out, in a sentence; empty when nothing is automated."""
        if self.test is None or not self.test.n_automated:
            return ""
        low, high = self.test.selective_accuracy_interval
        if low >= self.target:
            return "Test bears the target out."
        if high < self.target:
            return "Test does not bear the target out: choose a higher one, or ask for assurance."
        return "Test agrees with the target within its interval."


def calibrate_predictions(
    validation: Predictions, test: Predictions
) -> tuple[CalibratedPredictions, CalibratedPredictions, float]:
    """Answers on validation and on test under the temperature that suits validation best, and that temperature."""
    temperature = calibration.fit_temperature(validation.probabilities, validation.labels)
    first, second = (apply_temperature(predictions, temperature) for predictions in (validation, test))
    return first, second, temperature


def apply_temperature(predictions: Predictions, temperature: float) -> CalibratedPredictions:
    """The likeliest classes, and their probabilities under ``temperature``."""
    # rounding to float16 takes the last digits of a probability near 1 and leaves those of the other nine
    tempered = calibration.apply_temperature(predictions.probabilities, temperature)
    predicted = predictions.probabilities.argmax(axis=1)
    confidence = tempered[np.arange(len(predicted)), predicted].astype(np.float64)
    return CalibratedPredictions(predictions.labels.astype(np.int64), predicted, confidence)


def risk_coverage_curve(predictions: CalibratedPredictions) -> RiskCoverageCurve:
    """Every threshold that tells garments apart; garments of equal confidence are automated together."""
    order = np.argsort(-predictions.confidence, kind="stable")
    order = order[predictions.confidence[order] > NEVER_AUTOMATED]
    confidence = predictions.confidence[order]
    last = np.flatnonzero(np.append(confidence[1:] != confidence[:-1], True)) if len(order) else np.zeros(0, np.int64)
    return RiskCoverageCurve(
        confidence[last], last + 1, np.cumsum(~predictions.is_correct[order])[last], len(predictions)
    )


def operating_point(predictions: CalibratedPredictions, threshold: float) -> OperatingPoint:
    """What ``threshold`` leaves to the model."""
    automated = predictions.confidence >= threshold
    return OperatingPoint(len(predictions), int(automated.sum()), int((automated & predictions.is_correct).sum()))


def assess_automation(
    validation: Predictions,
    test: Predictions,
    target: float = DEFAULT_TARGET,
    *,
    guaranteed: bool = True,
    title: str = "The model",
) -> AutomationAssessment:
    """Choose the threshold on ``validation`` and score it on ``test``; ``title`` names the model in sentences.

    Raises ``ConfigError`` when ``target`` is not above 0 and below 1.
    """
    chosen_on, tried_on, temperature = calibrate_predictions(validation, test)
    return assess_calibrated(chosen_on, tried_on, target, guaranteed=guaranteed, title=title, temperature=temperature)


def assess_calibrated(
    validation: CalibratedPredictions,
    test: CalibratedPredictions,
    target: float,
    *,
    guaranteed: bool,
    title: str,
    temperature: float,
) -> AutomationAssessment:
    """``assess`` on answers that are calibrated already."""
    threshold = choose_threshold(risk_coverage_curve(validation), target, guaranteed=guaranteed)
    on_validation, on_test = None, None
    if threshold is not None:
        on_validation, on_test = operating_point(validation, threshold), operating_point(test, threshold)
    return AutomationAssessment(
        title, target, guaranteed, temperature, threshold, on_validation, on_test, risk_coverage_curve(test)
    )


def choose_threshold(curve: RiskCoverageCurve, target: float, *, guaranteed: bool) -> float | None:
    """The threshold that automates most while ``target`` of the automated are right; None when none does.

    ``assured``: not right on these garments alone, but on those to come, with probability ``ASSURANCE``.
    Raises ``ConfigError`` when ``target`` is not above 0 and below 1.
    """
    if not 0 < target < 1:
        raise ConfigError(f"The target is {target:.1%}; choose one above 0% and below 100%.")
    if guaranteed:
        return _guaranteed_threshold(curve, target)
    # counts, for a quotient of them may miss the target by its last digit
    meets = np.flatnonzero(curve.n_automated - curve.n_wrong >= target * curve.n_automated - 1e-9)
    return float(curve.threshold[meets[-1]]) if len(meets) else None


def _guaranteed_threshold(curve: RiskCoverageCurve, target: float) -> float | None:
    """Thresholds tested in fixed orders: from each of ``STARTS`` on to looser ones, until one may err too often.

    Within an order each is tested at the full level, and the orders share it, so that with ``ASSURANCE`` no threshold
    that passes errs more than allowed: A. Angelopoulos et al., "Learn then Test", arXiv:2110.01052, section 4. The
    bounds on the error are Clopper and Pearson's, one-sided.
    """
    from scipy.stats import beta

    level = (1 - GUARANTEE_LEVEL) / len(START_COVERAGES)
    at = np.unique(
        np.searchsorted(curve.n_automated, np.arange(1, N_TESTED_THRESHOLDS + 1) * curve.n / N_TESTED_THRESHOLDS)
    )
    at = at[at < len(curve.n_automated)]
    automated, wrong = curve.n_automated[at], curve.n_wrong[at]
    bound = np.where(wrong < automated, beta.ppf(1 - level, wrong + 1, np.maximum(automated - wrong, 0.5)), 1.0)
    failing = bound > 1 - target
    passed = -1
    for start in START_COVERAGES:
        first = int(np.searchsorted(automated, start * curve.n))
        until = np.flatnonzero(failing[first:])
        end = first + int(until[0]) if len(until) else len(at)
        if end > first:
            passed = max(passed, end - 1)
    return float(curve.threshold[at[passed]]) if passed >= 0 else None


def min_calibration_size(target: float) -> int:
    """Garments to choose on that can assure ``target`` when all of them are right; fewer never can."""
    automated = math.ceil(math.log((1 - GUARANTEE_LEVEL) / len(START_COVERAGES)) / math.log(target))
    return math.floor((automated - 1) / START_COVERAGES[-1]) + 1


def stratified_half_mask(labels: np.ndarray, *, seed: int = 0) -> np.ndarray:
    """Which garments of ``labels`` int [n] are in the first of two halves, drawn at random within each class, for
    garments that have no validation part of their own; bool [n]."""
    first = np.zeros(len(labels), bool)
    rng = np.random.default_rng(seed)
    for label in np.unique(labels):
        members = rng.permutation(np.flatnonzero(labels == label))
        # of an odd number, the one in the middle goes to either half by chance
        first[members[: (len(members) + rng.integers(2)) // 2]] = True
    return first
