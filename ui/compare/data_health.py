"""Near duplicates between train and test, suspected label errors, and the switch that leaves them out."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from fashion_core.analysis.label_errors import find_suspected_label_errors
from fashion_core.analysis.predictions import Predictions
from fashion_core.computed.duplicates import NEAR_DUPLICATE_MAX_RMS_DIFFERENCE, NearestTrainImages
from fashion_core.errors import RunError
from fashion_core.runs.store import RunEntry
from fashion_core.wording.data_health import (
    describe_confident_label_errors,
    describe_duplicates,
    describe_excluded_images,
    describe_label_errors,
)
from fashion_core.wording.text import escape_markdown
from ui import caches, computations, gallery, pickers, serving, shell
from ui.compare.comparison import RunComparison
from ui.compare.view import COMPARE_PAGE_STATE, EXCLUSION_TITLES, EXCLUSIONS
from ui.components.pictures import picture_grid
from ui.csv_download import csv_button
from ui.pagination import paginate

MIN_STRONG_ACCURACY = 0.9  # of the runs that can point to label errors
MIN_DOUBTING_CONFIDENCE = 0.9  # of the two most accurate runs, where fewer than two are that accurate
LABEL_ERRORS_PER_PAGE = 60


def test_image_inclusion_mask(run: RunEntry, exclusion: str) -> np.ndarray | None:
    """The test images that are not excluded, bool [n]; None for all of them."""
    assert run.record is not None
    if exclusion == "Nothing":
        return None
    mask = np.ones(run.record.data.n_test, bool)
    if exclusion in ("Copies", "Both"):
        duplicates = find_test_duplicates_of_train(run)
        if duplicates is None:
            st.warning("Near duplicates are not computed yet, so none are left out. Compute them under Data health.")
        else:
            mask[duplicates] = False
    if exclusion in ("Contested", "Both"):
        mask[label_errors_of_run(run).image_indices] = False
    return mask


def find_test_duplicates_of_train(run: RunEntry) -> np.ndarray | None:
    """Indices int64 of the test images that are in the train images too, exactly or nearly; None if not computed."""
    assert run.record is not None
    arrays = computations.cached_result(NearestTrainImages(), pickers.data_fingerprint(run))
    return None if arrays is None else np.flatnonzero(arrays["distance"] < NEAR_DUPLICATE_MAX_RMS_DIFFERENCE)


@dataclass(frozen=True)
class SuspectedLabelErrors:
    """``image_indices`` int64 [n]: the test images whose label every strong run contradicts with the same class.

    ``strong_run_ids``: the runs with at least ``MIN_STRONG_ACCURACY``. If there are fewer than two, ``is_confident``:
    they are the two most accurate, and count where both have at least ``MIN_DOUBTING_CONFIDENCE``.
    ``unreadable_run_ids``: runs left out.
    """

    image_indices: np.ndarray
    strong_run_ids: list[str]
    unreadable_run_ids: list[str]
    is_confident: bool = False


def label_errors_of_run(run: RunEntry) -> SuspectedLabelErrors:
    """Label errors in the data of ``run``; none if there are fewer than two runs to point to them."""
    readable: dict[str, Predictions] = {}
    unreadable = []
    for other in pickers.list_runs_with_test_predictions(lambda other: pickers.scored_on_same_data(other, run)):
        try:
            readable[other.id] = caches.cached_test_predictions(other)
        except RunError:
            unreadable.append(other.id)
    accuracies = {run_id: float(predictions.is_correct.mean()) for run_id, predictions in readable.items()}
    strong = [run_id for run_id, accuracy in accuracies.items() if accuracy >= MIN_STRONG_ACCURACY]
    is_confident = len(strong) < 2 <= len(readable) and not caches.current_dataset().has_shipped_runs
    if is_confident:
        strong = sorted(accuracies, key=lambda run_id: -accuracies[run_id])[:2]
    indices = np.zeros(0, np.int64)
    if len(strong) >= 2:
        predictions = [readable[run_id] for run_id in strong]
        indices = find_suspected_label_errors(predictions[0].labels, np.stack([p.predicted for p in predictions]))
        if is_confident:
            confidence = np.min([p.confidence for p in predictions], axis=0)
            indices = indices[confidence[indices] >= MIN_DOUBTING_CONFIDENCE]
    return SuspectedLabelErrors(indices, strong, unreadable, is_confident)


def show_doubtful_test_images(comparison: RunComparison) -> None:
    """Both kinds of doubtful images, and the switch."""
    COMPARE_PAGE_STATE.bound_widget(
        "leave", "Leave out of every figure on this page", st.segmented_control, EXCLUSIONS, required=True,
        format_func=EXCLUSION_TITLES.__getitem__,
    )  # fmt: skip
    if comparison.n_excluded:
        shell.show_finding(describe_excluded_images_effect(comparison))
        st.caption(
            "Leaving out suspected label errors can only raise the accuracy of the runs that point to them. It shows "
            "by how much at most."
        )
    _show_duplicates(comparison.a.run)
    _show_label_errors(comparison.a.run)


def _show_duplicates(run: RunEntry) -> None:
    """The test images, each over its nearest train image."""
    dataset, indices = pickers.dataset_of_run(run), find_test_duplicates_of_train(run)
    assert run.record is not None
    fingerprint, classes = pickers.data_fingerprint(run), run.record.data.class_list
    arrays = computations.cached_result(NearestTrainImages(), fingerprint)
    if arrays is None or indices is None:
        computations.show_missing_result_controls(
            "Near duplicates", NearestTrainImages(), fingerprint, dataset, meanwhile=""
        )
        return
    n_exact = int((arrays["distance"] == 0).sum())
    shell.show_finding(describe_duplicates(n_exact, len(indices) - n_exact))
    indices = indices[np.argsort(arrays["distance"][indices])]
    nearest, distance = arrays["nearest"][indices], arrays["distance"][indices]
    if dataset is not None and len(indices):
        test, labels = dataset.published_test_arrays
        stacked = np.concatenate([test[indices], dataset.published_train_arrays[0][nearest]], axis=1)  # [n, 56, 28]
        captions = [
            f"{classes[labels[i]].short_name} {i}\ndiffers by {d:.1f}" for i, d in zip(indices, distance, strict=True)
        ]
        picture_grid([serving.image_data_url(image) for image in stacked], captions, key="copies", n_stacked=2)
    shell.show_provenance(
        "above the test image, below the train image; near duplicate: root mean square difference in brightness below "
        f"{NEAR_DUPLICATE_MAX_RMS_DIFFERENCE:g} of 255"
    )
    frame = pd.DataFrame({"test": indices, "train": nearest, "difference": distance.round(3)})
    csv_button(lambda: frame, "copies.csv", "Duplicates as CSV")


def _show_label_errors(run: RunEntry) -> None:
    errors = label_errors_of_run(run)
    run_ids, indices = errors.strong_run_ids, errors.image_indices
    if errors.unreadable_run_ids:
        ids = ", ".join(errors.unreadable_run_ids)
        st.warning(escape_markdown(f"Left out because their predictions can't be read: {ids}."))
    if len(run_ids) < 2:
        st.markdown(
            f"Label errors can't be found: fewer than two runs here have {MIN_STRONG_ACCURACY:.0%} accuracy or more."
        )
        return
    if errors.is_confident:
        shell.show_finding(describe_confident_label_errors(len(indices), MIN_DOUBTING_CONFIDENCE))
    else:
        shell.show_finding(describe_label_errors(len(indices), len(run_ids), MIN_STRONG_ACCURACY))
    assert run.record is not None
    classes = run.record.data.class_list
    predictions = caches.cached_test_predictions(caches.run_store().get(run_ids[0]))
    labels, predicted = predictions.labels[indices], predictions.predicted[indices]
    dataset = pickers.dataset_of_run(run)
    if dataset is not None and len(indices):
        on_page = paginate(len(indices), LABEL_ERRORS_PER_PAGE, "contested-page")
        captions = [
            f"{classes[label].short_name} {i}\npredicted: {classes[other].short_name}"
            for i, label, other in zip(indices[on_page], labels[on_page], predicted[on_page], strict=True)
        ]
        gallery.garment_grid(dataset, indices[on_page], captions, key="contested")
    shell.show_provenance(f"Runs: {', '.join(run_ids)}", f"test, n = {len(predictions.labels):,}")
    names = np.array(classes.names)
    frame = pd.DataFrame({"test": indices, "label": names[labels], "prediction": names[predicted]})
    csv_button(lambda: frame, "label-errors.csv", "Label errors as CSV")


def describe_excluded_images_effect(comparison: RunComparison) -> str:
    """How many images are left out, and how the accuracy of both runs changes."""
    accuracies = {}
    for compared in comparison.runs:
        before = float(caches.cached_test_predictions(compared.run).is_correct.mean())
        accuracies[compared.letter] = (before, compared.metrics.accuracy)
    all_labels = caches.cached_test_predictions(comparison.a.run).labels
    excluded = np.bincount(np.delete(all_labels, comparison.image_indices))
    return describe_excluded_images(comparison.n_excluded, comparison.classes[int(excluded.argmax())].name, accuracies)
