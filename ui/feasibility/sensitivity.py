"""Which assumption about costs would change the decision."""

import pandas as pd
import streamlit as st

from fashion_core.analysis.feasibility_costs import (
    CostModel,
    DeferralPolicy,
    bootstrap_cost_difference_per_thousand,
    choose_cheapest_policy_on_validation,
)
from fashion_core.analysis.feasibility_sensitivity import (
    ASSUMPTION_SCALE_FACTORS,
    AssumptionEffect,
    compute_assumption_effects_on_saving,
)
from fashion_core.wording.feasibility_costs import (
    ASSUMPTION_NAMES,
    describe_break_even,
    describe_second_cheapest_run,
    format_assumption,
    format_break_even,
    format_cheaper_runs,
)
from ui import shell
from ui.csv_download import csv_button
from ui.feasibility.assessed_runs import AssessedRuns
from ui.feasibility.view import FeasibilityView


def show_saving_sensitivity(assessed: AssessedRuns, policies: list[DeferralPolicy], view: FeasibilityView) -> None:
    """The saving with each assumption halved and doubled, and the values that would change the decision."""
    best = choose_cheapest_policy_on_validation(policies)
    predictions = {run.title: (run.validation, run.test) for run in assessed.runs}
    cost_model = view.cost_model(assessed.classes)
    effects = compute_assumption_effects_on_saving(best, cost_model, predictions)
    shell.show_finding(describe_break_even(best, effects))
    if best.coverage:
        _tornado(best, effects)
    st.markdown(shell.escape_markdown(_runner_up(assessed, policies, best, cost_model)))
    frame = pd.DataFrame(
        {
            "Assumption": [ASSUMPTION_NAMES[effect.assumption] for effect in effects],
            "Assumed": [format_assumption(effect) for effect in effects],
            "Saving if halved": [effect.saving_if_halved for effect in effects],
            "Saving if doubled": [effect.saving_if_doubled for effect in effects],
            "Manual sorting is cheaper": [format_break_even(effect) for effect in effects],
            "Another run is cheaper": [format_cheaper_runs(effect) for effect in effects],
        }
    )
    number = st.column_config.NumberColumn(format="%.1f")
    st.dataframe(frame, hide_index=True, column_config={"Saving if halved": number, "Saving if doubled": number})
    csv_button(lambda: frame, "assumptions.csv")
    shell.show_provenance(
        "Savings per 1,000 test garments",
        "another run: cheapest on validation with its own threshold, tried from "
        f"1/{1 / ASSUMPTION_SCALE_FACTORS[0]:.0f} to {ASSUMPTION_SCALE_FACTORS[-1]:.0f} times the assumed value",
    )


def _tornado(best: DeferralPolicy, effects: list[AssumptionEffect]) -> None:
    from fashion_core.charts import feasibility as charts

    frame = pd.DataFrame(
        {
            "assumption": [ASSUMPTION_NAMES[effect.assumption] for effect in effects],
            "halved": [effect.saving_if_halved for effect in effects],
            "doubled": [effect.saving_if_doubled for effect in effects],
        }
    )
    st.plotly_chart(
        charts.tornado_chart(frame, best.saving.estimate), key="feasibility-tornado",
        config={"displayModeBar": False}, alt=f"Saving of {best.title} with each assumption halved and doubled",
    )  # fmt: skip
    shell.show_provenance(
        f"{best.title} with its threshold of {best.threshold:.3f}, test, n = {best.n:,}",
        "one assumption changes at a time",
    )


def _runner_up(
    assessed: AssessedRuns, policies: list[DeferralPolicy], best: DeferralPolicy, cost_model: CostModel
) -> str:
    others = [policy for policy in policies if policy is not best]
    if not others:
        return "No other run to compare with; choose some under Options."
    second = choose_cheapest_policy_on_validation(others)
    test = {run.title: run.test for run in assessed.runs}
    return describe_second_cheapest_run(
        second,
        bootstrap_cost_difference_per_thousand(
            test[best.title], best.threshold, test[second.title], second.threshold, cost_model
        ),
    )
