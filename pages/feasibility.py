"""Feasibility: how much of the sorting can be automated, at what error, at what cost, and against people."""

import streamlit as st

from ui import pickers, shell
from ui.feasibility import automation, by_run, catalogue, controls, garments, prices, sensitivity, speed
from ui.feasibility.view import DETAIL_VIEWS, FEASIBILITY_STATE

with shell.page_frame(
    "Feasibility", "How much of the sorting can be left to a model, at what error, and at what cost?"
):
    view, complaints = FEASIBILITY_STATE.load()
    for complaint in complaints:
        st.warning(shell.escape_markdown(complaint))
    runs = pickers.finished_runs()
    view = controls.replace_unknown_run(view, runs)
    controls.show_controls(runs)
    table = controls.load_run_comparison(view, runs)
    if table is not None:
        found = table.selected.assess(view)
        plans = [run.cheapest_policy(view.cost_model) for run in table.runs]
        shell.show_finding(found.sentence)
        left, right = st.columns([1.1, 1], gap="small")
        with left:
            automation.show_automation_curve(table, found, view)
        with right:
            automation.show_costs(table, plans, view)
        st.caption(shell.escape_markdown(f"{found.verdict} {automation.describe_human_accuracy(view)}".strip()))

        FEASIBILITY_STATE.bound_widget(
            "look", "Look closer", st.segmented_control, DETAIL_VIEWS, required=True, label_visibility="collapsed"
        )
        if view.look == "Prices":
            prices.show_price_editor(plans, view)
        elif view.look == "What would flip it":
            sensitivity.show_sensitivity(table, plans, view)
        elif view.look == "By run":
            by_run.show_run_table(table, plans, view)
        elif view.look == "Speed and size":
            speed.show_compute_costs(table, view)
        elif view.look == "Garments":
            garments.show_affected_garments(table, found)
        else:
            catalogue.show_own_catalogue(view)
