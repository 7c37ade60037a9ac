"""Which run is judged, at what target, and which stand beside it."""

import streamlit as st

from fashion_core.analysis.feasibility_costs import MISTAKE_COST_PRESETS
from fashion_core.errors import RunError
from fashion_core.runs.store import RunEntry
from ui import pickers, shell, validation
from ui.feasibility.assessed_runs import MAX_RUNS, AssessedRun, RunComparison, load_assessed_run
from ui.feasibility.view import FEASIBILITY_STATE, MAX_TARGET, MIN_TARGET, SAFETY_MARGINS, FeasibilityView

DEFAULT_RUN = "improved_cnn"


def show_controls(runs: list[RunEntry]) -> None:
    """The row above the chart."""
    labels = {run.id: pickers.run_label(run) for run in runs}
    columns = st.columns([2, 1.5, 2.2, 2.1, 1.2], vertical_alignment="bottom")
    with columns[0]:
        FEASIBILITY_STATE.bound_widget("run", "Run", st.selectbox, list(labels), format_func=labels.__getitem__)
    with columns[1]:
        FEASIBILITY_STATE.bound_widget(
            "target", "Right at least, %", st.number_input, MIN_TARGET, MAX_TARGET, step=0.5, format="%.1f",
            help="Share of the automated garments that has to be right.",
        )  # fmt: skip
    with columns[2]:
        FEASIBILITY_STATE.bound_widget(
            "sure", "How sure of that", st.segmented_control, SAFETY_MARGINS, required=True, wrap=True,
            help="95% sure: the threshold is strict enough for the target to hold for garments to come, with 95% "
            "assurance. Even odds: it just holds on the validation images, and is missed on others about as often as "
            "not.",
        )  # fmt: skip
    with columns[3]:
        FEASIBILITY_STATE.bound_widget("preset", "Prices of mistakes", st.selectbox, list(MISTAKE_COST_PRESETS))
    with columns[4], st.popover("Options", width="stretch"):
        _beside(runs, labels)


def _beside(runs: list[RunEntry], labels: dict[str, str]) -> None:
    """Which runs are drawn and priced beside the chosen one."""
    view = FEASIBILITY_STATE.current_view()
    chosen = next(run for run in runs if run.id == view.run)
    there = [run.id for run in runs if pickers.scored_on_same_data(run, chosen)]
    key = "feasibility-runs"
    st.session_state[key] = [run_id for run_id in view.runs.split(",") if run_id in there][:MAX_RUNS]
    st.multiselect(
        "Runs beside it", there, key=key, format_func=labels.__getitem__, max_selections=MAX_RUNS,
        on_change=lambda: FEASIBILITY_STATE.update(runs=",".join(st.session_state[key])),
    )  # fmt: skip
    if others := len(runs) - len(there):
        st.caption(
            f"{others:,} {'run was' if others == 1 else 'runs were'} scored on other data and cannot be beside it."
        )


def replace_unknown_run(view: FeasibilityView, runs: list[RunEntry]) -> FeasibilityView:
    """The view with a run that is there; what is not is told."""
    there = [run.id for run in runs]
    if not there:
        raise RunError("No finished run has answers to judge. Train one on the page Train.")
    if view.run not in there:
        instead = DEFAULT_RUN if DEFAULT_RUN in there else there[0]
        st.warning(shell.escape_markdown(f"There is no finished run named {view.run}. {instead} is shown."))
        view = FEASIBILITY_STATE.replace_fields(run=instead)
    return view


def load_run_comparison(view: FeasibilityView, runs: list[RunEntry]) -> RunComparison | None:
    """The chosen run and those beside it; None while the chosen one's answers on validation are not there, which is
    told. Runs whose answers cannot be read are named and left out."""
    by_id = {run.id: run for run in runs}
    chosen = by_id[view.run]
    ids = dict.fromkeys([view.run, *(run_id for run_id in view.runs.split(",") if run_id in by_id)])
    wanted = [by_id[run_id] for run_id in ids if pickers.scored_on_same_data(by_id[run_id], chosen)][: MAX_RUNS + 1]
    found: dict[str, AssessedRun] = {}
    missing = []
    for run in wanted:
        try:
            answers = load_assessed_run(run)
        except RunError as error:
            if run.id == view.run:
                raise
            st.warning(shell.escape_markdown(f"{pickers.run_label(run)} is left out. {error}"))
            continue
        if answers is None:
            missing.append(run)
        else:
            found[run.id] = answers
    if missing:
        validation.show_validation_progress(missing)
    if view.run not in found:
        return None
    return RunComparison(found[view.run], list(found.values()), missing)
