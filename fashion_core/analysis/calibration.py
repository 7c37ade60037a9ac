"""Whether a run's confidence means what it says, and what one temperature makes of it."""

from dataclasses import dataclass

import numpy as np

BINS = 15


@dataclass(frozen=True)
class Reliability:
    """By bin of confidence, equal widths over 0 to 1: ``confidence`` and ``accuracy`` float64 [bins], nan where empty,
    and ``counts`` int64 [bins]; ``ece`` is the expected calibration error, 0 to 1."""

    confidence: np.ndarray
    accuracy: np.ndarray
    counts: np.ndarray
    ece: float


def reliability(probabilities: np.ndarray, labels: np.ndarray, bins: int = BINS) -> Reliability:
    """Of class probabilities [n, 10] and labels int [n]. C. Guo et al., "On Calibration of Modern Neural Networks",
    ICML 2017."""
    confidence = probabilities.max(axis=1).astype(np.float64)
    right = probabilities.argmax(axis=1) == labels
    at = np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)
    counts = np.bincount(at, minlength=bins)
    filled = np.where(counts > 0, counts, np.nan)
    mean_confidence = np.bincount(at, confidence, bins) / filled
    accuracy = np.bincount(at, right, bins) / filled
    ece = float(np.nansum(np.abs(accuracy - mean_confidence) * counts) / max(len(labels), 1))
    return Reliability(mean_confidence, accuracy, counts, ece)


def fit_temperature(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """The temperature above 0 that gives the labels of validation images the greatest likelihood, same source."""
    from scipy.optimize import minimize_scalar

    logits = np.log(np.maximum(probabilities, 1e-7).astype(np.float64))

    def loss(log_temperature: float) -> float:
        z = logits / np.exp(log_temperature)
        z -= z.max(axis=1, keepdims=True)
        return float((np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(labels)), labels]).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-3, 3), method="bounded").x))


def with_temperature(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Probabilities [n, 10] whose logits are divided by ``temperature``."""
    z = np.log(np.maximum(probabilities, 1e-7).astype(np.float64)) / temperature
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return (e / e.sum(axis=1, keepdims=True)).astype(np.float32)
