"""Feasibility: how much of the sorting can be automated, at what error, at what cost, and against people."""

import streamlit as st

from ui import pickers, shell
from ui.feasibility import automation, by_run, catalogue, controls, flips, garments, money, speed
from ui.feasibility.view import LOOKS, PAGE

with shell.page("Feasibility", "How much of the sorting can be left to a model, at what error, and at what cost?"):
    view, complaints = PAGE.current()
    for complaint in complaints:
        st.warning(shell.plain(complaint))
    runs = pickers.finished_runs()
    view = controls.known(view, runs)
    controls.row(runs)
    table = controls.table(view, runs)
    if table is not None:
        found = table.chosen.assess(view)
        plans = [run.plan(view.costs) for run in table.runs]
        shell.finding(shell.plain(found.sentence))
        left, right = st.columns([1.1, 1], gap="small")
        with left:
            automation.curve(table, found, view)
        with right:
            automation.costs(table, plans, view)
        st.caption(shell.plain(f"{found.verdict} {automation.people(view)}".strip()))

        PAGE.widget("look", "Look closer", st.segmented_control, LOOKS, required=True, label_visibility="collapsed")
        if view.look == "Prices":
            money.show(plans, view)
        elif view.look == "What would flip it":
            flips.show(table, plans, view)
        elif view.look == "By run":
            by_run.show(table, plans, view)
        elif view.look == "Speed and size":
            speed.show(table, view)
        elif view.look == "Garments":
            garments.show(table, found)
        else:
            catalogue.show(view)
