"""Whether a run's confidence matches its accuracy, and temperature scaling to correct it."""

from dataclasses import dataclass

import numpy as np

N_CONFIDENCE_BINS = 15
MIN_PROBABILITY_BEFORE_LOG = 1e-7  # keeps logarithms finite
LOG_TEMPERATURE_SEARCH_BOUNDS = (-3, 3)


@dataclass(frozen=True)
class ReliabilityCurve:
    """Mean ``confidence`` and ``accuracy`` in bins of equal width over 0 to 1, float64 [bins], nan in empty bins;
    ``counts`` int64 [bins]; ``expected_calibration_error``, 0 to 1."""

    confidence: np.ndarray
    accuracy: np.ndarray
    counts: np.ndarray
    expected_calibration_error: float

    @property
    def mean_overconfidence(self) -> float:
        """Mean confidence minus accuracy, -1 to 1."""
        difference = (self.confidence - self.accuracy) * self.counts
        return float(np.nansum(difference) / max(int(self.counts.sum()), 1))


def reliability_curve(
    probabilities: np.ndarray, labels: np.ndarray, n_bins: int = N_CONFIDENCE_BINS
) -> ReliabilityCurve:
    """``probabilities`` [n, classes], ``labels`` int [n]. C. Guo et al., "On Calibration of Modern Neural Networks",
    ICML 2017."""
    confidence = probabilities.max(axis=1).astype(np.float64)
    correct = probabilities.argmax(axis=1) == labels
    bins = np.clip(np.ceil(confidence * n_bins).astype(np.int64) - 1, 0, n_bins - 1)
    counts = np.bincount(bins, minlength=n_bins)
    divisor = np.where(counts > 0, counts, np.nan)
    mean_confidence = np.bincount(bins, confidence, n_bins) / divisor
    accuracy = np.bincount(bins, correct, n_bins) / divisor
    error = float(np.nansum(np.abs(accuracy - mean_confidence) * counts) / max(len(labels), 1))
    return ReliabilityCurve(mean_confidence, accuracy, counts, error)


def fit_temperature(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """The temperature that maximises the likelihood of validation ``labels`` int [n]; same source. 1 without any."""
    if not len(labels):
        return 1.0
    from scipy.optimize import minimize_scalar
    from scipy.special import log_softmax

    logits = _logits(probabilities)

    def mean_loss(log_temperature: float) -> float:
        log_probabilities = log_softmax(logits / np.exp(log_temperature), axis=1)
        return -float(log_probabilities[np.arange(len(labels)), labels].mean())

    return float(np.exp(minimize_scalar(mean_loss, bounds=LOG_TEMPERATURE_SEARCH_BOUNDS, method="bounded").x))


def apply_temperature(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Probabilities float32 [n, classes] of the logits divided by ``temperature``."""
    from scipy.special import softmax

    return softmax(_logits(probabilities) / temperature, axis=1).astype(np.float32)


def _logits(probabilities: np.ndarray) -> np.ndarray:
    return np.log(np.maximum(probabilities, MIN_PROBABILITY_BEFORE_LOG).astype(np.float64))
