"""Does the promise hold for these pictures? If they look different: label a few of them, and get one that holds."""

from dataclasses import replace

import numpy as np
import streamlit as st

from fashion_core.analysis.exchangeability import (
    N_TO_LABEL,
    choose_pictures_to_label,
    compare_with_reference,
    promise_from_labels,
)
from fashion_core.analysis.feasibility import (
    DEFAULT_TARGET_SELECTIVE_ACCURACY,
    NEVER_AUTOMATED_CONFIDENCE,
    CalibratedPredictions,
)
from fashion_core.data.classes import NONE_OF_THESE_LABEL
from fashion_core.errors import RunError
from fashion_core.recognition.batch import read_thumbnail
from fashion_core.recognition.labelled_folder import has_class_folders, rank_classes
from fashion_core.recognition.promises import calibrate_results, load_reference_predictions
from fashion_core.runs.store import RunEntry
from fashion_core.runs.summary import RECOGNITION_RUN_IDS
from fashion_core.sorting.promise import SortingPromise, make_promise, make_promise_from_labels
from fashion_core.vision.picture_sources import open_picture_sources
from fashion_core.wording import promises as wording
from fashion_core.wording.numbers import format_percent
from ui import caches, serving, shell
from ui.components.labelling import LEFT_OUT, MAX_CHOICES, PictureToLabel, label_pictures
from ui.feasibility.assessed_runs import load_assessed_run
from ui.try_it.job import LABELLING_SIDE, RecognitionJob

TARGETS = (80, 85, 90, 91)  # percent; 60 labels without a mistake assure 91 %
DEFAULT_TARGET = 90


def show_promise(job: RecognitionJob) -> SortingPromise | None:
    """Whether the pictures look like those of the promise, and the way to a new one.

    Returns the promise to sort them under: the new one, or else that of validation; None if there is none.
    """
    readable = [row for row, result in enumerate(job.results) if result.prediction is not None]
    try:
        reference = _load_reference(job.run)
    except RunError as error:  # a run without predictions on validation has promised nothing yet
        st.caption(shell.escape_markdown(str(error)))
        return None
    pictures = calibrate_results([job.results[row] for row in readable], job.classes, reference.temperature)
    test = compare_with_reference(reference, pictures, len(job.classes))
    title = wording.format_reference(_data_title(job))
    shell.show_finding(wording.describe_exchangeability(test, title))
    name = "+".join(RECOGNITION_RUN_IDS) if job.run is None else job.run.id
    of_validation = make_promise(name, reference, DEFAULT_TARGET_SELECTIVE_ACCURACY, title)
    if test is None or not test.is_rejected:
        return of_validation
    chosen = choose_pictures_to_label(pictures.confidence)
    rows = [readable[position] for position in chosen]
    with st.expander(wording.describe_labelling_request(len(rows)), icon=":material/label:"):
        _show_labelling(job, rows)
    if not all(row in job.promise_labels for row in rows):
        return of_validation
    return _show_new_promise(job, pictures, readable, chosen, of_validation.run)


def _load_reference(run: RunEntry | None) -> CalibratedPredictions:
    """What ``run``, or the recognition networks, predict for the images of the promise; ``RunError`` without them."""
    if run is None:
        return load_reference_predictions(caches.run_store())
    assessed = load_assessed_run(run)
    if assessed is None:  # a page doesn't wait for them
        raise RunError(f"The predictions of {run.id} on validation are not computed yet. Open it on Feasibility.")
    return assessed.validation


def _data_title(job: RecognitionJob) -> str:
    """Of the data set whose validation images the promise was made on."""
    run = job.run or caches.run_store().get(RECOGNITION_RUN_IDS[0])
    assert run.record is not None
    return run.record.data.title


def _show_labelling(job: RecognitionJob, rows: list[int]) -> None:
    if not job.promise_thumbnails:
        with open_picture_sources(job.uploads) as sources:
            job.promise_thumbnails |= {row: read_thumbnail(sources[row], LABELLING_SIDE) for row in rows}

    def store_labels(labels: dict[int, int]) -> None:
        job.promise_labels |= {rows[position]: label for position, label in labels.items()}

    pictures = [_picture_to_label(job, row) for row in rows]
    label_pictures(pictures, job.classes.names, name=f"{id(job)}-promise", key="promise-labels", on_label=store_labels)


def _picture_to_label(job: RecognitionJob, row: int) -> PictureToLabel:
    result = job.results[row]
    assert result.prediction is not None
    ranked = [int(label) for label in rank_classes(result)[:MAX_CHOICES]]
    texts = [format_percent(result.prediction.probabilities[label]) for label in ranked]
    url = serving.data_url(job.promise_thumbnails[row], "image/jpeg")
    return PictureToLabel(url, result.name, list(zip(ranked, texts, strict=True)), job.promise_labels.get(row))


def _show_new_promise(
    job: RecognitionJob, pictures: CalibratedPredictions, readable: list[int], chosen: np.ndarray, run: str
) -> SortingPromise:
    target = st.segmented_control(
        "Correct among the automated", TARGETS, default=DEFAULT_TARGET, format_func=lambda percent: f"{percent}%",
        required=True, key="promise-target",
    )  # fmt: skip
    labels = pictures.labels.copy()
    for position in chosen:
        label = job.promise_labels[readable[position]]
        labels[position] = NONE_OF_THESE_LABEL if label == LEFT_OUT else label  # of no class: any answer is wrong
    labelled = CalibratedPredictions(labels, pictures.predicted, pictures.confidence, pictures.temperature)
    promise = promise_from_labels(labelled, chosen, target / 100)
    n_automated = 0 if promise.threshold is None else int((pictures.confidence >= promise.threshold).sum())
    st.success(shell.escape_markdown(wording.describe_new_promise(promise, len(chosen), n_automated, len(pictures))))
    if has_class_folders(job.results, job.classes):
        st.markdown(shell.escape_markdown(wording.describe_promise_check(promise)))
    shell.show_provenance(
        f"{N_TO_LABEL} pictures drawn at random from the more confident half, seed 0",
        "threshold by fixed-sequence testing with exact bounds",
    )
    predictions = [job.results[row].prediction for row in readable]
    is_unknown = np.array([p is not None and p.is_out_of_distribution for p in predictions])
    confidence = np.where(is_unknown, NEVER_AUTOMATED_CONFIDENCE, pictures.confidence)
    return make_promise_from_labels(run, promise, replace(pictures, confidence=confidence), len(chosen))
