"""What is promised for the pictures of a folder: by the recognition networks, or by a run on a catalogue."""

from collections.abc import Sequence

import numpy as np

from fashion_core.analysis.feasibility import CalibratedPredictions, calibrate_predictions_on_validation
from fashion_core.analysis.predictions import Predictions
from fashion_core.computed.validation import load_validation_predictions
from fashion_core.data.classes import ClassList
from fashion_core.errors import RunError
from fashion_core.recognition.batch import PictureResult
from fashion_core.recognition.labelled_folder import labels_from_folders
from fashion_core.runs.store import RunStore
from fashion_core.runs.summary import RECOGNITION_RUN_IDS


def load_reference_predictions(
    store: RunStore, run_ids: Sequence[str] = RECOGNITION_RUN_IDS
) -> tuple[CalibratedPredictions, float]:
    """What the runs together predict for their validation images, on which a promise is made, and the temperature.

    Raises ``RunError`` when these predictions are not computed yet.
    """
    by_run = []
    for run_id in run_ids:
        predictions = load_validation_predictions(store.get(run_id))
        if predictions is None:
            raise RunError(f"The predictions of {run_id} on validation are not computed yet. Open it on Feasibility.")
        by_run.append(predictions)
    together = Predictions(np.mean([p.probabilities for p in by_run], axis=0), by_run[0].labels)
    calibrated, _ = calibrate_predictions_on_validation(together, together)
    return calibrated, calibrated.temperature


def calibrate_results(
    results: Sequence[PictureResult], classes: ClassList, temperature: float
) -> CalibratedPredictions:
    """The predictions of readable pictures under ``temperature``; labels are those of their folders, or negative."""
    predictions = [r.prediction for r in results if r.prediction is not None]
    probabilities = np.stack([p.probabilities for p in predictions]) if predictions else np.zeros((0, len(classes)))
    return CalibratedPredictions.from_probabilities(probabilities, labels_from_folders(results, classes), temperature)
