"""Confusion matrices whose cells, rows and columns can be selected with the pointer or the keyboard."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

_FOLDER = Path(__file__).resolve().parent
_component = st.components.v2.component(
    "matrices",
    html='<div class="matrices"></div>',
    css="\n".join(path.read_text(encoding="utf-8") for path in (_FOLDER / "matrices.css", _FOLDER.parent / "svg.css")),
    js="\n".join(path.read_text(encoding="utf-8") for path in (_FOLDER.parent / "svg.js", _FOLDER / "matrices.js")),
)
OTHER_CLASSES = -1  # row or column of the classes that a matrix does not show one by one


@dataclass(frozen=True)
class ShadedMatrix:
    """``texts`` str [n, n]: what the cells show. ``shades`` float [n, n]: 0 to 1, from the background to blue;
    ``diverging``: -1 to 1, from orange (worse) to blue (better). ``name``: a letter or two that identifies the matrix.
    ``hatched_columns``: positions of columns that are hatched, of classes that are never predicted."""

    name: str
    title: str
    texts: Sequence[Sequence[str]]
    shades: np.ndarray
    diverging: bool = False
    hatched_columns: Sequence[int] = ()

    def to_component(self) -> dict[str, Any]:
        """What the browser needs."""
        return {
            "name": self.name,
            "title": self.title,
            "texts": self.texts,
            "shades": np.round(self.shades, 3).tolist(),
            "diverging": self.diverging,
            "hatched": list(self.hatched_columns),
        }


@dataclass(frozen=True)
class MatrixSelection:
    """A cell of the matrix called ``name``, a row (``column`` None) or a column (``row`` None); classes by number, or
    ``OTHER_CLASSES``."""

    name: str
    row: int | None
    column: int | None


def show_clickable_matrices(
    shaded_matrices: Sequence[ShadedMatrix],
    class_numbers: Sequence[int],
    names: Sequence[str],
    short_names: Sequence[str],
    selection: MatrixSelection | None,
    *,
    key: str,
    on_select: Callable[[MatrixSelection], None],
    svg_matrices: Sequence[ShadedMatrix] | None = None,
) -> None:
    """Show each matrix; rows are true classes. A click calls ``on_select``.

    The rows and columns are the classes with these numbers, which may end with ``OTHER_CLASSES``, and these names.
    ``svg_matrices``: what can be saved as SVG, by default the matrices shown; there is no button if it is empty.
    """

    def handle_click() -> None:
        matrix_names = [matrix.name for matrix in shaded_matrices]
        clicked = matrix_selection_from_browser(st.session_state[key].get("selected"), matrix_names, class_numbers)
        if clicked is not None:
            on_select(clicked)

    data = {
        "names": list(names),
        "shortNames": list(short_names),
        "order": [int(i) for i in class_numbers],
        "selected": [selection.name, selection.row, selection.column] if selection else None,
        "matrices": [matrix.to_component() for matrix in shaded_matrices],
        "svgMatrices": None if svg_matrices is None else [matrix.to_component() for matrix in svg_matrices],
    }
    _component(key=key, data=data, on_selected_change=handle_click)


def matrix_selection_from_browser(
    value: object, matrix_names: Sequence[str], class_numbers: Sequence[int]
) -> MatrixSelection | None:
    """The selection that a browser sent as ``[name, row, column]``; None if it is not valid."""
    if not isinstance(value, list) or len(value) != 3 or value[0] not in matrix_names or value[1] is value[2] is None:
        return None
    name, row, column = value
    for index in (row, column):
        if index is not None and (isinstance(index, bool) or not isinstance(index, int) or index not in class_numbers):
            return None
    return MatrixSelection(name, row, column)
