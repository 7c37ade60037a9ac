"""Costs to edit, and what they come to in a day."""

import numpy as np
import pandas as pd
import streamlit as st

from fashion_core.analysis.feasibility_costs import (
    MAX_PLAUSIBLE_COST,
    CostModel,
    DeferralPolicy,
    choose_cheapest_policy_on_validation,
)
from fashion_core.data.classes import SHORT_CLASS_NAMES
from fashion_core.errors import ConfigError
from fashion_core.wording.feasibility import describe_daily_saving
from ui import shell
from ui.csv_download import csv_button
from ui.feasibility.view import FEASIBILITY_STATE, MAX_GARMENTS_PER_DAY, FeasibilityView, format_price_changes

EDITOR_STATE_KEY = "feasibility-base"
EditorState = tuple[str, str, int]  # the preset and prices that the editor was filled with, and how often it was
REJECTED_EDIT_KEY = "feasibility-refused"  # session key: why the last edit was rejected


def show_price_editor(policies: list[DeferralPolicy], view: FeasibilityView) -> None:
    """The costs, and what the cheapest policy comes to in a day."""
    shell.show_finding(describe_daily_saving(choose_cheapest_policy_on_validation(policies), view.volume))
    columns, widget = st.columns(3), FEASIBILITY_STATE.bound_widget
    with columns[0]:
        widget(
            "check", "Cost of one manual check", st.number_input, 0.0, MAX_PLAUSIBLE_COST, step=0.01, format="%.4g",
            help="Use any currency, the same one for all costs.",
        )  # fmt: skip
    with columns[1]:
        widget("people", "People sort correctly, %", st.number_input, 0.0, 100.0, step=0.5, format="%.1f")
    with columns[2]:
        widget("volume", "Garments a day", st.number_input, 1, MAX_GARMENTS_PER_DAY, step=1000)
    st.markdown("Cost of each mistake: the row is the true class, the column the predicted one.")
    _editor(view)
    if rejected := st.session_state.pop(REJECTED_EDIT_KEY, ""):
        st.error(shell.escape_markdown(rejected))
    with st.container(horizontal=True):
        csv_button(lambda: _frame(view.mistake_costs).reset_index(names="true class"), "prices.csv", "Costs as CSV")
        if view.prices:
            st.button("Undo edits", icon=":material/undo:", on_click=lambda: FEASIBILITY_STATE.update(prices=""))
    st.caption(
        "Use any currency. A garment that a person sorts costs the manual check, plus the mean mistake cost of its "
        "class times the error rate of people. Two assumptions: people mix up all classes equally often, and they are "
        "as accurate on the garments that a model passes on as on all garments."
    )


def _editor(view: FeasibilityView) -> None:
    """The matrix. An edit changes the view; the editor is filled again only when the view changes elsewhere."""
    state = st.session_state.get(EDITOR_STATE_KEY)
    # the editor leaves the session when another page is shown
    if (
        state is None
        or _editor_key(state) not in st.session_state
        or not np.array_equal(_edited(state), view.mistake_costs)
    ):
        state = (view.preset, view.prices, state[2] + 1 if state else 0)
        st.session_state[EDITOR_STATE_KEY] = state
    columns = {
        # as wide as its name, so that ten fit beside each other
        name: st.column_config.NumberColumn(
            min_value=0.0, max_value=MAX_PLAUSIBLE_COST, format="%.4g", width=38 + 6 * len(name)
        )
        for name in SHORT_CLASS_NAMES
    }
    st.data_editor(
        _frame(_initial(state)), key=_editor_key(state), num_rows="fixed", on_change=apply_price_edit, placeholder="–",
        column_config={"_index": st.column_config.Column(width=76, disabled=True), **columns},
        alt="Cost of each mistake, true class by predicted class",
    )  # fmt: skip


def _editor_key(state: EditorState) -> str:
    return f"feasibility-prices-{state[2]}"


def _initial(state: EditorState) -> np.ndarray:
    return FeasibilityView(preset=state[0], prices=state[1]).mistake_costs


def _frame(mistake_costs: np.ndarray) -> pd.DataFrame:
    """The matrix with class names; the diagonal is empty."""
    shown = mistake_costs.copy()
    np.fill_diagonal(shown, np.nan)
    return pd.DataFrame(shown, index=pd.Index(SHORT_CLASS_NAMES, name="Class"), columns=list(SHORT_CLASS_NAMES))


def _edited(state: EditorState) -> np.ndarray:
    """What the editor holds, with its edits; an emptied cell is nan."""
    costs = _initial(state)
    for row, cells in st.session_state[_editor_key(state)]["edited_rows"].items():
        for name, value in cells.items():
            column = SHORT_CLASS_NAMES.index(name)
            empty = 0.0 if int(row) == column else np.nan
            costs[int(row), column] = empty if value is None else value
    return costs


def apply_price_edit() -> None:
    """Show the edited costs, or reject them with a message; the editor is then filled again."""
    state = st.session_state[EDITOR_STATE_KEY]
    costs = _edited(state)
    try:
        CostModel(costs)
    except ConfigError as error:
        st.session_state[REJECTED_EDIT_KEY] = f"{error} The edit was undone."
        return
    FEASIBILITY_STATE.update(prices=format_price_changes(costs, state[0]))
