"""Costs to edit, and what they come to in a day."""

import numpy as np
import pandas as pd
import streamlit as st

from fashion_core.analysis.confusion import MAX_MATRIX_CLASSES
from fashion_core.analysis.feasibility_costs import (
    MAX_PLAUSIBLE_COST,
    CostModel,
    DeferralPolicy,
    mistake_cost_presets,
)
from fashion_core.data.classes import ClassList
from fashion_core.errors import ConfigError
from fashion_core.wording.feasibility_costs import describe_daily_saving, format_mistake_costs
from ui import shell
from ui.csv_download import csv_button
from ui.feasibility.view import (
    CURRENCIES,
    FEASIBILITY_STATE,
    MAX_GARMENTS_PER_DAY,
    FeasibilityView,
    format_price_changes,
)

MAX_CLASSES_AT_ONCE = 10
EDITOR_STATE_KEY = "feasibility-base"
# the view whose costs the editor was filled with, their classes, and how often it was filled
EditorState = tuple[FeasibilityView, ClassList, int]
PAIR_KEYS = TRUE_KEY, PREDICTED_KEY, COST_KEY = "feasibility-true", "feasibility-predicted", "feasibility-cost"
REJECTED_EDIT_KEY = "feasibility-refused"  # session key: why the last edit was rejected


def show_two_prices(view: FeasibilityView) -> None:
    """What a mistake and a manual check cost."""
    columns, widget = st.columns([1, 1.3, 0.75], vertical_alignment="bottom"), FEASIBILITY_STATE.bound_widget
    with columns[0]:
        widget("mistake", "Cost of a mistake", st.number_input, 0.0, MAX_PLAUSIBLE_COST, step=0.1, format="%.4g")
    with columns[1]:
        widget("check", "Cost of one manual check", st.number_input, 0.0, MAX_PLAUSIBLE_COST, step=0.01, format="%.4g")
    with columns[2]:
        widget("currency", "Currency", st.selectbox, CURRENCIES, format_func=lambda currency: currency or "Any")


def show_price_editor(policy: DeferralPolicy, view: FeasibilityView, classes: ClassList) -> None:
    """All other costs, and what ``policy`` comes to in a day."""
    shell.show_finding(describe_daily_saving(policy, view.volume, view.currency))
    presets = list(mistake_cost_presets(classes))
    columns, widget = (
        st.columns(3 if len(presets) > 1 else 2, vertical_alignment="bottom"),
        FEASIBILITY_STATE.bound_widget,
    )
    with columns[0]:
        widget("people", "People sort correctly, %", st.number_input, 0.0, 100.0, step=0.5, format="%.1f")
    with columns[1]:
        widget("volume", "Garments a day", st.number_input, 1, MAX_GARMENTS_PER_DAY, step=1000)
    if len(presets) > 1:
        with columns[2]:
            widget(
                "preset", "Cost of mistakes", st.selectbox, presets,
                format_func=lambda preset: format_mistake_costs(preset, view.mistake, view.currency),
            )  # fmt: skip
    if len(classes) <= MAX_MATRIX_CLASSES:  # with more, costs are set for pairs of classes
        st.markdown("Cost of each mistake: the row is the true class, the column the predicted one.")
        _show_matrix_editor(view, classes)
    else:
        _show_pair_editor(view, classes)
    if rejected := st.session_state.pop(REJECTED_EDIT_KEY, ""):
        st.error(shell.escape_markdown(rejected))
    with st.container(horizontal=True):
        csv_button(lambda: _costs_table(view.mistake_costs(classes), classes), "prices.csv", "Costs as CSV")
        if view.prices:
            st.button("Undo edits", icon=":material/undo:", on_click=lambda: FEASIBILITY_STATE.update(prices=""))
    st.caption(
        "A garment that a person sorts costs the manual check, plus the mean mistake cost of its "
        "class times the error rate of people. Two assumptions: people mix up all classes equally often, and they are "
        "as accurate on the garments that a model passes on as on all garments."
    )


def _show_matrix_editor(view: FeasibilityView, classes: ClassList) -> None:
    """The matrix. An edit changes the view; the editor is filled again only when the view changes elsewhere."""
    state = st.session_state.get(EDITOR_STATE_KEY)
    # the editor leaves the session when another page is shown
    if (
        state is None
        or state[1] != classes
        or _editor_key(state) not in st.session_state
        or not np.array_equal(_edited(state), view.mistake_costs(classes))
    ):
        state = (view, classes, state[2] + 1 if state else 0)
        st.session_state[EDITOR_STATE_KEY] = state
    columns = {
        # as wide as its name, so that ten fit beside each other
        name: st.column_config.NumberColumn(
            min_value=0.0, max_value=MAX_PLAUSIBLE_COST, format="%.4g", width=38 + 6 * len(name)
        )
        for name in classes.short_names
    }
    longest = max(len(name) for name in classes.short_names)
    index = st.column_config.Column(width=max(76, 24 + 7 * longest), disabled=True)
    st.data_editor(
        _frame(_initial(state), classes), key=_editor_key(state), num_rows="fixed", on_change=apply_price_edit,
        placeholder="–", column_config={"_index": index, **columns},
        alt="Cost of each mistake, true class by predicted class",
    )  # fmt: skip


def _editor_key(state: EditorState) -> str:
    return f"feasibility-prices-{state[2]}"


def _initial(state: EditorState) -> np.ndarray:
    return state[0].mistake_costs(state[1])


def _frame(mistake_costs: np.ndarray, classes: ClassList) -> pd.DataFrame:
    """The matrix with class names; the diagonal is empty."""
    shown = mistake_costs.copy()
    np.fill_diagonal(shown, np.nan)
    return pd.DataFrame(shown, index=pd.Index(classes.short_names, name="Class"), columns=list(classes.short_names))


def _costs_table(mistake_costs: np.ndarray, classes: ClassList) -> pd.DataFrame:
    """The matrix with full names, to download."""
    frame = _frame(mistake_costs, classes).set_axis(list(classes.names), axis=1)
    frame.insert(0, "true class", classes.names, allow_duplicates=True)
    return frame


def _edited(state: EditorState) -> np.ndarray:
    """What the editor holds, with its edits; an emptied cell is nan."""
    costs = _initial(state)
    for row, cells in st.session_state[_editor_key(state)]["edited_rows"].items():
        for name, value in cells.items():
            column = state[1].short_names.index(name)
            empty = 0.0 if int(row) == column else np.nan
            costs[int(row), column] = empty if value is None else value
    return costs


def apply_price_edit() -> None:
    """Show the edited costs, or reject them with a message; the editor is then filled again."""
    state = st.session_state[EDITOR_STATE_KEY]
    costs = _edited(state)
    try:
        CostModel(costs, classes=state[1])
    except ConfigError as error:
        st.session_state[REJECTED_EDIT_KEY] = f"{error} The edit was undone."
        return
    FEASIBILITY_STATE.update(prices=format_price_changes(costs, state[0], state[1]))


def _show_pair_editor(view: FeasibilityView, classes: ClassList) -> None:
    """A cost for mistakes between some classes, and a table of those that have one."""
    st.markdown("Every mistake costs the same, except those that you give another cost here.")
    with st.form("feasibility-pairs", border=False):
        columns = st.columns([3, 3, 1.3, 1], vertical_alignment="bottom")
        for column, label, key in zip(columns, ("True class", "Sorted as"), (TRUE_KEY, PREDICTED_KEY), strict=False):
            column.multiselect(
                label, range(len(classes)), key=key, format_func=lambda c: classes[c].name,
                max_selections=MAX_CLASSES_AT_ONCE,
            )  # fmt: skip
        columns[2].number_input(
            "Cost of these mistakes", 0.0, MAX_PLAUSIBLE_COST, 1.0, step=0.1, format="%.4g", key=COST_KEY
        )
        columns[3].form_submit_button("Set", on_click=set_pair_costs, args=(view, classes), width="stretch")
    costs = view.mistake_costs(classes)
    changed = np.argwhere(costs != view.unedited_mistake_costs(classes))
    if len(changed):
        names = np.array(classes.names)
        frame = {"True class": names[changed[:, 0]], "Sorted as": names[changed[:, 1]], "Cost": costs[tuple(changed.T)]}
        st.dataframe(frame, hide_index=True, column_config={"Cost": st.column_config.NumberColumn(format="%.4g")})


def set_pair_costs(view: FeasibilityView, classes: ClassList) -> None:
    """Give the mistakes between the chosen classes the entered cost."""
    costs = view.mistake_costs(classes)
    true, predicted, cost = (st.session_state[key] for key in PAIR_KEYS)
    costs[np.ix_(true, predicted)] = cost
    np.fill_diagonal(costs, 0)
    FEASIBILITY_STATE.update(prices=format_price_changes(costs, view, classes))
