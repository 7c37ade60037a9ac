"""The confusion matrices of both runs and of their difference, and beside them the garments in a selected cell."""

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from fashion_core.analysis.compare import order_confused_classes_adjacently
from fashion_core.analysis.confusion import (
    MAX_MATRIX_CLASSES,
    collapse_confusion,
    largest_confusions,
    most_confused_classes,
)
from fashion_core.data.classes import ClassList
from fashion_core.wording.comparison import describe_change_of_confusion, describe_difference_cell
from fashion_core.wording.numbers import format_percent
from ui import shell
from ui.compare import garments
from ui.compare.comparison import RunComparison
from ui.compare.view import COMPARE_PAGE_STATE, CompareView, cell_to_address
from ui.components.matrices import OTHER_CLASSES, MatrixSelection, ShadedMatrix, show_clickable_matrices
from ui.csv_download import csv_button

MATRICES_KEY = "compare-matrices"
DIFFERENCE_MATRIX_NAME = "D"  # name of the matrix B − A
ROW_HEIGHT, MIN_PANEL_HEIGHT = 20, 240  # of a matrix and of the panel beside one, in pixels
N_SUGGESTED_CELLS = 4


def show_confusion_matrices(comparison: RunComparison) -> None:
    """The matrices and the garments of the selected cell; a click reruns this fragment alone."""
    with shell.show_errors(), st.container(gap="xsmall"):
        view, classes = COMPARE_PAGE_STATE.current_view(), comparison.classes
        shown = choose_shown_classes(view, comparison)
        numbers = shown.tolist()
        names, short_names = [classes[c].name for c in numbers], [classes[c].short_name for c in numbers]
        if len(numbers) < len(classes):
            numbers.append(OTHER_CLASSES)
            names.append(f"the other {len(classes) - len(shown)} classes")
            short_names.append("Other")
        both, difference = _shade_matrices(comparison, shown, view.cells)
        show = partial(
            show_clickable_matrices, class_numbers=numbers, names=names, short_names=short_names,
            selection=view.selected_cell, on_select=lambda cell: garments.select_garments(cell_to_address(cell)),
        )  # fmt: skip
        with st.container(key=f"matrices-{len(numbers)}"):  # the style has room for so many rows
            show(both, key=MATRICES_KEY, svg_matrices=[] if difference else None)
        left, right = st.columns(2, gap="small") if difference else (None, st.container())
        if left is not None:
            with left:
                show(difference, key=f"{MATRICES_KEY}-difference", svg_matrices=both + difference)
        height = max(MIN_PANEL_HEIGHT, ROW_HEIGHT * (len(numbers) + 2))
        with right, shell.result_panel(height, has_result=view.selected_cell is not None):
            _show_garments_of_selection(comparison, view, shown)
        shell.show_provenance(_describe_shown_classes(view, shown, classes))
        file_name = f"{comparison.a.run.id}-{comparison.b.run.id}-matrices.csv"
        csv_button(lambda: _counts_table(comparison), file_name, "Matrices as CSV")


def choose_shown_classes(view: CompareView, comparison: RunComparison) -> np.ndarray:
    """Numbers int64 [m] of the classes that the matrices show, in their order."""
    confusion = comparison.a.metrics.confusion + comparison.b.metrics.confusion
    chosen = _chosen_classes(view, len(confusion))
    if len(confusion) <= MAX_MATRIX_CLASSES:
        shown = np.arange(len(confusion))
    else:
        shown = np.unique(chosen) if chosen else most_confused_classes(confusion, view.shown)
    if view.order == "By similarity" and len(shown) > 1:
        shown = shown[order_confused_classes_adjacently(confusion[np.ix_(shown, shown)])]
    return shown


def _chosen_classes(view: CompareView, n_classes: int) -> list[int]:
    """The chosen classes that the data set has; none if they are too few for a matrix."""
    chosen = [c for c in view.chosen_classes if c < n_classes]
    return chosen if len(chosen) > 1 else []


def _describe_shown_classes(view: CompareView, shown: np.ndarray, classes: ClassList) -> str:
    if len(shown) == len(classes):
        return ""
    which = "classes you chose" if _chosen_classes(view, len(classes)) else "most confused classes"
    return f"The {len(shown)} {which} of {len(classes)}; Other: all the rest. The CSV file has all classes"


def _show_garments_of_selection(comparison: RunComparison, view: CompareView, shown: np.ndarray) -> None:
    cell = view.selected_cell
    if cell is None or (comparison.is_same_run and cell.name == DIFFERENCE_MATRIX_NAME):
        _suggest_cells(comparison, shown)
        return
    title = ""
    if cell.name == DIFFERENCE_MATRIX_NAME:
        title = describe_difference_cell(cell.row, cell.column, comparison.classes)
    groups = garments.garments_in_cell(comparison, cell, shown)
    garments.show_garment_groups(comparison, comparison.runs, title, groups)


def _suggest_cells(comparison: RunComparison, shown: np.ndarray) -> None:
    """The mistakes that change most, each a button that selects its cell."""
    a, b = (run.metrics.confusion[np.ix_(shown, shown)] for run in comparison.runs)
    numbers = shown.tolist()
    name = "A" if comparison.is_same_run else DIFFERENCE_MATRIX_NAME
    st.markdown("Choose a cell, or a class at the side or the top, to see its garments. For example:")
    with st.container(gap=None):
        for row, column in largest_confusions(a if comparison.is_same_run else b - a, N_SUGGESTED_CELLS):
            text = describe_change_of_confusion(
                numbers[row], numbers[column], a[row, column], b[row, column], comparison.classes
            )
            selection = MatrixSelection(name, numbers[row], numbers[column])
            st.button(
                shell.escape_markdown(text), type="tertiary", key=f"compare-suggestion-{row}-{column}",
                on_click=garments.select_garments, args=(cell_to_address(selection),),
            )  # fmt: skip


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


def _shade_matrices(
    comparison: RunComparison, shown: np.ndarray, unit: str
) -> tuple[list[ShadedMatrix], list[ShadedMatrix]]:
    """A's and B's matrix and, unless they are the same run, that of their difference, of the classes ``shown`` and the
    rest."""
    matrices, confusions = [], []
    for compared in comparison.runs:
        confusion = collapse_confusion(compared.metrics.confusion, shown)
        confusions.append(confusion)
        texts = [[_cell_text(value, unit) for value in row] for row in _cell_values(confusion, unit)]
        shades = np.sqrt(_cell_values(confusion, "% of row") / 100) * 0.95
        title = f"{compared.letter}, {format_percent(compared.metrics.accuracy)}: {compared.run.title}"
        unused = np.flatnonzero(confusion.sum(axis=0) == 0).tolist()
        matrices.append(ShadedMatrix(compared.letter, title, texts, shades, hatched_columns=unused))
    if comparison.is_same_run:
        return matrices, []
    a, b = (_cell_values(confusion, unit) for confusion in confusions)
    return matrices, [_shade_difference(b - a, unit)]


def _shade_difference(difference: np.ndarray, unit: str) -> ShadedMatrix:
    """Blue where B is better: more correct predictions on the diagonal, fewer mistakes off it."""
    texts = [[_cell_text(value, unit, sign="+") for value in row] for row in difference]
    better = difference * (2 * np.eye(len(difference)) - 1)
    shades = np.sign(better) * np.sqrt(np.abs(better) / (np.abs(better).max() or 1)) * 0.9
    return ShadedMatrix(
        DIFFERENCE_MATRIX_NAME, "B − A: blue where B is better, orange where worse", texts, shades, diverging=True
    )


def _cell_text(value: float, unit: str, *, sign: str = "-") -> str:
    """Empty for 0."""
    text = f"{value:{sign},.0f}" if unit == "Counts" else f"{value:{sign}.1f}"
    return text.replace("-", "−") if text.strip("+-0.") else ""
