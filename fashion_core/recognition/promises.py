"""What is promised for the pictures of a folder: by the recognition networks, or by a run on a catalogue."""

from collections.abc import Sequence

import numpy as np

from fashion_core.analysis.feasibility import CalibratedPredictions, calibrate_predictions_on_validation
from fashion_core.analysis.predictions import Predictions
from fashion_core.computed.validation import find_validation_predictions, load_validation_predictions
from fashion_core.data.classes import ClassList
from fashion_core.errors import RunError
from fashion_core.recognition.batch import PictureResult
from fashion_core.recognition.labelled_folder import labels_from_folders
from fashion_core.runs.store import RunEntry, RunStore
from fashion_core.runs.summary import RECOGNITION_RUN_IDS


def load_reference_predictions(store: RunStore, run: RunEntry | None = None, data: str = "") -> CalibratedPredictions:
    """What ``run``, or the recognition networks together, predict for the images on which a promise is made.

    They are those of validation, or of some folds of a cross-validated run. What isn't stored for ``run`` is computed
    now, on the data set ``data`` or the run's own. Raises ``RunError`` when there are no predictions and none can be
    computed, and ``DataError`` when the data set is needed and gone.
    """
    if run is not None:
        predictions = store.load_predictions(run)
        validation = find_validation_predictions(store, run, predictions, data)
        return calibrate_predictions_on_validation(validation, predictions)[0]
    by_run = []
    for run_id in RECOGNITION_RUN_IDS:
        stored = load_validation_predictions(store.get(run_id))
        if stored is None:
            raise RunError(f"The predictions of {run_id} on validation are missing. Install the program again.")
        by_run.append(stored)
    together = Predictions(np.mean([p.probabilities for p in by_run], axis=0), by_run[0].labels)
    return calibrate_predictions_on_validation(together, together)[0]


def calibrate_results(
    results: Sequence[PictureResult], classes: ClassList, temperature: float
) -> CalibratedPredictions:
    """The predictions of readable pictures under ``temperature``; labels are those of their folders, or negative."""
    predictions = [r.prediction for r in results if r.prediction is not None]
    probabilities = np.stack([p.probabilities for p in predictions]) if predictions else np.zeros((0, len(classes)))
    return CalibratedPredictions.from_probabilities(probabilities, labels_from_folders(results, classes), temperature)
