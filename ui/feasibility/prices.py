"""Prices to edit, and what they come to in a day."""

import numpy as np
import pandas as pd
import streamlit as st

from fashion_core.analysis import feasibility_costs
from fashion_core.analysis.feasibility_costs import MAX_COST, CostModel, DeferralPolicy
from fashion_core.data.classes import SHORT_CLASS_NAMES
from fashion_core.errors import ConfigError
from ui import shell
from ui.feasibility.view import FEASIBILITY_STATE, MAX_GARMENTS_PER_DAY, FeasibilityView, format_price_changes

EDITOR_STATE_KEY = (
    "feasibility-base"  # session key: preset and prices that the editor was filled with, and how many times it was
)
EditorState = tuple[str, str, int]
REJECTED_EDIT_KEY = "feasibility-refused"  # session key: why the last edit cannot be


def show_price_editor(policies: list[DeferralPolicy], view: FeasibilityView) -> None:
    """The prices, and what the cheapest plan comes to in a day."""
    best = feasibility_costs.cheapest_policy(policies)
    shell.show_finding(_a_day(best, view.volume))
    columns = st.columns(3)
    with columns[0]:
        FEASIBILITY_STATE.bound_widget(
            "check", "Price of a look by a person", st.number_input, 0.0, MAX_COST, step=0.01, format="%.4g",
            help="What it costs that a person looks at a garment, in the unit of the other prices.",
        )  # fmt: skip
    with columns[1]:
        FEASIBILITY_STATE.bound_widget(
            "people", "People sort right, %", st.number_input, 0.0, 100.0, step=0.5, format="%.1f"
        )
    with columns[2]:
        FEASIBILITY_STATE.bound_widget("volume", "Garments a day", st.number_input, 1, MAX_GARMENTS_PER_DAY, step=1000)
    st.markdown("What it costs when a garment of the row's class is taken for the column's:")
    _editor(view)
    if refused := st.session_state.pop(REJECTED_EDIT_KEY, ""):
        st.error(shell.escape_markdown(refused))
    with st.container(horizontal=True):
        frame = _frame(view.mistake_costs)
        st.download_button(
            "Prices as CSV", lambda: frame.to_csv(index_label="true class"), "prices.csv", "text/csv",
            on_click="ignore", icon=":material/download:",
        )  # fmt: skip
        if view.prices:
            st.button(
                f"Back to {view.preset}", icon=":material/undo:", on_click=lambda: FEASIBILITY_STATE.update(prices="")
            )
    st.caption(
        "Prices are in any one unit. A garment that a person sorts costs the look, and the mean price of a mistake on "
        "its class as often as people err: what people take for what is not known, so their mistakes fall evenly on "
        "the other nine classes, and they are taken to be as good on garments that a model passes on as on all."
    )


def _a_day(best: DeferralPolicy, volume: int) -> str:
    by_people = volume * (1 - best.coverage)
    text = f"Of {volume:,} garments a day, {volume - by_people:,.0f} need no person with {best.title}"
    if not best.coverage:
        return f"{text}, and nothing is saved."
    value, low, high = (x * volume / feasibility_costs.PER_THOUSAND for x in (
        best.saving.estimate, best.saving.low, best.saving.high
    ))  # fmt: skip
    text = f"{text} and {by_people:,.0f} go to people; that saves {value:,.0f} a day (95% interval {low:,.0f} to "
    return f"{text}{high:,.0f}) against people alone.".replace("-", "−")


def _editor(view: FeasibilityView) -> None:
    """The matrix; what is written into it changes the view, and the editor is filled anew only from elsewhere."""
    base = st.session_state.get(EDITOR_STATE_KEY)
    # the editor is gone from the session when another look or page was shown, and there is none at first
    if base is None or _key(base) not in st.session_state or not np.array_equal(_edited(base), view.mistake_costs):
        base = (view.preset, view.prices, base[2] + 1 if base else 0)
        st.session_state[EDITOR_STATE_KEY] = base
    columns = {
        # as wide as its name, so that ten fit beside each other
        name: st.column_config.NumberColumn(min_value=0.0, max_value=MAX_COST, format="%.4g", width=38 + 6 * len(name))
        for name in SHORT_CLASS_NAMES
    }
    st.data_editor(
        _frame(_filling(base)), key=_key(base), num_rows="fixed", on_change=_apply_edit, placeholder="–",
        column_config={"_index": st.column_config.Column(width=76, disabled=True), **columns},
        alt="Price of taking the row's class for the column's",
    )  # fmt: skip


def _key(base: EditorState) -> str:
    return f"feasibility-prices-{base[2]}"


def _filling(base: EditorState) -> np.ndarray:
    return FeasibilityView(preset=base[0], prices=base[1]).mistake_costs


def _frame(matrix: np.ndarray) -> pd.DataFrame:
    """The matrix with class names; the diagonal is empty, for a right answer has no price."""
    shown = matrix.copy()
    np.fill_diagonal(shown, np.nan)
    return pd.DataFrame(shown, index=pd.Index(SHORT_CLASS_NAMES, name="Class"), columns=list(SHORT_CLASS_NAMES))


def _edited(base: EditorState) -> np.ndarray:
    """What the editor holds: its filling with the edits made since; an emptied cell is nan."""
    found = _filling(base)
    for row, cells in st.session_state[_key(base)]["edited_rows"].items():
        for name, value in cells.items():
            column = SHORT_CLASS_NAMES.index(name)
            nothing = 0.0 if int(row) == column else np.nan
            found[int(row), column] = nothing if value is None else value
    return found


def _apply_edit() -> None:
    """An edit becomes the view's, or is refused and told; the editor is then filled anew."""
    base = st.session_state[EDITOR_STATE_KEY]
    matrix = _edited(base)
    try:
        CostModel(matrix)
    except ConfigError as error:
        st.session_state[REJECTED_EDIT_KEY] = f"{error} The price before is kept."
        return
    FEASIBILITY_STATE.update(prices=format_price_changes(matrix, base[0]))
