"""The page's first screen: how much can be automated at which error, and what that costs."""

import pandas as pd
import streamlit as st

from fashion_core.analysis import metrics
from fashion_core.analysis.compare import N_BOOTSTRAP_RESAMPLES
from fashion_core.analysis.feasibility import (
    AutomationAssessment,
    risk_coverage_curve,
)
from fashion_core.analysis.feasibility_costs import (
    HUMAN_ACCURACY,
    HUMAN_ACCURACY_SAMPLE_SIZE,
    DeferralPolicy,
    choose_cheapest_policy_on_validation,
)
from fashion_core.wording.feasibility import (
    MISTAKE_COST_NAMES,
    describe_assessment,
    describe_saving,
)
from fashion_core.wording.numbers import format_percent_range, format_range
from ui import shell
from ui.csv_download import csv_button
from ui.feasibility.assessed_runs import AssessedRuns
from ui.feasibility.view import FeasibilityView

HUMAN_ACCURACY_SOURCE = (
    "People: 83.5% correct in the benchmark of the data set's authors (github.com/zalandoresearch/fashion-mnist): "
    "crowd workers without knowledge of fashion, 1,000 test images, the majority of three labels each."
)


def show_automation_curves_by_run(
    assessed: AssessedRuns, assessment: AutomationAssessment, view: FeasibilityView
) -> None:
    """The error rate over the automation rate of every run, with the operating point of the selected one."""
    from fashion_core.charts.feasibility import risk_coverage_chart

    curves = {run.title: risk_coverage_curve(run.test) for run in assessed.runs}
    description = describe_assessment(assessment, len(assessed.selected.validation), len(assessed.selected.test))
    st.plotly_chart(
        risk_coverage_chart(curves, assessment, human_accuracy=view.people / 100), key="feasibility-automation",
        config={"displayModeBar": False},
        alt=f"Error rate among automated garments over the automation rate. {description}",
    )  # fmt: skip
    fitted = f"temperature {assessment.temperature:.2f}"
    if assessment.threshold is not None:
        fitted = f"confidence threshold {assessment.threshold:.3f} and {fitted}"
    shell.show_provenance(
        assessed.provenance,
        f"{fitted} from validation, n = {len(assessed.selected.validation):,}",
        "intervals: Wilson, 95%",
    )


def show_cheapest_policy_costs_by_run(policies: list[DeferralPolicy], view: FeasibilityView) -> None:
    """What each run costs with its cheapest threshold, and manual sorting."""
    shell.show_finding(describe_saving(choose_cheapest_policy_on_validation(policies)))
    rows = [
        (p.title, 100 * p.coverage, p.cost.estimate, p.saving.estimate, format_range(p.saving.low, p.saving.high))
        for p in policies
    ]
    rows.append(("Manual sorting", 0.0, policies[0].manual_cost.estimate, 0.0, ""))
    frame = pd.DataFrame(rows, columns=["Sorted by", "Automated", "Cost", "Saving", "95% interval"])
    number, text = st.column_config.NumberColumn, st.column_config.TextColumn
    columns = {
        "Sorted by": text(width=104),
        "Automated": number(format="%.1f%%", width=74),
        "Cost": number(format="%.1f", width=50),
        "Saving": number(format="%.1f", width=54),
        "95% interval": text(width=108),
    }
    st.dataframe(
        frame.sort_values("Cost", kind="stable"), hide_index=True, column_config=columns,
        alt="Cost per 1,000 garments of each run with its cheapest threshold, and of manual sorting",
    )  # fmt: skip
    changed = ", edited" if view.prices else ""
    shell.show_provenance(
        f"Cost per 1,000 test garments, n = {policies[0].n:,}: {MISTAKE_COST_NAMES[view.preset].lower()}{changed}, "
        f"a manual check {view.check:g}, people {view.people:.1f}% correct",
        "thresholds: cheapest on validation",
        f"paired bootstrap, {N_BOOTSTRAP_RESAMPLES:,} resamples, seed 0",
    )


def describe_human_accuracy(view: FeasibilityView, *, is_measured: bool) -> str:
    """The accuracy assumed for people, and its source. ``is_measured``: on this data set."""
    if not is_measured:
        return (
            f"People are assumed to sort {view.people:.1f}% correctly. Nobody has measured that on these pictures: "
            "enter your own figure under Costs."
        )
    if abs(view.people - 100 * HUMAN_ACCURACY) > 1e-9:
        return f"People are assumed to sort {view.people:.1f}% correctly, as entered. {HUMAN_ACCURACY_SOURCE}"
    interval = metrics.wilson_interval(round(HUMAN_ACCURACY * HUMAN_ACCURACY_SAMPLE_SIZE), HUMAN_ACCURACY_SAMPLE_SIZE)
    return f"{HUMAN_ACCURACY_SOURCE} 95% interval: {format_percent_range(*interval)}."


def curves_csv_button(assessed: AssessedRuns) -> None:
    """The curves of all runs to download, a row a threshold, at most 250 a run."""

    def curves() -> pd.DataFrame:
        frames = []
        for run in assessed.runs:
            curve = risk_coverage_curve(run.test).downsample()
            frames.append(
                pd.DataFrame(
                    {
                        "run": run.run.id,
                        "threshold": curve.threshold,
                        "coverage": curve.coverage,
                        "error": curve.selective_error_rate,
                        "automated": curve.n_automated,
                        "wrong": curve.n_wrong,
                    }
                )
            )
        return pd.concat(frames)

    csv_button(curves, "automation.csv", "Curves as CSV")
