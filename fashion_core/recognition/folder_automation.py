"""Pictures that somebody has sorted into folders, as answers whose automation can be judged."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fashion_core.analysis import calibration
from fashion_core.analysis.feasibility import NEVER_AUTOMATED, CalibratedPredictions, stratified_half_mask
from fashion_core.data.classes import N_CLASSES
from fashion_core.recognition.batch import PictureResult
from fashion_core.recognition.labelled_folder import NO_LABEL, NO_PREDICTION, labels_from_folders

FOLDER_SPLIT_SEED = 0
MIN_FOLDER_PICTURES = 40  # pictures of the ten classes from which a half of them says something


@dataclass(frozen=True)
class LabelledFolderSplit:
    """One half of the pictures to choose a threshold and a ``temperature`` on, the other to try them.

    A picture that cannot be read or carries the warning always goes to a person; one of none of the ten classes is a
    mistake whenever it is automated. Left out are ``copies`` of other pictures, which would stand in both halves, and
    ``unlabelled`` ones in no folder.
    """

    calibration: CalibratedPredictions
    evaluation: CalibratedPredictions
    temperature: float
    n_duplicates: int
    n_unlabelled: int


def split_labelled_folder(results: Sequence[PictureResult]) -> LabelledFolderSplit | None:
    """The answered pictures of one folder; None when fewer than ``FEWEST`` of them show one of the ten classes."""
    everything = labels_from_folders(results)
    kept = [i for i, row in enumerate(results) if not row.duplicate_of and everything[i] != NO_LABEL]
    truth = everything[kept]
    if (truth >= 0).sum() < MIN_FOLDER_PICTURES:
        return None
    answers = [results[i].prediction for i in kept]
    read = np.array([answer is not None for answer in answers])
    strange = np.array([answer is not None and answer.is_out_of_distribution for answer in answers])
    nothing = np.full(N_CLASSES, 1 / N_CLASSES, np.float32)
    probabilities = np.stack([nothing if answer is None else answer.probabilities for answer in answers])
    first = stratified_half_mask(truth, seed=FOLDER_SPLIT_SEED)
    fitted_on = first & read & (truth >= 0)
    temperature = calibration.fit_temperature(probabilities[fitted_on], truth[fitted_on]) if fitted_on.any() else 1.0
    predicted = np.where(read, probabilities.argmax(axis=1), NO_PREDICTION)
    confidence = calibration.apply_temperature(probabilities, temperature).max(axis=1).astype(np.float64)
    confidence[~read | strange] = NEVER_AUTOMATED
    parts = [CalibratedPredictions(truth[half], predicted[half], confidence[half]) for half in (first, ~first)]
    copies = sum(bool(row.duplicate_of) for row in results)
    return LabelledFolderSplit(parts[0], parts[1], temperature, copies, int((everything == NO_LABEL).sum()))


def keep_known_classes(answers: CalibratedPredictions) -> CalibratedPredictions:
    """Those pictures alone that show one of the ten classes: prices are theirs."""
    known = answers.labels >= 0
    return CalibratedPredictions(answers.labels[known], answers.predicted[known], answers.confidence[known])
