"""Feasibility: how much of the sorting can be automated, at what error and cost, compared with people."""

import dataclasses

import streamlit as st

from fashion_core.analysis.feasibility import AutomationAssessment, pictures_needed
from fashion_core.analysis.feasibility_costs import DeferralPolicy, can_estimate_costs
from fashion_core.wording.feasibility import describe_assessment, describe_target_check, describe_threshold_folds
from fashion_core.wording.feasibility_costs import TOO_FEW_FOR_COSTS_TEXT
from ui import caches, pickers, shell
from ui.feasibility import (
    advice,
    automation,
    by_class,
    by_run,
    catalogue,
    controls,
    garments,
    prices,
    sensitivity,
    speed,
)
from ui.feasibility.assessed_runs import AssessedRuns
from ui.feasibility.view import (
    COST_DETAIL_VIEWS,
    DETAIL_VIEWS,
    FEASIBILITY_STATE,
    MEET_TARGET,
    MIN_TARGET,
    FeasibilityView,
)


def show_assessment(assessed: AssessedRuns, view: FeasibilityView) -> None:
    """How much can be automated, what that saves, and the details that the visitor chose."""
    selected = assessed.selected
    assessment = selected.assess(view)
    sizes = len(selected.validation), len(selected.test)
    too_few = bool(pictures_needed(*sizes, MIN_TARGET / 100, guaranteed=assessment.guaranteed))
    if too_few or not can_estimate_costs(*sizes):
        view = dataclasses.replace(view, goal=MEET_TARGET)  # without costs, none is lowest
    if too_few:
        is_own = not caches.current_dataset().has_shipped_runs
        shell.show_finding(describe_assessment(assessment, *sizes, can_add_pictures=is_own))
        show_test_pictures(assessed)
        return  # no target can be shown to hold
    cost_model = view.cost_model(assessed.classes)
    policies = [run.chosen_policy(view, cost_model) for run in assessed.runs] if can_estimate_costs(*sizes) else []
    automation.show_answer(assessed, assessment, policies, view)
    if view.goal == MEET_TARGET and assessment.misses_target:
        st.warning(describe_target_check(assessment))
    show_test_pictures(assessed)
    with st.container(key="feasibility-curves"):
        left, right = st.columns([1.1, 1], gap="small")
    with left:
        controls.show_target_slider(sizes[1])
        automation.show_automation_curves_by_run(assessed, assessment, view, cost_model if policies else None)
    with right:
        if policies:
            automation.show_costs_by_run(policies, view)
        else:
            st.info(TOO_FEW_FOR_COSTS_TEXT)
    human_accuracy = automation.describe_human_accuracy(view, is_measured=assessed.has_measured_human_accuracy)
    check = describe_target_check(assessment) if view.goal == MEET_TARGET and not assessment.misses_target else ""
    st.caption(shell.escape_markdown(" ".join(filter(None, (check, human_accuracy)))))
    show_details(assessed, assessment, policies, view)


def show_test_pictures(assessed: AssessedRuns) -> None:
    """Which labels were corrected, and which pictures a cross-validated run calls validation and test."""
    selected = assessed.selected
    if assessed.corrections is not None:
        st.caption(f"Every figure on this page: {assessed.label_choice}.")
    if selected.n_folds:
        st.caption(describe_threshold_folds(selected.n_folds, len(selected.validation), len(selected.test)))


def show_details(
    assessed: AssessedRuns, assessment: AutomationAssessment, policies: list[DeferralPolicy], view: FeasibilityView
) -> None:
    """The details that the visitor chose. ``policies`` serve the goal; empty where costs can't be estimated."""
    FEASIBILITY_STATE.bound_widget(
        "look", "Details", st.segmented_control, controls.list_detail_views(), format_func=DETAIL_VIEWS.__getitem__,
        required=True, label_visibility="collapsed",
    )  # fmt: skip
    cost_model = view.cost_model(assessed.classes)
    cheapest = [run.cheapest_policy(cost_model) for run in assessed.runs] if policies else []
    show = {
        "Prices": lambda: prices.show_price_editor(policies[0], view, assessed.classes),
        "What would flip it": lambda: sensitivity.show_saving_sensitivity(assessed, cheapest, view),
        "By class": lambda: by_class.show_promises_by_class(assessed, view),
        "Advice": lambda: advice.show_advice(assessed, view),
        "By run": lambda: by_run.show_runs_side_by_side(assessed, cheapest, view),
        "Speed and size": lambda: speed.show_compute_costs(assessed, view),
        "Garments": lambda: garments.show_mistaken_and_deferred_garments(
            assessed, policies[0].threshold if policies else assessment.threshold
        ),
        "Your catalogue": catalogue.show_way_to_own_catalogue,
    }
    if policies or view.look not in COST_DETAIL_VIEWS:
        show[view.look]()


with shell.page_frame("Feasibility", "How much of the sorting can be automated, at what error, and at what cost?"):
    runs = pickers.list_runs_with_test_predictions()
    if not runs:
        shell.show_train_link(
            "There is no finished run to assess yet. Once a run has finished, this page says how much of the sorting "
            "it can do at the error rate you accept, and what that saves."
        )
        st.stop()
    view, problems = FEASIBILITY_STATE.load()  # its default needs runs
    for problem in problems:
        st.warning(shell.escape_markdown(problem))
    view = controls.replace_unknown_run(view, runs)
    classes = controls.classes_of_selected_run(view, runs)
    view = controls.check_details(controls.check_costs(view, classes))
    controls.show_feasibility_controls(runs)
    assessed = controls.load_assessed_runs(view, runs)
    if assessed is not None:
        show_assessment(assessed, view)
