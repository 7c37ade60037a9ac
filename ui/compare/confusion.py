"""The confusion matrices of both runs and of their difference, and the garments in a selected cell."""

import numpy as np
import pandas as pd
import streamlit as st

from fashion_core.analysis.compare import order_confused_classes_adjacently
from fashion_core.analysis.confusion import MAX_MATRIX_CLASSES, collapse_confusion, most_confused_classes
from fashion_core.data.classes import ClassList
from ui import shell
from ui.compare import garments
from ui.compare.comparison import RunComparison
from ui.compare.view import COMPARE_PAGE_STATE, CompareView, cell_to_address
from ui.components.matrices import OTHER_CLASSES, ShadedMatrix, show_clickable_matrices
from ui.csv_download import csv_button

MATRICES_KEY = "compare-matrices"
DIFFERENCE_MATRIX_NAME = "D"  # name of the matrix B − A


def show_confusion_matrices(comparison: RunComparison) -> None:
    """The matrices and the garments of the selected cell; a click reruns this fragment alone."""
    with shell.show_errors():
        view, classes = COMPARE_PAGE_STATE.current_view(), comparison.classes
        shown = choose_shown_classes(view, comparison)
        numbers = shown.tolist()
        names, short_names = [classes[c].name for c in numbers], [classes[c].short_name for c in numbers]
        if len(numbers) < len(classes):
            numbers.append(OTHER_CLASSES)
            names.append(f"the other {len(classes) - len(shown)} classes")
            short_names.append("Other")
        show_clickable_matrices(
            _shade_matrices(comparison, shown, view.cells), numbers, names, short_names, view.selected_cell,
            key=MATRICES_KEY, on_select=lambda cell: COMPARE_PAGE_STATE.update(pick=cell_to_address(cell)),
        )  # fmt: skip
        shell.show_provenance(*comparison.provenance, _describe_shown_classes(view, shown, classes))
        file_name = f"{comparison.a.run.id}-{comparison.b.run.id}-matrices.csv"
        csv_button(lambda: _counts_table(comparison), file_name, "Matrices as CSV")
        _show_garments_of_selection(comparison, view, shown)


def choose_shown_classes(view: CompareView, comparison: RunComparison) -> np.ndarray:
    """Numbers int64 [m] of the classes that the matrices show, in their order."""
    confusion = comparison.a.metrics.confusion + comparison.b.metrics.confusion
    chosen = [c for c in view.chosen_classes if c < len(confusion)]
    if len(confusion) <= MAX_MATRIX_CLASSES:
        shown = np.arange(len(confusion))
    else:
        shown = np.unique(chosen) if len(chosen) > 1 else most_confused_classes(confusion, view.shown)
    if view.order == "By similarity" and len(shown) > 1:
        shown = shown[order_confused_classes_adjacently(confusion[np.ix_(shown, shown)])]
    return shown


def _describe_shown_classes(view: CompareView, shown: np.ndarray, classes: ClassList) -> str:
    if len(shown) == len(classes):
        return ""
    which = "classes you chose" if view.chosen_classes else "most confused classes"
    return f"The {len(shown)} {which} of {len(classes)}; Other: all the rest. The CSV file has all classes"


def _show_garments_of_selection(comparison: RunComparison, view: CompareView, shown: np.ndarray) -> None:
    if view.selected_cell is None or (comparison.is_same_run and view.selected_cell.name == DIFFERENCE_MATRIX_NAME):
        st.caption("Choose a cell, or a class at the side or the top, to see its garments.")
        return
    groups = garments.garments_in_cell(comparison, view.selected_cell, shown)
    for i, (column, (description, indices)) in enumerate(zip(st.columns(len(groups)), groups, strict=True)):
        with column:
            garments.show_garments_with_run_predictions(
                comparison, comparison.runs, description, indices, f"compare-garments-{i}"
            )


def _counts_table(comparison: RunComparison) -> pd.DataFrame:
    """Both matrices as counts, one row a run and true class."""
    frames = []
    for compared in comparison.runs:
        frame = pd.DataFrame(compared.metrics.confusion, columns=list(comparison.classes.names))
        frame.insert(0, "run", compared.run.id, allow_duplicates=True)
        frame.insert(1, "true", comparison.classes.names, allow_duplicates=True)
        frames.append(frame)
    return pd.concat(frames)


def _cell_values(confusion: np.ndarray, unit: str) -> np.ndarray:
    """The matrix in the ``unit``, float64 [classes, classes]."""
    if unit == "% of row":
        return 100 * confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    if unit == "% of column":
        return 100 * confusion / np.maximum(confusion.sum(axis=0, keepdims=True), 1)
    return confusion.astype(np.float64)


def _shade_matrices(comparison: RunComparison, shown: np.ndarray, unit: str) -> list[ShadedMatrix]:
    """A's, B's and, unless they are the same run, their difference, of the classes ``shown`` and the rest."""
    matrices, confusions = [], []
    for compared in comparison.runs:
        confusion = collapse_confusion(compared.metrics.confusion, shown)
        confusions.append(confusion)
        texts = [[_cell_text(value, unit) for value in row] for row in _cell_values(confusion, unit)]
        shades = np.sqrt(_cell_values(confusion, "% of row") / 100) * 0.95
        matrices.append(ShadedMatrix(compared.letter, f"{compared.letter}: {compared.run.title}", texts, shades))
    if not comparison.is_same_run:
        a, b = (_cell_values(confusion, unit) for confusion in confusions)
        matrices.append(_shade_difference(b - a, unit))
    return matrices


def _shade_difference(difference: np.ndarray, unit: str) -> ShadedMatrix:
    texts = [[_cell_text(value, unit, sign="+") for value in row] for row in difference]
    shades = np.sign(difference) * np.sqrt(np.abs(difference) / (np.abs(difference).max() or 1)) * 0.9
    return ShadedMatrix(DIFFERENCE_MATRIX_NAME, "B − A", texts, shades, diverging=True)


def _cell_text(value: float, unit: str, *, sign: str = "-") -> str:
    """Empty for 0."""
    text = f"{value:{sign},.0f}" if unit == "Counts" else f"{value:{sign}.1f}"
    return text.replace("-", "−") if text.strip("+-0.") else ""
