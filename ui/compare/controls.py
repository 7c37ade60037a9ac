"""What is compared, and how the matrices show it."""

import streamlit as st

from fashion_core.runs.store import RunEntry
from fashion_core.wording.text import escape_markdown
from ui import pickers
from ui.compare.view import CELL_UNITS, CLASS_ORDERS, COMPARE_PAGE_STATE, CompareView

DEFAULT_RUNS = {"a": "cnn", "b": "improved_cnn"}


def replace_missing_runs(view: CompareView, runs: list[RunEntry]) -> CompareView:
    """The view with runs that exist; a warning names each that doesn't."""
    run_ids = [run.id for run in runs]
    for field, default in DEFAULT_RUNS.items():
        requested = getattr(view, field)
        if requested not in run_ids:
            replacement = default if default in run_ids else run_ids[0]
            st.warning(escape_markdown(f"There is no finished run named {requested}. You see {replacement}."))
            view = COMPARE_PAGE_STATE.correct_fields_while_drawing(**{field: replacement, "pick": ""})
    return view


def show_compare_controls(runs: list[RunEntry]) -> None:
    """One row: both runs, the unit of the cells, the order of the classes."""
    labels = {run.id: pickers.run_label(run) for run in runs}
    run_a, run_b, cells, order = st.columns(4, vertical_alignment="bottom")
    with run_a:
        COMPARE_PAGE_STATE.bound_widget("a", "Run A", st.selectbox, list(labels), format_func=labels.__getitem__)
    with run_b:
        COMPARE_PAGE_STATE.bound_widget("b", "Run B", st.selectbox, list(labels), format_func=labels.__getitem__)
    with cells:
        COMPARE_PAGE_STATE.bound_widget("cells", "Cells", st.selectbox, CELL_UNITS)
    with order:
        COMPARE_PAGE_STATE.bound_widget("order", "Classes", st.selectbox, CLASS_ORDERS)
