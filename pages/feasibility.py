"""Feasibility: how much of the sorting can be automated, at what error and cost, compared with people."""

import streamlit as st

from fashion_core.wording.feasibility import describe_automation, describe_target_check
from ui import pickers, shell
from ui.feasibility import automation, by_run, catalogue, controls, garments, prices, sensitivity, speed
from ui.feasibility.view import DETAIL_VIEWS, FEASIBILITY_STATE

with shell.page_frame("Feasibility", "How much of the sorting can be automated, at what error, and at what cost?"):
    view, problems = FEASIBILITY_STATE.load()
    for problem in problems:
        st.warning(shell.escape_markdown(problem))
    runs = pickers.list_runs_with_test_predictions()
    view = controls.replace_unknown_run(view, runs)
    controls.show_feasibility_controls(runs)
    assessed = controls.load_assessed_runs(view, runs)
    if assessed is not None:
        assessment = assessed.selected.assess(view)
        policies = [run.cheapest_policy(view.cost_model) for run in assessed.runs]
        shell.show_finding(describe_automation(assessment))
        left, right = st.columns([1.1, 1], gap="small")
        with left:
            automation.show_automation_curves_by_run(assessed, assessment, view)
        with right:
            automation.show_cheapest_policy_costs_by_run(policies, view)
        sentences = describe_target_check(assessment), automation.describe_human_accuracy(view)
        st.caption(shell.escape_markdown(" ".join(filter(None, sentences))))

        FEASIBILITY_STATE.bound_widget(
            "look", "Details", st.segmented_control, list(DETAIL_VIEWS), format_func=DETAIL_VIEWS.__getitem__,
            required=True, label_visibility="collapsed",
        )  # fmt: skip
        show_details = {
            "Prices": lambda: prices.show_price_editor(policies, view),
            "What would flip it": lambda: sensitivity.show_saving_sensitivity(assessed, policies, view),
            "By run": lambda: by_run.show_runs_side_by_side(assessed, policies, view),
            "Speed and size": lambda: speed.show_compute_costs(assessed, view),
            "Garments": lambda: garments.show_mistaken_and_deferred_garments(assessed, assessment),
            "Your catalogue": lambda: catalogue.show_own_catalogue(view),
        }
        show_details[view.look]()
