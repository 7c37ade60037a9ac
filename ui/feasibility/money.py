"""Prices to edit, and what they come to in a day."""

import numpy as np
import pandas as pd
import streamlit as st

from fashion_core.analysis import feasibility_costs
from fashion_core.analysis.feasibility_costs import DEAREST, Plan, Prices
from fashion_core.data.labels import SHORT_NAMES
from fashion_core.errors import ConfigError
from ui import shell
from ui.feasibility.view import MOST_GARMENTS, PAGE, View, prices_text

BASE = "feasibility-base"  # session key: preset and prices that the editor was filled with, and how many times it was
Base = tuple[str, str, int]
REFUSED = "feasibility-refused"  # session key: why the last edit cannot be


def show(plans: list[Plan], view: View) -> None:
    """The prices, and what the cheapest plan comes to in a day."""
    best = feasibility_costs.cheapest(plans)
    shell.finding(shell.plain(_a_day(best, view.volume)))
    columns = st.columns(3)
    with columns[0]:
        PAGE.widget(
            "check", "Price of a look by a person", st.number_input, 0.0, DEAREST, step=0.01, format="%.4g",
            help="What it costs that a person looks at a garment, in the unit of the other prices.",
        )  # fmt: skip
    with columns[1]:
        PAGE.widget("people", "People sort right, %", st.number_input, 0.0, 100.0, step=0.5, format="%.1f")
    with columns[2]:
        PAGE.widget("volume", "Garments a day", st.number_input, 1, MOST_GARMENTS, step=1000)
    st.markdown("What it costs when a garment of the row's class is taken for the column's:")
    _editor(view)
    if refused := st.session_state.pop(REFUSED, ""):
        st.error(shell.plain(refused))
    with st.container(horizontal=True):
        frame = _frame(view.matrix)
        st.download_button(
            "Prices as CSV", lambda: frame.to_csv(index_label="true class"), "prices.csv", "text/csv",
            on_click="ignore", icon=":material/download:",
        )  # fmt: skip
        if view.prices:
            st.button(f"Back to {view.preset}", icon=":material/undo:", on_click=lambda: PAGE.change(prices=""))
    st.caption(
        "Prices are in any one unit. A garment that a person sorts costs the look, and the mean price of a mistake on "
        "its class as often as people err: what people take for what is not known, so their mistakes fall evenly on "
        "the other nine classes, and they are taken to be as good on garments that a model passes on as on all."
    )


def _a_day(best: Plan, volume: int) -> str:
    by_people = volume * (1 - best.coverage)
    text = f"Of {volume:,} garments a day, {volume - by_people:,.0f} need no person with {best.title}"
    if not best.coverage:
        return f"{text}, and nothing is saved."
    value, low, high = (x * volume / feasibility_costs.THOUSAND for x in (
        best.saving.value, best.saving.low, best.saving.high
    ))  # fmt: skip
    text = f"{text} and {by_people:,.0f} go to people; that saves {value:,.0f} a day (95% interval {low:,.0f} to "
    return f"{text}{high:,.0f}) against people alone.".replace("-", "−")


def _editor(view: View) -> None:
    """The matrix; what is written into it changes the view, and the editor is filled anew only from elsewhere."""
    base = st.session_state.get(BASE)
    # the editor is gone from the session when another look or page was shown, and there is none at first
    if base is None or _key(base) not in st.session_state or not np.array_equal(_edited(base), view.matrix):
        base = (view.preset, view.prices, base[2] + 1 if base else 0)
        st.session_state[BASE] = base
    columns = {
        # as wide as its name, so that ten fit beside each other
        name: st.column_config.NumberColumn(min_value=0.0, max_value=DEAREST, format="%.4g", width=38 + 6 * len(name))
        for name in SHORT_NAMES
    }
    st.data_editor(
        _frame(_filling(base)), key=_key(base), num_rows="fixed", on_change=_take, placeholder="–",
        column_config={"_index": st.column_config.Column(width=76, disabled=True), **columns},
        alt="Price of taking the row's class for the column's",
    )  # fmt: skip


def _key(base: Base) -> str:
    return f"feasibility-prices-{base[2]}"


def _filling(base: Base) -> np.ndarray:
    return View(preset=base[0], prices=base[1]).matrix


def _frame(matrix: np.ndarray) -> pd.DataFrame:
    """The matrix with class names; the diagonal is empty, for a right answer has no price."""
    shown = matrix.copy()
    np.fill_diagonal(shown, np.nan)
    return pd.DataFrame(shown, index=pd.Index(SHORT_NAMES, name="Class"), columns=list(SHORT_NAMES))


def _edited(base: Base) -> np.ndarray:
    """What the editor holds: its filling with the edits made since; an emptied cell is nan."""
    found = _filling(base)
    for row, cells in st.session_state[_key(base)]["edited_rows"].items():
        for name, value in cells.items():
            column = SHORT_NAMES.index(name)
            nothing = 0.0 if int(row) == column else np.nan
            found[int(row), column] = nothing if value is None else value
    return found


def _take() -> None:
    """An edit becomes the view's, or is refused and told; the editor is then filled anew."""
    base = st.session_state[BASE]
    matrix = _edited(base)
    try:
        Prices(matrix)
    except ConfigError as error:
        st.session_state[REFUSED] = f"{error} The price before is kept."
        return
    PAGE.change(prices=prices_text(matrix, base[0]))
