"""Every run beside the selected one, at the target and at its cheapest threshold."""

import itertools

import pandas as pd
import streamlit as st

from fashion_core.analysis.feasibility import AutomationAssessment
from fashion_core.analysis.feasibility_costs import DeferralPolicy
from fashion_core.wording.feasibility import describe_most_automating_run, explain_nothing_automated
from fashion_core.wording.numbers import format_percent_range, format_range, to_percent
from ui import shell
from ui.csv_download import csv_button
from ui.feasibility.assessed_runs import AssessedRuns
from ui.feasibility.automation import curves_csv_button
from ui.feasibility.view import SAFETY_MARGINS, FeasibilityView


def show_runs_side_by_side(assessed: AssessedRuns, policies: list[DeferralPolicy], view: FeasibilityView) -> None:
    """A row a run, to sort and to download; without ``policies``, there are no costs."""
    assessments = [run.assess(view) for run in assessed.runs]
    costs = policies or itertools.repeat(None)
    frame = pd.DataFrame([_row(*pair) for pair in zip(assessments, costs, strict=False)])
    shell.show_finding(describe_most_automating_run(assessments))
    number = st.column_config.NumberColumn
    columns = {name: number(format="%.1f") for name in frame.columns if frame[name].dtype == float}
    columns |= dict.fromkeys(("Threshold", "Cheapest threshold"), number(format="%.3f"))
    columns |= {"Temperature": number(format="%.2f"), "Run": st.column_config.TextColumn(pinned=True)}
    st.dataframe(frame, hide_index=True, placeholder=shell.MISSING_VALUE, column_config=columns)
    with st.container(horizontal=True):
        csv_button(lambda: frame, "feasibility.csv")
        curves_csv_button(assessed)
    shell.show_provenance(
        f"Test, n = {len(assessed.selected.test):,}",
        f"thresholds and temperatures from validation, n = {len(assessed.selected.validation):,}",
        f"target {view.target:g}%, safety margin: {SAFETY_MARGINS[view.sure].lower()}",
        "costs per 1,000 garments",
    )


def _row(assessment: AutomationAssessment, policy: DeferralPolicy | None) -> dict[str, object]:
    row: dict[str, object] = {
        "Run": assessment.title,
        "Automated, %": float("nan"),
        "Automated, interval": None,
        "Correct of those, %": float("nan"),
        "Correct, interval": None,
    }
    point = assessment.test
    if point is None or not point.n_automated:
        row["Automated, interval"] = explain_nothing_automated(assessment)
    if point is not None and point.n_automated:
        row |= {
            "Automated, %": to_percent(point.coverage),
            "Automated, interval": format_percent_range(*point.coverage_interval),
            "Correct of those, %": to_percent(point.selective_accuracy),
            "Correct, interval": format_percent_range(*point.selective_accuracy_interval),
        }
    row |= {
        "Wrong if all automated, %": to_percent(float(assessment.curve.selective_error_rate[-1])),
        "Threshold": assessment.threshold,
        "Temperature": assessment.temperature,
    }
    return (
        row
        if policy is None
        else row
        | {
            "Cheapest threshold": policy.threshold,
            "Automated there, %": to_percent(policy.coverage),
            "Cost there": policy.cost.estimate,
            "Saving": policy.saving.estimate,
            "Saving, interval": format_range(policy.saving.low, policy.saving.high),
        }
    )
