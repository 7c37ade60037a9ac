"""Whether a run's confidence means what it says, and what one temperature makes of it."""

from dataclasses import dataclass

import numpy as np

N_CONFIDENCE_BINS = 15


@dataclass(frozen=True)
class ReliabilityCurve:
    """By bin of confidence, equal widths over 0 to 1: ``confidence`` and ``accuracy`` float64 [bins], nan where empty,
    and ``counts`` int64 [bins]; ``ece`` is the expected calibration error, 0 to 1."""

    confidence: np.ndarray
    accuracy: np.ndarray
    counts: np.ndarray
    expected_calibration_error: float


def reliability_curve(
    probabilities: np.ndarray, labels: np.ndarray, n_bins: int = N_CONFIDENCE_BINS
) -> ReliabilityCurve:
    """Of class probabilities [n, 10] and labels int [n]. C. Guo et al., "On Calibration of Modern Neural Networks",
    ICML 2017."""
    confidence = probabilities.max(axis=1).astype(np.float64)
    right = probabilities.argmax(axis=1) == labels
    at = np.clip(np.ceil(confidence * n_bins).astype(np.int64) - 1, 0, n_bins - 1)
    counts = np.bincount(at, minlength=n_bins)
    filled = np.where(counts > 0, counts, np.nan)
    mean_confidence = np.bincount(at, confidence, n_bins) / filled
    accuracy = np.bincount(at, right, n_bins) / filled
    ece = float(np.nansum(np.abs(accuracy - mean_confidence) * counts) / max(len(labels), 1))
    return ReliabilityCurve(mean_confidence, accuracy, counts, ece)


def fit_temperature(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """The temperature above 0 that gives the labels of validation images the greatest likelihood, same source."""
    from scipy.optimize import minimize_scalar

    logits = np.log(np.maximum(probabilities, 1e-7).astype(np.float64))

    def loss(log_temperature: float) -> float:
        z = logits / np.exp(log_temperature)
        z -= z.max(axis=1, keepdims=True)
        return float((np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(labels)), labels]).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-3, 3), method="bounded").x))


def apply_temperature(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Probabilities [n, 10] whose logits are divided by ``temperature``."""
    z = np.log(np.maximum(probabilities, 1e-7).astype(np.float64)) / temperature
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return (e / e.sum(axis=1, keepdims=True)).astype(np.float32)
