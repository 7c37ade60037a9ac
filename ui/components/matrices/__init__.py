"""Confusion matrices whose cells, rows and columns can be chosen, by pointer or keyboard."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st

HERE = Path(__file__).resolve().parent

_component = st.components.v2.component(
    "matrices",
    html='<div class="matrices"></div>',
    css=(HERE / "matrices.css").read_text(encoding="utf-8"),
    js="\n".join(path.read_text(encoding="utf-8") for path in (HERE.parent / "svg.js", HERE / "matrices.js")),
)


@dataclass(frozen=True)
class ShadedMatrix:
    """``texts`` str [n, n] as they are to be shown; ``shades`` float [n, n], -1 to 1: blue below 0, orange above, or,
    where none is below 0 and ``diverging`` is off, from the ground to blue. ``name`` is a letter or two."""

    name: str
    title: str
    texts: Sequence[Sequence[str]]
    shades: np.ndarray
    diverging: bool = False


@dataclass(frozen=True)
class MatrixSelection:
    """What was chosen in the matrix called ``name``: a cell, a row (``column`` None) or a column (``row`` None)."""

    name: str
    row: int | None
    column: int | None


def confusion_matrices(
    shaded_matrices: Sequence[ShadedMatrix], class_names: Sequence[str], class_order: Sequence[int], selection: MatrixSelection | None, *, key: str,
    on_select: Callable[[MatrixSelection], None],
) -> None:  # fmt: skip
    """Show each matrix with its classes called ``names`` in the given ``order``; rows are the true classes."""

    def told() -> None:
        pick = selection_from_browser(
            st.session_state[key].get("picked"), [matrix.name for matrix in shaded_matrices], len(class_names)
        )
        if pick is not None:
            on_select(pick)

    data = {
        "names": [class_names[i] for i in class_order],
        "order": [int(i) for i in class_order],
        "picked": [selection.name, selection.row, selection.column] if selection else None,
        "matrices": [
            {
                "name": matrix.name,
                "title": matrix.title,
                "texts": [[matrix.texts[i][j] for j in class_order] for i in class_order],
                "shades": np.round(matrix.shades[np.ix_(class_order, class_order)], 3).tolist(),
                "diverging": matrix.diverging,
            }
            for matrix in shaded_matrices
        ],
    }
    _component(key=key, data=data, on_picked_change=told)


def selection_from_browser(value: object, matrix_names: Sequence[str], n_classes: int) -> MatrixSelection | None:
    """What a browser sent, ``[name, row, column]``; None when it is no choice among ``names`` and ``n`` classes."""
    if not isinstance(value, list) or len(value) != 3 or value[0] not in matrix_names or value[1] is value[2] is None:
        return None
    name, row, column = value
    for place in (row, column):
        if place is not None and (isinstance(place, bool) or not isinstance(place, int) or not 0 <= place < n_classes):
            return None
    return MatrixSelection(name, row, column)
