"""What is compared, and how the matrices show it."""

from collections.abc import Sequence

import streamlit as st

from fashion_core.analysis.confusion import MAX_MATRIX_CLASSES
from fashion_core.data.classes import ClassList
from fashion_core.runs.store import RunEntry
from fashion_core.wording.text import escape_markdown
from ui import pickers
from ui.compare.view import (
    CELL_UNITS,
    CLASS_ORDERS,
    COMPARE_PAGE_STATE,
    MAX_SHOWN_CLASSES,
    MIN_SHOWN_CLASSES,
    CompareView,
)
from ui.page_state import set_widget_value

SHOWN_CLASSES_KEY = "compare-classes"


def replace_missing_runs(view: CompareView, runs: Sequence[RunEntry]) -> CompareView:
    """The view with runs that exist; a warning names each that doesn't."""
    run_ids = {run.id for run in runs}
    for field, other in (("b", "a"), ("a", "b")):
        requested = getattr(view, field)
        if requested not in run_ids:
            usual = getattr(COMPARE_PAGE_STATE.default, field)
            best = pickers.most_accurate_comparable_runs(runs)
            others = run_ids - {getattr(view, other)}
            instead = usual if usual in others else next(run.id for run in best if run.id in others)
            st.warning(escape_markdown(f"There is no finished run named {requested}. You see {instead}."))
            view = COMPARE_PAGE_STATE.correct_fields_while_drawing(**{field: instead, "pick": ""})
    return view


def check_selection(view: CompareView, classes: ClassList) -> CompareView:
    """The view without a selection of classes that the data set doesn't have, and a warning."""
    cell = view.selected_cell
    if cell is None or all(index is None or index < len(classes) for index in (cell.row, cell.column)):
        return view
    st.warning("The address selects a class that this data set doesn't have.")
    return COMPARE_PAGE_STATE.correct_fields_while_drawing(pick="")


def show_compare_controls(runs: Sequence[RunEntry]) -> None:
    """One row: both runs, and how the matrices show them: the unit of the cells, the order of the classes and, of many
    classes, which."""
    labels = {run.id: pickers.run_label(run) for run in runs}
    selected = next(run for run in runs if run.id == COMPARE_PAGE_STATE.current_view().a)
    assert selected.record is not None
    classes = selected.record.data.class_list
    *run_columns, options = st.columns([3, 3, 1.2])
    for field, letter, column in zip("ab", "AB", run_columns, strict=True):
        with column:
            COMPARE_PAGE_STATE.bound_widget(
                field, f"Run {letter}", st.selectbox, list(labels), label_visibility="collapsed",
                format_func=lambda run_id, letter=letter: f"{letter}: {labels[run_id]}",
            )  # fmt: skip
    with options, st.popover("Options", width="stretch"):
        COMPARE_PAGE_STATE.bound_widget("cells", "Cells", st.selectbox, CELL_UNITS)
        COMPARE_PAGE_STATE.bound_widget("order", "Order of the classes", st.selectbox, CLASS_ORDERS)
        if len(classes) > MAX_MATRIX_CLASSES:
            _show_class_choice(classes)


def _show_class_choice(classes: ClassList) -> None:
    """How many of the most confused classes, or which."""
    COMPARE_PAGE_STATE.bound_widget(
        "shown", "Most confused classes", st.number_input, MIN_SHOWN_CLASSES, MAX_SHOWN_CLASSES
    )
    chosen = COMPARE_PAGE_STATE.current_view().chosen_classes
    shown = [c for c in dict.fromkeys(chosen) if c < len(classes)][:MAX_SHOWN_CLASSES]
    set_widget_value(SHOWN_CLASSES_KEY, shown)
    st.multiselect(
        "Or choose two or more", range(len(classes)), key=SHOWN_CLASSES_KEY, format_func=lambda c: classes[c].name,
        max_selections=MAX_SHOWN_CLASSES, placeholder="The most confused ones",
        on_change=lambda: COMPARE_PAGE_STATE.update(classes=",".join(map(str, st.session_state[SHOWN_CLASSES_KEY]))),
    )  # fmt: skip
