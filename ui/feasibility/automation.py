"""How much can be automated, over the error among it, and what that costs: the page's first screen."""

import pandas as pd
import streamlit as st

from fashion_core.analysis import feasibility, feasibility_costs, metrics
from fashion_core.analysis.feasibility import AutomationAssessment
from fashion_core.analysis.feasibility_costs import HUMAN_ACCURACY, HUMAN_SAMPLE_SIZE, DeferralPolicy
from ui import shell
from ui.feasibility.assessed_runs import RunComparison
from ui.feasibility.view import FeasibilityView

HUMAN_ACCURACY_SOURCE = (
    "People: 83.5% right in the benchmark table of the data set's authors (github.com/zalandoresearch/fashion-mnist): "
    "crowd workers without knowledge of fashion, 1,000 test images, the majority of three labels each."
)


def show_automation_curve(comparison: RunComparison, assessment: AutomationAssessment, view: FeasibilityView) -> None:
    """The automation curve with the chosen point."""
    from fashion_core.charts import feasibility as charts

    curves = {run.title: feasibility.risk_coverage_curve(run.test) for run in comparison.runs}
    st.plotly_chart(
        charts.automation_chart(curves, assessment, human_accuracy=view.people / 100), key="feasibility-automation",
        config={"displayModeBar": False}, alt=f"Error among automated garments over their share. {assessment.sentence}",
    )  # fmt: skip
    temperature, n = f"temperature {assessment.temperature:.2f}", len(comparison.selected.validation)
    if assessment.threshold is not None:
        temperature = f"threshold {assessment.threshold:.3f} on confidence and {temperature}"
    shell.show_provenance(
        comparison.provenance,
        f"{temperature} from validation, n = {n:,}",
        "intervals: Wilson, 95%",
    )


def show_costs(comparison: RunComparison, policies: list[DeferralPolicy], view: FeasibilityView) -> None:
    """What each run costs with its cheapest threshold, and people alone."""
    best = feasibility_costs.cheapest_policy(policies)
    shell.show_finding(feasibility_costs.describe_saving(best))
    people = policies[0].manual_cost
    lines = [
        (plan.title, 100 * plan.coverage, plan.cost.estimate, plan.saving.estimate, _between(plan.saving))
        for plan in policies
    ]
    lines.append(("People alone", 0.0, people.estimate, 0.0, ""))
    frame = pd.DataFrame(lines, columns=["Sorted by", "No person", "Cost", "Saving", "95% interval"])
    number, text = st.column_config.NumberColumn, st.column_config.TextColumn
    columns = {
        "Sorted by": text(width=108),
        "No person": number(format="%.1f%%", width=72),
        "Cost": number(format="%.1f", width=52),
        "Saving": number(format="%.1f", width=56),
        "95% interval": text(width=104),
    }
    st.dataframe(
        frame.sort_values("Cost", kind="stable"), hide_index=True, column_config=columns,
        alt="Cost per 1,000 garments of each run with its cheapest threshold, and of people alone",
    )  # fmt: skip
    changed = ", changed" if view.prices else ""
    shell.show_provenance(
        f"Cost per 1,000 test garments, n = {policies[0].n:,}: {view.preset}{changed}, a look {view.check:g}, people "
        f"{view.people:.1f}% right",
        "thresholds: cheapest on validation",
        f"paired bootstrap, {feasibility_costs.N_RESAMPLES:,} resamples, seed 0",
    )


def _between(interval: feasibility_costs.ConfidenceInterval) -> str:
    return f"{interval.low:.1f} to {interval.high:.1f}".replace("-", "−")


def describe_human_accuracy(view: FeasibilityView) -> str:
    """What people are assumed to do, and where that comes from."""
    if abs(view.people - 100 * HUMAN_ACCURACY) > 1e-9:
        return f"People are assumed to sort {view.people:.1f}% right, as entered here. {HUMAN_ACCURACY_SOURCE}"
    low, high = metrics.wilson_interval(round(HUMAN_ACCURACY * HUMAN_SAMPLE_SIZE), HUMAN_SAMPLE_SIZE)
    return f"{HUMAN_ACCURACY_SOURCE} Their 95% interval is {low:.1%} to {high:.1%}."


def automation_curves_csv(comparison: RunComparison) -> str:
    """The curves of all runs, a row a threshold, at most 250 a run."""
    frames = []
    for run in comparison.runs:
        found = feasibility.risk_coverage_curve(run.test).downsample()
        frames.append(
            pd.DataFrame(
                {
                    "run": run.run.id,
                    "threshold": found.threshold,
                    "coverage": found.coverage,
                    "error": found.error,
                    "automated": found.n_automated,
                    "wrong": found.n_wrong,
                }
            )
        )
    return pd.concat(frames).to_csv(index=False, float_format="%.6g")


def curves_download_button(comparison: RunComparison) -> None:
    """The curves to take away."""
    st.download_button(
        "Curves as CSV", lambda: automation_curves_csv(comparison), "automation.csv", "text/csv", on_click="ignore",
        icon=":material/download:",
    )  # fmt: skip
