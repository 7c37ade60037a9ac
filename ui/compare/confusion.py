"""The confusion matrices of both runs and of their difference, and the garments in a selected cell."""

import numpy as np
import pandas as pd
import streamlit as st

from fashion_core.analysis.compare import order_confused_classes_adjacently
from fashion_core.data.classes import CLASS_NAMES, N_CLASSES, SHORT_CLASS_NAMES
from ui import shell
from ui.compare import garments
from ui.compare.comparison import ComparedRun, RunComparison
from ui.compare.view import COMPARE_PAGE_STATE, cell_to_address
from ui.components.matrices import ShadedMatrix, show_clickable_matrices
from ui.csv_download import csv_button

MATRICES_KEY = "compare-matrices"
DIFFERENCE_MATRIX_NAME = "D"  # name of the matrix B − A


def show_confusion_matrices(comparison: RunComparison) -> None:
    """The matrices and the garments of the selected cell; a click reruns this fragment alone."""
    with shell.show_errors():
        view = COMPARE_PAGE_STATE.current_view()
        order = np.arange(N_CLASSES)
        if view.order == "By similarity":
            order = order_confused_classes_adjacently(comparison.a.metrics.confusion + comparison.b.metrics.confusion)
        matrices = [_shade_run(compared, view.cells) for compared in comparison.runs]
        if not comparison.is_same_run:
            matrices.append(_shade_difference(comparison, view.cells))
        show_clickable_matrices(
            matrices, SHORT_CLASS_NAMES, order.tolist(), view.selected_cell, key=MATRICES_KEY,
            on_select=lambda cell: COMPARE_PAGE_STATE.update(pick=cell_to_address(cell)),
        )  # fmt: skip
        shell.show_provenance(*comparison.provenance)
        file_name = f"{comparison.a.run.id}-{comparison.b.run.id}-matrices.csv"
        csv_button(lambda: _counts_table(comparison), file_name, "Matrices as CSV")
        if view.selected_cell is None or (comparison.is_same_run and view.selected_cell.name == DIFFERENCE_MATRIX_NAME):
            st.caption("Choose a cell, or a class at the side or the top, to see its garments.")
            return
        groups = garments.garments_in_cell(comparison, view.selected_cell)
        for i, (column, (description, indices)) in enumerate(zip(st.columns(len(groups)), groups, strict=True)):
            with column:
                garments.show_garments_with_run_predictions(
                    comparison, comparison.runs, description, indices, f"compare-garments-{i}"
                )


def _counts_table(comparison: RunComparison) -> pd.DataFrame:
    """Both matrices as counts, one row a run and true class."""
    frames = []
    for compared in comparison.runs:
        frame = pd.DataFrame(compared.metrics.confusion, columns=list(CLASS_NAMES))
        frame.insert(0, "run", compared.run.id)
        frame.insert(1, "true", CLASS_NAMES)
        frames.append(frame)
    return pd.concat(frames)


def _cell_values(confusion: np.ndarray, unit: str) -> np.ndarray:
    """The matrix in the ``unit``, float64 [10, 10]."""
    if unit == "% of row":
        return 100 * confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    if unit == "% of column":
        return 100 * confusion / np.maximum(confusion.sum(axis=0, keepdims=True), 1)
    return confusion.astype(np.float64)


def _shade_run(compared: ComparedRun, unit: str) -> ShadedMatrix:
    confusion = compared.metrics.confusion
    texts = [[_cell_text(value, unit) for value in row] for row in _cell_values(confusion, unit)]
    shades = np.sqrt(_cell_values(confusion, "% of row") / 100) * 0.95
    return ShadedMatrix(compared.letter, f"{compared.letter}: {compared.run.title}", texts, shades)


def _shade_difference(comparison: RunComparison, unit: str) -> ShadedMatrix:
    a, b = (_cell_values(compared.metrics.confusion, unit) for compared in comparison.runs)
    difference = b - a
    texts = [[_cell_text(value, unit, sign="+") for value in row] for row in difference]
    shades = np.sign(difference) * np.sqrt(np.abs(difference) / (np.abs(difference).max() or 1)) * 0.9
    return ShadedMatrix(DIFFERENCE_MATRIX_NAME, "B − A", texts, shades, diverging=True)


def _cell_text(value: float, unit: str, *, sign: str = "-") -> str:
    """Empty for 0."""
    text = f"{value:{sign},.0f}" if unit == "Counts" else f"{value:{sign}.1f}"
    return text.replace("-", "−") if text.strip("+-0.") else ""
