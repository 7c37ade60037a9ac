"""Every run beside the chosen one, at the target and at its cheapest threshold."""

import numpy as np
import pandas as pd
import streamlit as st

from fashion_core.analysis.feasibility_costs import DeferralPolicy
from ui import shell
from ui.feasibility import automation
from ui.feasibility.assessed_runs import RunComparison
from ui.feasibility.view import FeasibilityView


def show_run_table(comparison: RunComparison, policies: list[DeferralPolicy], view: FeasibilityView) -> None:
    """A row a run, to sort and take away."""
    lines = [_line(run.title, run.assess(view), plan) for run, plan in zip(comparison.runs, policies, strict=True)]
    frame = pd.DataFrame(lines)
    most = frame["No person, %"].max()
    if pd.isna(most):
        shell.show_finding(f"No run can take over anything at {view.target:g}% correct.")
    else:
        first = comparison.runs[int(np.nanargmax(frame["No person, %"]))].title
        shell.show_finding(f"{first} takes over most at {view.target:g}% correct: {most:.1f}% of the test garments.")
    percent = st.column_config.NumberColumn(format="%.1f")
    small = st.column_config.NumberColumn(format="%.3f")
    columns = {name: percent for name in frame.columns if frame[name].dtype == float}
    st.dataframe(
        frame, hide_index=True, placeholder=shell.MISSING_VALUE,
        column_config=columns | {"Threshold": small, "Temperature": st.column_config.NumberColumn(format="%.2f"),
                                 "Cheapest threshold": small, "Run": st.column_config.TextColumn(pinned=True)},
    )  # fmt: skip
    with st.container(horizontal=True):
        st.download_button(
            "Table as CSV", lambda: frame.to_csv(index=False), "feasibility.csv", "text/csv", on_click="ignore",
            icon=":material/download:",
        )  # fmt: skip
        automation.curves_download_button(comparison)
    shell.show_provenance(
        f"Test, n = {len(comparison.selected.test):,}",
        f"thresholds and temperatures from validation, n = {len(comparison.selected.validation):,}",
        f"target {view.target:g}%, {view.sure.lower()}; {shell.MISSING_VALUE}: the run can take over nothing",
        "costs per 1,000 garments",
    )


def _line(title: str, found: automation.AutomationAssessment, plan: DeferralPolicy) -> dict[str, object]:
    line: dict[str, object] = {
        "Run": title,
        "No person, %": float("nan"),
        "Its interval": None,
        "Right among them, %": float("nan"),
        "Their interval": None,
    }
    point = found.test
    if point is not None and point.n_automated:
        line |= {
            "No person, %": 100 * point.coverage,
            "Its interval": _between(point.coverage_interval),
            "Right among them, %": 100 * point.selective_accuracy,
            "Their interval": _between(point.selective_accuracy_interval),
        }
    return line | {
        "Wrong with no person at all, %": 100 * float(found.curve.error[-1]),
        "Threshold": found.threshold,
        "Temperature": found.temperature,
        "Cheapest threshold": plan.threshold,
        "No person there, %": 100 * plan.coverage,
        "Cost there": plan.cost.estimate,
        "Saving": plan.saving.estimate,
        "Saving's interval": f"{plan.saving.low:.1f} to {plan.saving.high:.1f}".replace("-", "−"),
    }


def _between(interval: tuple[float, float]) -> str:
    return f"{100 * interval[0]:.1f} to {100 * interval[1]:.1f}"
