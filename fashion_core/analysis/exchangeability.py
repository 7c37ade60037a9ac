"""Does a promise hold for other pictures? Whether they look like the pictures on which its threshold was chosen.

A promise holds for pictures that are exchangeable with those: as if drawn from the same source. Two things that a model
says about pictures show a difference without any labels: its confidence, and how often it predicts each class.
"""

from dataclasses import dataclass

import numpy as np

from fashion_core.analysis.feasibility import (
    AutomationAssessment,
    CalibratedPredictions,
    assess_automation_from_calibrated,
)

FALSE_ALARM_RATE = 0.05  # of the test on exchangeable pictures
MIN_PICTURES = 20  # fewer show nothing
N_PERMUTATIONS = 9999
N_TO_LABEL = 60
FRACTION_TO_LABEL_FROM = 0.5  # the most confident pictures; the others are left to people in any case


@dataclass(frozen=True)
class ExchangeabilityTest:
    """``p_confidence`` of Kolmogorov and Smirnov's test that both samples have the same confidence; ``p_classes`` of a
    permutation test that each class is predicted as often. ``is_less_confident``: whether the mean confidence of
    the ``n`` pictures is lower than that of the others."""

    p_confidence: float
    p_classes: float
    is_less_confident: bool
    n: int

    @property
    def p_value(self) -> float:
        """Of both tests together, by Bonferroni's correction."""
        return min(1.0, 2 * min(self.p_confidence, self.p_classes))

    @property
    def is_rejected(self) -> bool:
        """Whether the pictures differ from the others."""
        return self.p_value < FALSE_ALARM_RATE


def compare_with_reference(
    reference: CalibratedPredictions, pictures: CalibratedPredictions, n_classes: int
) -> ExchangeabilityTest | None:
    """Whether ``pictures`` are like ``reference``; None for fewer than ``MIN_PICTURES`` of either. No label is read."""
    from scipy.stats import ks_2samp

    if min(len(reference), len(pictures)) < MIN_PICTURES:
        return None
    p_confidence = float(ks_2samp(reference.confidence, pictures.confidence, method="auto").pvalue)
    counts, reference_counts = (np.bincount(part.predicted, minlength=n_classes) for part in (pictures, reference))
    is_less_confident = bool(pictures.confidence.mean() < reference.confidence.mean())
    p_classes = _permutation_p_value(counts, reference_counts)
    return ExchangeabilityTest(p_confidence, p_classes, is_less_confident, len(pictures))


def _permutation_p_value(counts: np.ndarray, reference_counts: np.ndarray) -> float:
    """The p-value of Pearson's statistic for two rows of counts int64 [classes], under permutations of the pictures."""
    together, n = counts + reference_counts, int(counts.sum())
    expected = together * n / together.sum()
    used = together > 0
    rng = np.random.default_rng(0)
    drawn = rng.multivariate_hypergeometric(together, n, size=N_PERMUTATIONS, method="marginals")  # [draws, classes]

    def statistic(rows: np.ndarray) -> np.ndarray:
        deviation: np.ndarray = ((rows - expected)[..., used] ** 2 / expected[used]).sum(axis=-1)
        return deviation

    observed = float(statistic(counts))
    return (1 + int((statistic(drawn) >= observed - 1e-9).sum())) / (1 + N_PERMUTATIONS)


def choose_pictures_to_label(confidence: np.ndarray, n: int = N_TO_LABEL, *, seed: int = 0) -> np.ndarray:
    """Pictures whose labels would give a new promise, int64 [at most ``n`` rows of ``confidence`` float64 [m]].

    They are drawn at random from the more confident half: a new threshold can only lie there, so that more of them say
    something about it.
    """
    order = np.argsort(-confidence, kind="stable")
    pool = order[: max(min(n, len(order)), round(FRACTION_TO_LABEL_FROM * len(order)))]
    chosen = np.random.default_rng(seed).permutation(pool)[:n]
    return np.sort(chosen)


def promise_from_labels(pictures: CalibratedPredictions, labelled: np.ndarray, target: float) -> AutomationAssessment:
    """A new promise for ``pictures``, whose labels are only read at the rows ``labelled`` int64 [k].

    These were chosen by ``choose_pictures_to_label``. ``test`` counts all other pictures; it is a measurement only if
    those have labels, otherwise only its ``n_automated`` means something. Raises ``ConfigError`` for a target outside
    0 to 1.
    """
    rest = np.setdiff1d(np.arange(len(pictures)), labelled)
    return assess_automation_from_calibrated(
        pictures.select(labelled), pictures.select(rest), target, title="The model"
    )
