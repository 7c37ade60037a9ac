"""The threshold from which pictures are sorted automatically, and the pictures on which it was chosen."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from fashion_core.analysis.calibration import fit_temperature
from fashion_core.analysis.feasibility import (
    NEVER_AUTOMATED_CONFIDENCE,
    AutomationAssessment,
    CalibratedPredictions,
    choose_threshold_for_target,
    operating_point,
)
from fashion_core.data.classes import NONE_OF_THESE_LABEL, ClassList
from fashion_core.errors import PictureError
from fashion_core.recognition.batch import PictureResult
from fashion_core.recognition.labelled_folder import has_class_folders, labels_from_folders
from fashion_core.recognition.promises import calibrate_results


@dataclass(frozen=True)
class SortingPromise:
    """Of the pictures that ``run`` sorts automatically, at least ``target`` (0 to 1) are correct, with
    ``TARGET_GUARANTEE_PROBABILITY``, if they are like the ``n`` of ``reference``, which a sentence names.

    ``threshold`` on the confidence under ``temperature``; None when none assures the target. ``n_automated`` of the
    ``n`` reach it, and ``n_correct`` of those are correct; None if only some of the ``n`` have labels.
    """

    run: str
    target: float
    temperature: float
    threshold: float | None
    n: int
    n_automated: int
    n_correct: int | None
    reference: str


def make_promise(run: str, predictions: CalibratedPredictions, target: float, reference: str) -> SortingPromise:
    """Choose the threshold on ``predictions``; raises ``ConfigError`` when ``target`` is not above 0 and below 1."""
    threshold = choose_threshold_for_target(predictions.risk_coverage_curve, target, guaranteed=True)
    point = None if threshold is None else operating_point(predictions, threshold)
    n_automated, n_correct = (0, 0) if point is None else (point.n_automated, point.n_correct)
    return SortingPromise(
        run, target, predictions.temperature, threshold, len(predictions), n_automated, n_correct, reference
    )


def make_promise_from_labels(
    run: str, assessment: AutomationAssessment, pictures: CalibratedPredictions, n_labelled: int
) -> SortingPromise:
    """A promise for ``pictures`` themselves, ``n_labelled`` of which were labelled for the ``assessment``."""
    threshold = assessment.threshold
    n_automated = 0 if threshold is None else int((pictures.confidence >= threshold).sum())
    reference = f"your pictures, {n_labelled} of them labelled"
    return SortingPromise(
        run, assessment.target, pictures.temperature, threshold, len(pictures), n_automated, None, reference
    )


def calibrate_labelled_results(results: Sequence[PictureResult], classes: ClassList) -> CalibratedPredictions:
    """What was predicted for the pictures of a labelled folder, under the temperature that suits them best.

    Pictures of none of the classes count as mistakes, unless they are out of distribution: those are never automated.
    Raises ``PictureError`` when no readable picture lies in a folder named after a class.
    """
    readable = [result for result in results if result.prediction is not None]
    if not has_class_folders(readable, classes):
        raise PictureError(
            "No readable picture of --calibrate lies in a folder named after a class. Name the folders "
            f"{', '.join(classes.folder_names[:10])}{' and so on' if len(classes) > 10 else ''}."
        )
    labels = labels_from_folders(readable, classes)
    known = [r.prediction.probabilities for r, c in zip(readable, labels, strict=True) if r.prediction and c >= 0]
    temperature = fit_temperature(np.stack(known), labels[labels >= 0])
    calibrated = calibrate_results(readable, classes, temperature)
    is_unknown = [r.prediction is not None and r.prediction.is_out_of_distribution for r in readable]
    confidence = np.where(is_unknown, NEVER_AUTOMATED_CONFIDENCE, calibrated.confidence)
    return replace(calibrated, confidence=confidence).select(labels >= NONE_OF_THESE_LABEL)
