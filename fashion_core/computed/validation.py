"""A run's predictions on the validation images, on which thresholds and temperatures are chosen."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from fashion_core.analysis.predictions import Predictions
from fashion_core.computed import store as results
from fashion_core.computed.computation import Computation, ProgressCallback
from fashion_core.data import Dataset
from fashion_core.errors import RunError
from fashion_core.models.base import Classifier
from fashion_core.models.inputs import predict_split
from fashion_core.runs.run_data import find_run_dataset
from fashion_core.runs.store import RunEntry, RunStore, hash_weights


@dataclass(frozen=True)
class ValidationPredictions(Computation):
    """Arrays: ``probabilities`` float16 [n, classes] and ``labels`` uint8 [n] of the validation split.

    ``weights`` is the hash of the weights of the run ``run_id``.
    """

    weights: str
    run_id: str

    kind: ClassVar[str] = "validation"
    arrays: ClassVar[tuple[str, ...]] = ("probabilities", "labels")
    shapes: ClassVar[Mapping[str, str]] = {"probabilities": "n classes", "labels": "n"}

    def compute(self, dataset: Dataset, report: ProgressCallback) -> dict[str, np.ndarray]:
        classifier = RunStore().load_classifier_with_weights(self.run_id, self.weights)
        predictions = predict_validation(classifier, dataset, report)
        return {"probabilities": predictions.probabilities.astype(np.float16), "labels": predictions.labels}


def predict_validation(classifier: Classifier, dataset: Dataset, report: ProgressCallback) -> Predictions:
    """Predictions on the validation images, rounded to float16 like the stored ones."""
    step = "predicting the validation images"
    probabilities = predict_split(classifier, dataset, "validation", lambda fraction: report(fraction, step))
    return Predictions(probabilities.astype(np.float16).astype(np.float32), dataset.split("validation").labels)


def validation_computation(run: RunEntry) -> ValidationPredictions:
    """The computation for a run's current weights; raises ``RunError`` when they cannot be read."""
    return ValidationPredictions(hash_weights(run.path), run.id)


def load_validation_predictions(run: RunEntry) -> Predictions | None:
    """The run's predictions, shipped or computed earlier; None when they have to be computed first.

    Raises ``RunError`` for a damaged run and ``DamagedResultError`` for a damaged result.
    """
    if run.record is None:
        raise RunError(f"The run {run.id} is damaged. {run.damage}")
    arrays = results.load_result(validation_computation(run), run.record.data.fingerprint)
    return None if arrays is None else validation_predictions_from_arrays(arrays)


def validation_predictions_from_arrays(arrays: dict[str, np.ndarray]) -> Predictions:
    """``Predictions`` from the arrays of a ``ValidationPredictions``."""
    return Predictions(arrays["probabilities"].astype(np.float32), arrays["labels"])


def find_validation_predictions(
    store: RunStore, entry: RunEntry, predictions: Predictions, data: str
) -> Predictions | None:
    """The run's stored predictions on validation, or else computed now, on the data set ``data`` or the run's own.
    None for a cross-validated run, whose folds stand in for validation in its ``predictions``.

    Raises ``RunError`` when that data set isn't the one that the run was trained on.
    """
    if predictions.folds is not None:
        return None
    stored = load_validation_predictions(entry)
    if stored is not None:
        return stored
    dataset = find_run_dataset(entry, data)
    assert entry.record is not None
    if dataset.fingerprint != entry.record.data.fingerprint:
        raise RunError(
            f"{entry.id} was trained on other pictures, and its thresholds are chosen on those. Pass them with --data."
        )
    return predict_validation(store.load_classifier(entry), dataset, lambda fraction, doing: None)
