"""Which run is judged, at what target, and which stand beside it."""

import streamlit as st

from fashion_core.analysis.feasibility_costs import PRESETS
from fashion_core.errors import RunError
from fashion_core.runs.store import RunEntry
from ui import pickers, shell, validation
from ui.feasibility.judged import MOST_RUNS, Judged, Table, judged
from ui.feasibility.view import GREATEST_TARGET, LEAST_TARGET, PAGE, SURE, View

STANDARD = "improved_cnn"


def row(runs: list[RunEntry]) -> None:
    """The row above the chart."""
    labels = {run.id: pickers.run_label(run) for run in runs}
    columns = st.columns([2, 1.5, 2.2, 2.1, 1.2], vertical_alignment="bottom")
    with columns[0]:
        PAGE.widget("run", "Run", st.selectbox, list(labels), format_func=labels.__getitem__)
    with columns[1]:
        PAGE.widget(
            "target", "Right at least, %", st.number_input, LEAST_TARGET, GREATEST_TARGET, step=0.5, format="%.1f",
            help="Share of the automated garments that has to be right.",
        )  # fmt: skip
    with columns[2]:
        PAGE.widget(
            "sure", "How sure of that", st.segmented_control, SURE, required=True, wrap=True,
            help="95% sure: the threshold is strict enough for the target to hold for garments to come, with 95% "
            "assurance. Even odds: it just holds on the validation images, and is missed on others about as often as "
            "not.",
        )  # fmt: skip
    with columns[3]:
        PAGE.widget("preset", "Prices of mistakes", st.selectbox, list(PRESETS))
    with columns[4], st.popover("Options", width="stretch"):
        _beside(runs, labels)


def _beside(runs: list[RunEntry], labels: dict[str, str]) -> None:
    """Which runs are drawn and priced beside the chosen one."""
    view = PAGE.now()
    chosen = next(run for run in runs if run.id == view.run)
    there = [run.id for run in runs if pickers.same_data(run, chosen)]
    key = "feasibility-runs"
    st.session_state[key] = [run_id for run_id in view.runs.split(",") if run_id in there][:MOST_RUNS]
    st.multiselect(
        "Runs beside it", there, key=key, format_func=labels.__getitem__, max_selections=MOST_RUNS,
        on_change=lambda: PAGE.change(runs=",".join(st.session_state[key])),
    )  # fmt: skip
    if others := len(runs) - len(there):
        st.caption(
            f"{others:,} {'run was' if others == 1 else 'runs were'} scored on other data and cannot be beside it."
        )


def known(view: View, runs: list[RunEntry]) -> View:
    """The view with a run that is there; what is not is told."""
    there = [run.id for run in runs]
    if not there:
        raise RunError("No finished run has answers to judge. Train one on the page Train.")
    if view.run not in there:
        instead = STANDARD if STANDARD in there else there[0]
        st.warning(shell.plain(f"There is no finished run named {view.run}. {instead} is shown."))
        view = PAGE.correct(run=instead)
    return view


def table(view: View, runs: list[RunEntry]) -> Table | None:
    """The chosen run and those beside it; None while the chosen one's answers on validation are not there, which is
    told. Runs whose answers cannot be read are named and left out."""
    by_id = {run.id: run for run in runs}
    chosen = by_id[view.run]
    ids = dict.fromkeys([view.run, *(run_id for run_id in view.runs.split(",") if run_id in by_id)])
    wanted = [by_id[run_id] for run_id in ids if pickers.same_data(by_id[run_id], chosen)][: MOST_RUNS + 1]
    found: dict[str, Judged] = {}
    missing = []
    for run in wanted:
        try:
            answers = judged(run)
        except RunError as error:
            if run.id == view.run:
                raise
            st.warning(shell.plain(f"{pickers.run_label(run)} is left out. {error}"))
            continue
        if answers is None:
            missing.append(run)
        else:
            found[run.id] = answers
    if missing:
        validation.box(missing)
    if view.run not in found:
        return None
    return Table(found[view.run], list(found.values()), missing)
