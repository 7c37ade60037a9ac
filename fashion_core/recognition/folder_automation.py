"""Split a labelled folder's predictions, to choose an automation threshold on one half and test it on the other."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fashion_core.analysis import calibration
from fashion_core.analysis.feasibility import NEVER_AUTOMATED_CONFIDENCE, CalibratedPredictions, stratified_half_mask
from fashion_core.data.classes import N_CLASSES
from fashion_core.recognition.batch import PictureResult
from fashion_core.recognition.labelled_folder import NO_LABEL, NO_PREDICTION, labels_from_folders

FOLDER_SPLIT_SEED = 0
MIN_FOLDER_PICTURES = 40  # of the ten classes; fewer say too little


@dataclass(frozen=True)
class LabelledFolderSplit:
    """``calibration``: the half to choose a threshold and ``temperature`` on; ``evaluation``: the half to test them.

    Unreadable pictures and those with a warning always get a manual check; a picture of none of the ten classes counts
    as a mistake if it is automated. Left out are ``n_duplicates`` copies of other pictures, which could land in both
    halves, and ``n_unlabelled`` pictures in no folder.
    """

    calibration: CalibratedPredictions
    evaluation: CalibratedPredictions
    temperature: float
    n_duplicates: int
    n_unlabelled: int


def split_and_calibrate_labelled_folder(results: Sequence[PictureResult]) -> LabelledFolderSplit | None:
    """Split the predictions of a labelled folder; None with fewer than ``MIN_FOLDER_PICTURES`` of the ten classes."""
    all_labels = labels_from_folders(results)
    used = [i for i, result in enumerate(results) if not result.duplicate_of and all_labels[i] != NO_LABEL]
    labels = all_labels[used]
    if (labels >= 0).sum() < MIN_FOLDER_PICTURES:
        return None
    predictions = [results[i].prediction for i in used]
    readable = np.array([p is not None for p in predictions])
    warned = np.array([p is not None and p.is_out_of_distribution for p in predictions])
    uniform = np.full(N_CLASSES, 1 / N_CLASSES, np.float32)
    probabilities = np.stack([uniform if p is None else p.probabilities for p in predictions])
    half = stratified_half_mask(labels, seed=FOLDER_SPLIT_SEED)
    fitted_on = half & readable & (labels >= 0)
    temperature = calibration.fit_temperature(probabilities[fitted_on], labels[fitted_on]) if fitted_on.any() else 1.0
    predicted = np.where(readable, probabilities.argmax(axis=1), NO_PREDICTION)
    confidence = calibration.apply_temperature(probabilities, temperature).max(axis=1).astype(np.float64)
    confidence[~readable | warned] = NEVER_AUTOMATED_CONFIDENCE
    return LabelledFolderSplit(
        calibration=CalibratedPredictions(labels[half], predicted[half], confidence[half]),
        evaluation=CalibratedPredictions(labels[~half], predicted[~half], confidence[~half]),
        temperature=temperature,
        n_duplicates=sum(bool(result.duplicate_of) for result in results),
        n_unlabelled=int((all_labels == NO_LABEL).sum()),
    )


def filter_known_classes(predictions: CalibratedPredictions) -> CalibratedPredictions:
    """Only the pictures of the ten classes; no others have a price."""
    known = predictions.labels >= 0
    return CalibratedPredictions(predictions.labels[known], predictions.predicted[known], predictions.confidence[known])
