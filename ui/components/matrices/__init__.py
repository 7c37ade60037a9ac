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
    css=(_FOLDER / "matrices.css").read_text(encoding="utf-8"),
    js="\n".join(path.read_text(encoding="utf-8") for path in (_FOLDER.parent / "svg.js", _FOLDER / "matrices.js")),
)


@dataclass(frozen=True)
class ShadedMatrix:
    """``texts`` str [n, n]: what the cells show. ``shades`` float [n, n]: 0 to 1, from the background to blue;
    ``diverging``: -1 to 1, from blue to orange. ``name``: a letter or two that identifies the matrix."""

    name: str
    title: str
    texts: Sequence[Sequence[str]]
    shades: np.ndarray
    diverging: bool = False

    def to_component(self, class_order: Sequence[int]) -> dict[str, Any]:
        """What the browser needs, with rows and columns in ``class_order``."""
        return {
            "name": self.name,
            "title": self.title,
            "texts": [[self.texts[i][j] for j in class_order] for i in class_order],
            "shades": np.round(self.shades[np.ix_(class_order, class_order)], 3).tolist(),
            "diverging": self.diverging,
        }


@dataclass(frozen=True)
class MatrixSelection:
    """A cell of the matrix called ``name``, a row (``column`` None) or a column (``row`` None)."""

    name: str
    row: int | None
    column: int | None


def show_clickable_matrices(
    shaded_matrices: Sequence[ShadedMatrix],
    class_names: Sequence[str],
    class_order: Sequence[int],
    selection: MatrixSelection | None,
    *,
    key: str,
    on_select: Callable[[MatrixSelection], None],
) -> None:
    """Show each matrix with its classes in ``class_order``; rows are true classes. A click calls ``on_select``."""

    def handle_click() -> None:
        matrix_names = [matrix.name for matrix in shaded_matrices]
        clicked = matrix_selection_from_browser(st.session_state[key].get("selected"), matrix_names, len(class_names))
        if clicked is not None:
            on_select(clicked)

    data = {
        "names": [class_names[i] for i in class_order],
        "order": [int(i) for i in class_order],
        "selected": [selection.name, selection.row, selection.column] if selection else None,
        "matrices": [matrix.to_component(class_order) for matrix in shaded_matrices],
    }
    _component(key=key, data=data, on_selected_change=handle_click)


def matrix_selection_from_browser(value: object, matrix_names: Sequence[str], n_classes: int) -> MatrixSelection | None:
    """The selection that a browser sent as ``[name, row, column]``; None if it is not valid."""
    if not isinstance(value, list) or len(value) != 3 or value[0] not in matrix_names or value[1] is value[2] is None:
        return None
    name, row, column = value
    for index in (row, column):
        if index is not None and (isinstance(index, bool) or not isinstance(index, int) or not 0 <= index < n_classes):
            return None
    return MatrixSelection(name, row, column)
