"""Feasibility: how much of the sorting can be automated, at what error and cost, compared with people."""

import streamlit as st

from fashion_core.analysis.feasibility import pictures_needed
from fashion_core.analysis.feasibility_costs import can_estimate_costs
from fashion_core.wording.feasibility import (
    TOO_FEW_FOR_COSTS_TEXT,
    describe_assessment,
    describe_target_check,
    describe_threshold_folds,
)
from ui import pickers, shell
from ui.feasibility import automation, by_run, catalogue, controls, garments, prices, sensitivity, speed
from ui.feasibility.assessed_runs import AssessedRuns
from ui.feasibility.view import COST_DETAIL_VIEWS, DETAIL_VIEWS, FEASIBILITY_STATE, MIN_TARGET, FeasibilityView


def show_assessment(assessed: AssessedRuns, view: FeasibilityView) -> None:
    """How much can be automated, what that saves, and the details that the visitor chose."""
    assessment = assessed.selected.assess(view)
    sizes = len(assessed.selected.validation), len(assessed.selected.test)
    shell.show_finding(describe_assessment(assessment, *sizes))
    if assessed.selected.n_folds:
        st.caption(describe_threshold_folds(assessed.selected.n_folds, *sizes))
    if pictures_needed(*sizes, MIN_TARGET / 100, guaranteed=assessment.guaranteed):
        return  # no target can be shown to hold
    cost_model = view.cost_model(assessed.classes)
    has_costs = can_estimate_costs(*sizes)
    policies = [run.cheapest_policy(cost_model) for run in assessed.runs] if has_costs else []
    left, right = st.columns([1.1, 1], gap="small")
    with left:
        automation.show_automation_curves_by_run(assessed, assessment, view)
    with right:
        if has_costs:
            automation.show_cheapest_policy_costs_by_run(policies, view)
        else:
            st.info(TOO_FEW_FOR_COSTS_TEXT)
    human_accuracy = automation.describe_human_accuracy(view, is_measured=assessed.has_measured_human_accuracy)
    sentences = describe_target_check(assessment), human_accuracy
    st.caption(shell.escape_markdown(" ".join(filter(None, sentences))))
    FEASIBILITY_STATE.bound_widget(
        "look", "Details", st.segmented_control, controls.list_detail_views(), format_func=DETAIL_VIEWS.__getitem__,
        required=True, label_visibility="collapsed",
    )  # fmt: skip
    show_details = {
        "Prices": lambda: prices.show_price_editor(policies, view, assessed.classes),
        "What would flip it": lambda: sensitivity.show_saving_sensitivity(assessed, policies, view),
        "By run": lambda: by_run.show_runs_side_by_side(assessed, policies, view),
        "Speed and size": lambda: speed.show_compute_costs(assessed, view),
        "Garments": lambda: garments.show_mistaken_and_deferred_garments(assessed, assessment),
        "Your catalogue": catalogue.show_way_to_own_catalogue,
    }
    if has_costs or view.look not in COST_DETAIL_VIEWS:
        show_details[view.look]()


with shell.page_frame("Feasibility", "How much of the sorting can be automated, at what error, and at what cost?"):
    runs = pickers.list_runs_with_test_predictions()
    if not runs:
        shell.show_train_link("There is no finished run to assess. Train one on the page Train.")
        st.stop()
    view, problems = FEASIBILITY_STATE.load()  # its default needs runs
    for problem in problems:
        st.warning(shell.escape_markdown(problem))
    view = controls.replace_unknown_run(view, runs)
    classes = controls.classes_of_selected_run(view, runs)
    view = controls.check_details(controls.check_costs(view, classes))
    controls.show_feasibility_controls(runs, classes)
    assessed = controls.load_assessed_runs(view, runs)
    if assessed is not None:
        show_assessment(assessed, view)
