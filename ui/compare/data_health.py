"""Suspected label errors and their review, near duplicates between train and test, and the switches for both."""

import numpy as np
import pandas as pd
import streamlit as st

from fashion_core.computed.duplicates import NEAR_DUPLICATE_MAX_RMS_DIFFERENCE, NearestTrainImages
from fashion_core.data.label_corrections import LabelCorrections
from fashion_core.runs.store import RunEntry
from fashion_core.wording.data_health import describe_duplicates, describe_excluded_images
from fashion_core.wording.label_errors import describe_corrections_effect, describe_emptied_classes
from ui import caches, computations, label_corrections, label_review, pickers, serving, shell
from ui.compare.comparison import RunComparison
from ui.compare.view import COMPARE_PAGE_STATE, EXCLUSION_TITLES, EXCLUSIONS
from ui.components.pictures import picture_grid
from ui.csv_download import csv_button


def test_image_inclusion_mask(run: RunEntry, exclusion: str, corrections: LabelCorrections | None) -> np.ndarray | None:
    """The test images that are not excluded, bool [n]; None for all of them.

    ``corrections``: of the labels that figures are computed with.
    """
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
        mask[label_review.doubtful_label_indices(run, corrections)] = False
    return mask


def find_test_duplicates_of_train(run: RunEntry) -> np.ndarray | None:
    """Indices int64 of the test images that are in the train images too, exactly or nearly; None if not computed."""
    assert run.record is not None
    arrays = computations.cached_result(NearestTrainImages(), pickers.data_fingerprint(run))
    return None if arrays is None else np.flatnonzero(arrays["distance"] < NEAR_DUPLICATE_MAX_RMS_DIFFERENCE)


def show_doubtful_test_images(comparison: RunComparison) -> None:
    """Both kinds of doubtful images, and the switches."""
    with st.container(horizontal=True, gap="medium"):
        label_corrections.show_label_choice(COMPARE_PAGE_STATE)
        COMPARE_PAGE_STATE.bound_widget(
            "leave", "Leave out of every figure on this page", st.segmented_control, EXCLUSIONS, required=True,
            format_func=EXCLUSION_TITLES.__getitem__,
            help="Leaving out suspected label errors can only raise the accuracy of the runs that point to them. It "
            "shows by how much at most.",
        )  # fmt: skip
    errors, duplicates = st.tabs(["Suspected label errors", "Near duplicates"])
    with errors, shell.show_errors():
        label_review.show_label_review(comparison.a.run)
    with duplicates:
        _show_duplicates(comparison)


def _show_duplicates(comparison: RunComparison) -> None:
    """The test images, each over its nearest train image."""
    run, dataset = comparison.a.run, comparison.dataset
    indices = find_test_duplicates_of_train(run)
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
        test = dataset.published_test_arrays[0]
        labels = label_corrections.load_test_predictions(run, comparison.corrections).labels
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


def describe_effects(comparison: RunComparison) -> list[str]:
    """What leaving images out and correcting labels changes."""
    sentences = [_describe_exclusion(comparison)] if comparison.n_excluded else []
    corrections, run = comparison.corrections, comparison.a.run
    if corrections is None:
        return sentences
    original = caches.cached_test_predictions(run).labels
    accuracies = {}
    for compared in comparison.runs:
        before = caches.cached_test_predictions(compared.run).select(comparison.image_indices)
        accuracies[compared.letter] = (float(before.is_correct.mean()), compared.metrics.accuracy)
    sentences.append(describe_corrections_effect(len(corrections.changed_indices(original)), accuracies))
    emptied = np.setdiff1d(original, corrections.apply(original))
    if len(emptied):
        sentences.append(describe_emptied_classes([comparison.classes[c].name for c in emptied]))
    return sentences


def _describe_exclusion(comparison: RunComparison) -> str:
    """How many images are left out, and how the accuracy of both runs changes."""
    accuracies = {}
    for compared in comparison.runs:
        all_images = label_corrections.load_test_predictions(compared.run, comparison.corrections)
        accuracies[compared.letter] = (float(all_images.is_correct.mean()), compared.metrics.accuracy)
        excluded = np.bincount(np.delete(all_images.labels, comparison.image_indices))
    return describe_excluded_images(comparison.n_excluded, comparison.classes[int(excluded.argmax())].name, accuracies)
