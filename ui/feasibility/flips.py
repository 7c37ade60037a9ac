"""Which assumption about costs would flip the decision."""

import pandas as pd
import streamlit as st

from fashion_core.analysis import feasibility_costs, feasibility_sensitivity
from fashion_core.analysis.feasibility_costs import Plan
from fashion_core.analysis.feasibility_sensitivity import NAMES, Effect, told
from ui import shell
from ui.feasibility.judged import Table
from ui.feasibility.view import View

ASSUMED = {"mistakes": "as given", "model": "as on test"}  # assumptions whose value is a factor


def show(table: Table, plans: list[Plan], view: View) -> None:
    """The saving under each assumption halved and doubled, and where the decision flips."""
    from fashion_core.charts import feasibility as charts

    best = feasibility_costs.cheapest(plans)
    prices = view.costs
    answers = {run.title: (run.chosen_on, run.tried_on) for run in table.runs}
    found = feasibility_sensitivity.effects(best, prices, answers)
    shell.finding(shell.plain(feasibility_sensitivity.finding(best, found)))
    frame = pd.DataFrame(
        {
            "assumption": [NAMES[effect.name] for effect in found],
            "halved": [effect.halved for effect in found],
            "doubled": [effect.doubled for effect in found],
        }
    )
    st.plotly_chart(
        charts.tornado(frame, best.saving.value), key="feasibility-tornado", config={"displayModeBar": False},
        alt=f"Saving of {best.title} with each assumption halved and doubled",
    )  # fmt: skip
    shell.provenance(
        f"{best.title} with threshold {best.threshold:.3f} as chosen, test, n = {best.n:,}",
        "one assumption off at a time; what goes to a person either way cancels out",
    )
    st.markdown(shell.plain(_next_best(table, plans, best, view)))
    lines = pd.DataFrame(
        {
            "Assumption": frame["assumption"],
            "Assumed": [ASSUMED.get(effect.name) or told(effect.name, effect.base, 1.0) for effect in found],
            "Saving if halved": frame["halved"],
            "Saving if doubled": frame["doubled"],
            "People alone cheaper": [_people_cheaper(effect) for effect in found],
            "Another run cheaper": [_other_cheaper(effect) for effect in found],
        }
    )
    number = st.column_config.NumberColumn(format="%.1f")
    st.dataframe(lines, hide_index=True, column_config={"Saving if halved": number, "Saving if doubled": number})
    st.download_button(
        "Table as CSV", lambda: lines.to_csv(index=False), "assumptions.csv", "text/csv", on_click="ignore",
        icon=":material/download:",
    )  # fmt: skip
    factors = feasibility_sensitivity.FACTORS
    shell.provenance(
        "Savings per 1,000 test garments",
        f"another run: cheapest on validation with its own threshold, tried from 1/{1 / factors[0]:.0f} to "
        f"{factors[-1]:.0f} times what is assumed",
    )


def _next_best(table: Table, plans: list[Plan], best: Plan, view: View) -> str:
    """How much worse the next run is, and whether that may be chance."""
    others = [plan for plan in plans if plan is not best]
    if not others:
        return "No run stands beside it; choose some under Options."
    second = feasibility_costs.cheapest(others)
    answers = {run.title: run.tried_on for run in table.runs}
    more = feasibility_costs.difference(
        answers[best.title], best.threshold, answers[second.title], second.threshold, view.costs
    )
    value, low, high = (f"{x:.1f}".replace("-", "−") for x in (more.value, more.low, more.high))
    chance = "is not chance" if more.low > 0 or more.high < 0 else "may be chance"
    return (
        f"The next on validation, {second.title}, costs {value} more per 1,000 test garments (95% interval {low} to "
        f"{high}); that {chance}."
    )


def _people_cheaper(effect: Effect) -> str:
    factor = effect.break_even
    if factor is None:
        return "never"
    value = told(effect.name, effect.base, factor)
    above = effect.doubled < effect.halved  # the saving falls as the assumption grows
    return f"{'above' if above else 'below'} {value}"


def _other_cheaper(effect: Effect) -> str:
    parts = [
        f"{title} {'below' if factor < 1 else 'above'} {told(effect.name, effect.base, factor)}"
        for factor, title in effect.flips
    ]
    return "; ".join(parts) or "never"
