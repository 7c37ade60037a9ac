"""The garments behind the operating point: unseen mistakes, and those that get a manual check."""

import math

import numpy as np
import streamlit as st

from fashion_core.analysis.feasibility import CalibratedPredictions
from fashion_core.data.classes import ClassList
from fashion_core.wording.numbers import format_count, format_percent
from ui import gallery, pickers, shell
from ui.feasibility.assessed_runs import AssessedRuns
from ui.pagination import paginate

AFFECTED_GARMENTS_PER_PAGE = 36


def show_mistaken_and_deferred_garments(assessed: AssessedRuns, threshold: float | None) -> None:
    """Both groups: the most confident mistakes first, and the least confident garments first."""
    if threshold is None or math.isinf(threshold):
        st.info("Nothing is automated, so every garment gets a manual check.")
        return
    predictions, title = assessed.selected.test, assessed.selected.title
    automated = predictions.confidence >= threshold
    unseen = np.flatnonzero(automated & ~predictions.is_correct)
    checked = np.flatnonzero(~automated)
    left, right = st.columns(2, gap="medium")
    with left:
        by_class = np.bincount(predictions.labels[unseen], minlength=len(assessed.classes))
        most = f", most often on {assessed.classes[int(by_class.argmax())].name}" if len(unseen) else ""
        shell.show_finding(f"{format_count(len(unseen), 'mistake')} would go unnoticed{most}.")
        _rows(assessed, unseen[np.argsort(-predictions.confidence[unseen], kind="stable")], "unseen")
    with right:
        n_correct = int(predictions.is_correct[checked].sum())
        shell.show_finding(
            f"{format_count(len(checked), 'garment')} would get a manual check; "
            f"{title} classifies {n_correct:,} of them correctly."
        )
        _rows(assessed, checked[np.argsort(predictions.confidence[checked], kind="stable")], "passed")
    shell.show_provenance(
        assessed.provenance, "captions: class and index in the published file, prediction and calibrated confidence"
    )


def _rows(assessed: AssessedRuns, indices: np.ndarray, name: str) -> None:
    if not len(indices):
        return
    on_page = indices[paginate(len(indices), AFFECTED_GARMENTS_PER_PAGE, f"feasibility-{name}-{len(indices)}")]
    numbers = assessed.selected.test_indices[on_page]  # in the published file
    captions = [
        _caption(assessed.selected.test, i, number, assessed.classes)
        for i, number in zip(on_page, numbers, strict=True)
    ]
    dataset = pickers.dataset_of_run(assessed.selected.run)
    if dataset is None:
        st.caption(pickers.explain_missing_pictures(assessed.selected.run))
        st.dataframe({"Garment": [caption.replace("\n", ": ") for caption in captions]}, hide_index=True)
        return
    gallery.garment_grid(dataset, numbers, captions, key=f"feasibility-pictures-{name}")


def _caption(predictions: CalibratedPredictions, i: int, number: int, classes: ClassList) -> str:
    label, predicted = classes[predictions.labels[i]].short_name, classes[predictions.predicted[i]].short_name
    return f"{label} {number}\n{predicted} {format_percent(predictions.confidence[i])}"
