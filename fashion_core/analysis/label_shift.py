"""Pictures whose classes occur in another mix than where the threshold was chosen."""

import numpy as np

from fashion_core.analysis.automation_gain import N_GAIN_RESAMPLES, AutomationGoal, ResampledAutomation
from fashion_core.analysis.calibration import apply_temperature, fit_temperature
from fashion_core.analysis.compare import ConfidenceInterval, percentile_interval
from fashion_core.analysis.feasibility import calibrate_predictions_on_validation
from fashion_core.analysis.predictions import Predictions

MAX_MIX_STEPS = 1000
MIX_TOLERANCE = 1e-6


def estimate_class_mix(probabilities: np.ndarray, mix: np.ndarray) -> np.ndarray:
    """The rate of each class among unlabelled pictures, float64 [classes], by expectation maximisation.

    ``probabilities`` [n, classes] are calibrated where the classes occur at the rates ``mix`` float64 [classes].
    M. Saerens et al., "Adjusting the Outputs of a Classifier to New a Priori Probabilities", Neural Computation
    14, 2002.
    """
    new = np.full(len(mix), 1 / len(mix)) if not mix.any() else mix.astype(np.float64)
    base = np.maximum(mix, 1e-12)
    for _ in range(MAX_MIX_STEPS):
        posterior = probabilities * (new / base)
        posterior /= np.maximum(posterior.sum(axis=1, keepdims=True), 1e-300)
        last, new = new, posterior.mean(axis=0)
        if np.abs(new - last).max() < MIX_TOLERANCE:
            break
    return new


def estimate_automation_with_labels(
    validation: Predictions, probabilities: np.ndarray, n_labels: int, goal: AutomationGoal
) -> ConfidenceInterval:
    """The automation rate of new pictures once a threshold is chosen on ``n_labels`` of them, with its 95 % interval.

    ``probabilities`` float32 [n, classes] are the model's for the new pictures. They are taken to differ from the
    validation images in the mix of their classes only; where they differ otherwise, just their labels can tell.
    """
    temperature = fit_temperature(validation.probabilities, validation.labels)
    mix = np.bincount(validation.labels, minlength=validation.n_classes) / len(validation.labels)
    new_mix = estimate_class_mix(apply_temperature(probabilities, temperature).astype(np.float64), mix)
    weights = (new_mix / np.maximum(mix, 1e-12))[validation.labels]
    weights /= weights.sum()
    calibrated, _ = calibrate_predictions_on_validation(validation, validation)
    automation, rng = ResampledAutomation(calibrated), np.random.default_rng(0)
    rates = []
    for _ in range(N_GAIN_RESAMPLES):
        chosen, measured = (rng.multinomial(size, weights) for size in (n_labels, len(probabilities)))
        rates.append(automation.coverage(chosen, measured, goal))
    return percentile_interval(float(np.mean(rates)), np.array(rates))
