"""The page's first screen: how much can be automated at which error, and what that costs."""

import math

import numpy as np
import pandas as pd
import streamlit as st

from fashion_core.analysis import metrics
from fashion_core.analysis.compare import N_BOOTSTRAP_RESAMPLES
from fashion_core.analysis.feasibility import AutomationAssessment, operating_point
from fashion_core.analysis.feasibility_costs import (
    HUMAN_ACCURACY,
    HUMAN_ACCURACY_SAMPLE_SIZE,
    CostModel,
    DeferralPolicy,
)
from fashion_core.runs.summary import MAIN_RUN_IDS
from fashion_core.wording.feasibility import describe_assessment, describe_operating_point, explain_missing_threshold
from fashion_core.wording.feasibility_costs import describe_saving, format_cost, format_currency, format_mistake_costs
from fashion_core.wording.numbers import format_percent, format_percent_range, to_percent
from ui import caches, shell
from ui.csv_download import csv_button
from ui.feasibility import prices
from ui.feasibility.assessed_runs import AssessedRuns
from ui.feasibility.view import LOWEST_COST, MEET_TARGET, FeasibilityView

COST, SAVING = "Cost per 1,000", "Saved per 1,000"  # columns
HUMAN_ACCURACY_SOURCE = (
    "People: 83.5% correct in the benchmark of the data set's authors (github.com/zalandoresearch/fashion-mnist): "
    "crowd workers without knowledge of fashion, 1,000 test images, the majority of three labels each."
)


def show_answer(
    assessed: AssessedRuns, assessment: AutomationAssessment, policies: list[DeferralPolicy], view: FeasibilityView
) -> None:
    """How many garments need no manual check, as one number and as a sentence with its interval."""
    selected = assessed.selected
    sizes = len(selected.validation), len(selected.test)
    point = operating_point(selected.test, policies[0].threshold) if policies else assessment.test
    sentence = describe_assessment(assessment, *sizes, can_add_pictures=not caches.current_dataset().has_shipped_runs)
    if view.goal == LOWEST_COST and point is not None:
        sentence = describe_operating_point(selected.title, point)
    with st.container(key="feasibility-answer"):
        number, text = st.columns([1, 4], vertical_alignment="center")
    coverage = format_percent(point.coverage) if point is not None else shell.MISSING_VALUE
    number.metric("No manual check", coverage)
    with text:
        shell.show_finding(sentence)


def show_automation_curves_by_run(
    assessed: AssessedRuns, assessment: AutomationAssessment, view: FeasibilityView, cost_model: CostModel | None
) -> None:
    """The error rate over the automation rate of every run, with both operating points of the selected one; without a
    ``cost_model`` only that of the target."""
    selected, cheapest, threshold = assessed.selected, None, assessment.threshold
    if cost_model is not None:
        cheapest_threshold = selected.cheapest_policy(cost_model).threshold
        cheapest = operating_point(selected.test, cheapest_threshold)
        threshold = cheapest_threshold if view.goal == LOWEST_COST else threshold
    from fashion_core.charts.feasibility import risk_coverage_chart

    # in the order of a report, so that a run has the same colour and dashes there
    runs = sorted(assessed.runs, key=lambda run: (*MAIN_RUN_IDS, run.run.id).index(run.run.id))
    curves = {run.title: run.test.risk_coverage_curve for run in runs}
    description = describe_assessment(assessment, len(assessed.selected.validation), len(assessed.selected.test))
    st.plotly_chart(
        risk_coverage_chart(
            curves, assessment, human_accuracy=view.people / 100, cheapest=cheapest,
            is_cheapest_chosen=view.goal == LOWEST_COST, height=300,
        ),
        key="feasibility-automation", config={"displayModeBar": False},
        alt=f"Error rate among automated garments over the automation rate. {description}",
    )  # fmt: skip
    fitted = f"temperature {assessment.temperature:.2f}"
    if threshold is not None and math.isfinite(threshold):
        fitted = f"confidence threshold {threshold:.3f} and {fitted}"
    shell.show_provenance(
        assessed.provenance,
        f"{fitted} from validation, n = {len(assessed.selected.validation):,}",
        "intervals: Wilson, 95%",
    )


def show_costs_by_run(policies: list[DeferralPolicy], view: FeasibilityView) -> None:
    """What each run costs with the threshold that serves the goal, and manual sorting. The selected run is first."""
    selected = policies[0]
    if view.goal == MEET_TARGET and not selected.coverage:
        shell.show_finding(f"{selected.title} automates nothing at this target, so nothing is saved.")
    else:
        shell.show_finding(describe_saving(selected, view.currency))
    prices.show_two_prices(view)
    rows = [(p.title, to_percent(p.coverage), p.cost.estimate, p.saving.estimate) for p in policies]
    rows.append(("Manual sorting", 0.0, policies[0].manual_cost.estimate, 0.0))
    frame = pd.DataFrame(rows, columns=["Sorted by", "No check", COST, SAVING])
    number, text = st.column_config.NumberColumn, st.column_config.TextColumn
    columns = {
        "Sorted by": text(width=130),
        "No check": number(format="%.1f%%", width=76),
        COST: number(format=f"{format_currency(view.currency)}%.1f", width=104),
        SAVING: number(format=f"{format_currency(view.currency)}%.1f", width=112),
    }
    st.dataframe(
        frame.sort_values(COST, kind="stable"), hide_index=True, column_config=columns,
        alt="Cost per 1,000 garments of each run with its threshold, and of manual sorting",
    )  # fmt: skip
    lacks_threshold = view.goal == MEET_TARGET and any(np.isinf(policy.threshold) for policy in policies)
    changed = ", edited" if view.prices else ""
    mistakes = format_mistake_costs(view.preset, view.mistake, view.currency)
    shell.show_provenance(
        f"Cost per 1,000 test garments, n = {policies[0].n:,}",
        f"{mistakes}{changed}",
        f"a manual check costs {format_cost(view.check, view.currency)}, people are {view.people:.1f}% correct",
        f"thresholds from validation: {'cheapest' if view.goal == LOWEST_COST else f'{view.target:g}% correct'}",
        f"paired bootstrap, {N_BOOTSTRAP_RESAMPLES:,} resamples, seed 0",
        f"0.0%: {explain_missing_threshold(guaranteed=view.requires_target_on_new_garments)}"
        if lacks_threshold
        else "",
    )


def describe_human_accuracy(view: FeasibilityView, *, is_measured: bool) -> str:
    """The accuracy assumed for people, and its source. ``is_measured``: on this data set."""
    if not is_measured:
        return (
            f"People are assumed to sort {view.people:.1f}% correctly. Nobody has measured that on these pictures: "
            "enter your own figure under Advanced costs."
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
            curve = run.test.risk_coverage_curve.downsample()
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
