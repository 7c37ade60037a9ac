"""The page's question answered: a sentence, three figures, and where to go next."""

import streamlit as st

from fashion_core.analysis.feasibility import AutomationAssessment, pictures_needed
from fashion_core.analysis.feasibility_costs import (
    CostModel,
    DeferralPolicy,
    can_estimate_costs,
)
from fashion_core.report.settings import default_report_settings
from fashion_core.runs.summary import RunSummary
from fashion_core.wording.feasibility import (
    describe_answer,
    describe_assessment,
    explain_nothing_automated,
    format_threshold_folds,
)
from fashion_core.wording.feasibility_costs import describe_cost_assumptions, format_saved_cost
from fashion_core.wording.numbers import format_percent, format_percent_range
from fashion_core.wording.runs import format_run_source
from ui import caches, shell
from ui.feasibility.assessed_runs import AssessedRun, load_assessed_run
from ui.feasibility.view import FEASIBILITY_STATE
from ui.report.files import get_report_files


def show_answer(best: RunSummary, answer_without_validation: str) -> None:
    """What the run of ``best`` can do. The other answer is shown while its validation predictions are missing."""
    view, assessed = FEASIBILITY_STATE.default, load_assessed_run(best.run)
    assessment = assessed.assess(view) if assessed else None
    cost_model = view.cost_model(best.run.record.data.class_list) if best.run.record else CostModel()
    policy = _measure_policy(assessed, assessment, cost_model)
    if assessed is None or assessment is None:
        st.header(shell.escape_markdown(answer_without_validation), anchor=False)
    elif pictures_needed(len(assessed.validation), len(assessed.test), assessment.target):
        st.header(shell.escape_markdown(answer_without_validation), anchor=False)
        st.markdown(
            shell.escape_markdown(describe_assessment(assessment, len(assessed.validation), len(assessed.test)))
        )
        assessment = None  # it isn't known, rather than 0%
    else:
        st.header(shell.escape_markdown(describe_answer(assessment)), anchor=False)
    columns = st.container(key="overview-figures").columns(3, gap="small")
    with columns[0]:
        _show_figure(
            "Accuracy, all garments",
            format_percent(best.metrics.accuracy),
            format_percent_range(*best.accuracy_interval),
            f"Correct predictions of {best.method} on all test garments, with a 95% interval.",
        )
    with columns[1]:
        _show_automation(assessment)
    with columns[2]:
        _show_saving(policy)
    st.markdown("Next: try a picture of your own, then enter your costs under Feasibility.")
    _show_buttons()
    shell.show_provenance(
        format_run_source(best.run),
        _describe_threshold(assessed) if policy and assessed else "",
        describe_cost_assumptions(cost_model.manual_check_cost, cost_model.human_accuracy) if policy else "",
    )


def _describe_threshold(assessed: AssessedRun) -> str:
    if assessed.n_folds:
        return format_threshold_folds(assessed.n_folds, len(assessed.validation), len(assessed.test))
    return f"threshold from validation, n = {len(assessed.validation):,}"


def _measure_policy(
    assessed: AssessedRun | None, assessment: AutomationAssessment | None, cost_model: CostModel
) -> DeferralPolicy | None:
    """What it saves to meet the target; None when that can't be known."""
    if assessed is None or assessment is None or assessment.threshold is None:
        return None
    if not can_estimate_costs(len(assessed.validation), len(assessed.test)):
        return None
    return assessed.measure_policy(assessment.threshold, cost_model)


def _show_automation(assessment: AutomationAssessment | None) -> None:
    point = assessment.test if assessment else None
    if assessment is None or point is None or not point.n_automated:
        unknown = "See Feasibility" if assessment is None else explain_nothing_automated(assessment)
        value = shell.MISSING_VALUE if assessment is None else "None"
        _show_figure("No person needed", value, unknown, "Garments that the model sorts on its own.")
        return
    _show_figure(
        "No person needed",
        format_percent(point.coverage),
        f"{format_percent(point.selective_accuracy)} of them correct",
        f"95% intervals: {format_percent_range(*point.coverage_interval)} of the garments need no person, and "
        f"{format_percent_range(*point.selective_accuracy_interval)} of those are correct.",
    )


def _show_saving(policy: DeferralPolicy | None) -> None:
    label, explanation = "Cost saved", "Costs and people's accuracy are set on the page Feasibility."
    if policy is None or not policy.manual_cost.estimate:
        _show_figure(label, shell.MISSING_VALUE, "See Feasibility", explanation)
        return
    saving, cost = policy.saving, policy.manual_cost.estimate
    low, high = (format_percent(value / cost) for value in (saving.low, saving.high))
    _show_figure(
        label,
        format_percent(saving.estimate / cost, 0),
        f"{format_saved_cost(policy)} cost units",
        f"Of the cost of manual sorting, per 1,000 garments. 95% interval {low} to {high}. {explanation}",
    )


def _show_figure(label: str, value: str, detail: str, explanation: str) -> None:
    st.metric(
        label, value, detail, delta_color="off", delta_arrow="off", help=explanation, border=True, height="stretch"
    )


def _show_buttons() -> None:
    try_it, feasibility, present = st.columns(3, gap="small")
    if try_it.button("Try a picture", type="primary", width="stretch", key="overview-try"):
        st.switch_page(shell.find_page("try_it"))
    if feasibility.button("Feasibility", width="stretch", key="overview-feasibility"):
        st.switch_page(shell.find_page("feasibility"))
    settings = default_report_settings(caches.run_store(), caches.current_dataset())
    present.link_button("Present", get_report_files(settings).publish_slideshow(), width="stretch")
