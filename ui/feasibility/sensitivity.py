"""Which assumption about costs would flip the decision."""

import pandas as pd
import streamlit as st

from fashion_core.analysis import feasibility_costs, feasibility_sensitivity
from fashion_core.analysis.feasibility_costs import DeferralPolicy
from fashion_core.analysis.feasibility_sensitivity import ASSUMPTION_LABELS, AssumptionEffect, format_assumption
from ui import shell
from ui.feasibility.assessed_runs import RunComparison
from ui.feasibility.view import FeasibilityView

FACTOR_LABELS = {"mistakes": "as given", "model": "as on test"}  # assumptions whose value is a factor


def show_sensitivity(comparison: RunComparison, policies: list[DeferralPolicy], view: FeasibilityView) -> None:
    """The saving under each assumption halved and doubled, and where the decision flips."""
    from fashion_core.charts import feasibility as charts

    best = feasibility_costs.cheapest_policy(policies)
    prices = view.cost_model
    answers = {run.title: (run.validation, run.test) for run in comparison.runs}
    found = feasibility_sensitivity.assumption_effects(best, prices, answers)
    shell.show_finding(feasibility_sensitivity.describe_break_even(best, found))
    frame = pd.DataFrame(
        {
            "assumption": [ASSUMPTION_LABELS[effect.assumption] for effect in found],
            "halved": [effect.saving_if_halved for effect in found],
            "doubled": [effect.saving_if_doubled for effect in found],
        }
    )
    st.plotly_chart(
        charts.tornado_chart(frame, best.saving.estimate), key="feasibility-tornado", config={"displayModeBar": False},
        alt=f"Saving of {best.title} with each assumption halved and doubled",
    )  # fmt: skip
    shell.show_provenance(
        f"{best.title} with threshold {best.threshold:.3f} as chosen, test, n = {best.n:,}",
        "one assumption off at a time; what goes to a person either way cancels out",
    )
    st.markdown(shell.escape_markdown(_next_best(comparison, policies, best, view)))
    lines = pd.DataFrame(
        {
            "Assumption": frame["assumption"],
            "Assumed": [
                FACTOR_LABELS.get(effect.assumption) or format_assumption(effect.assumption, effect.assumed_value, 1.0)
                for effect in found
            ],
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
    factors = feasibility_sensitivity.TESTED_FACTORS
    shell.show_provenance(
        "Savings per 1,000 test garments",
        f"another run: cheapest on validation with its own threshold, tried from 1/{1 / factors[0]:.0f} to "
        f"{factors[-1]:.0f} times what is assumed",
    )


def _next_best(table: RunComparison, plans: list[DeferralPolicy], best: DeferralPolicy, view: FeasibilityView) -> str:
    """How much worse the next run is, and whether that may be chance."""
    others = [plan for plan in plans if plan is not best]
    if not others:
        return "No run stands beside it; choose some under Options."
    second = feasibility_costs.cheapest_policy(others)
    answers = {run.title: run.test for run in table.runs}
    more = feasibility_costs.cost_difference(
        answers[best.title], best.threshold, answers[second.title], second.threshold, view.cost_model
    )
    value, low, high = (f"{x:.1f}".replace("-", "−") for x in (more.estimate, more.low, more.high))
    chance = "is not chance" if more.low > 0 or more.high < 0 else "may be chance"
    return (
        f"The next on validation, {second.title}, costs {value} more per 1,000 test garments (95% interval {low} to "
        f"{high}); that {chance}."
    )


def _people_cheaper(effect: AssumptionEffect) -> str:
    factor = effect.break_even_factor
    if factor is None:
        return "never"
    value = format_assumption(effect.assumption, effect.assumed_value, factor)
    above = effect.saving_if_doubled < effect.saving_if_halved  # the saving falls as the assumption grows
    return f"{'above' if above else 'below'} {value}"


def _other_cheaper(effect: AssumptionEffect) -> str:
    parts = [
        f"{title} {'below' if factor < 1 else 'above'} {format_assumption(effect.assumption, effect.assumed_value, factor)}"
        for factor, title in effect.cheaper_runs
    ]
    return "; ".join(parts) or "never"
