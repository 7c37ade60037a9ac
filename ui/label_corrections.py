"""The labels of test pictures: the original ones, or with the visitor's corrections."""

from typing import Any

import streamlit as st

from fashion_core.analysis.predictions import Predictions
from fashion_core.data.label_corrections import LabelCorrections, load_label_corrections
from fashion_core.runs.store import RunEntry
from ui import caches
from ui.errors import show_errors
from ui.page_state import PageState

LABEL_CHOICES = ORIGINAL, CORRECTED = "original", "corrected"


def show_label_choice(state: PageState[Any]) -> None:
    """The switch for the labels that every figure of a page is computed with: the field ``labels`` of ``state``."""
    state.bound_widget(
        "labels", "Labels", st.segmented_control, LABEL_CHOICES, required=True, format_func=str.capitalize,
        help="Every figure on this page is computed with these labels. You correct labels on Compare, under Data "
        "health.",
    )  # fmt: skip


def load_chosen_corrections(run: RunEntry, state: PageState[Any]) -> LabelCorrections | None:
    """What corrects the labels of figures; None if original ones are chosen, or the corrections can't be read."""
    if state.current_view().labels == ORIGINAL:
        return None
    corrections = load_readable_corrections(run)
    if corrections is None:
        state.correct_fields_while_drawing(labels=ORIGINAL)
    return corrections


def load_corrections(run: RunEntry) -> LabelCorrections:
    """What the visitor decided about the labels that ``run`` was tested on; raises ``DataError`` for a damaged file."""
    assert run.record is not None
    data = run.record.data
    return load_label_corrections(data.test_fingerprint, data.n_test, len(data.classes))


def load_readable_corrections(run: RunEntry) -> LabelCorrections | None:
    """The same; None, with the reason on the page, where they can't be read."""
    with show_errors():
        return load_corrections(run)
    return None


def load_test_predictions(run: RunEntry, corrections: LabelCorrections | None) -> Predictions:
    """The run's predictions on its test split, with original labels where ``corrections`` is None."""
    predictions = caches.cached_test_predictions(run)
    return predictions if corrections is None else predictions.with_labels(corrections.apply(predictions.labels))


def count_changed_labels(run: RunEntry, corrections: LabelCorrections | None) -> int | None:
    """How many test labels of ``run`` aren't the original ones; None without ``corrections``."""
    if corrections is None:
        return None
    return len(corrections.changed_indices(caches.cached_test_predictions(run).labels))
