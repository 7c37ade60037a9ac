"""The selected run, its target, and the runs beside it."""

import streamlit as st

from fashion_core.analysis.feasibility_costs import EQUAL_COSTS_PRESET, mistake_cost_presets
from fashion_core.data.classes import ClassList
from fashion_core.errors import ConfigError, RunError
from fashion_core.runs.store import RunEntry
from fashion_core.wording.numbers import format_count
from ui import caches, label_corrections, pickers, shell, validation
from ui.feasibility.assessed_runs import MAX_RUNS_BESIDE_SELECTED, AssessedRun, AssessedRuns, load_assessed_run
from ui.feasibility.view import (
    DETAIL_VIEWS,
    FEASIBILITY_STATE,
    GOALS,
    MAX_TARGET,
    MEET_TARGET,
    MIN_TARGET,
    OWN_CATALOGUE,
    SAFETY_MARGINS,
    FeasibilityView,
)
from ui.page_state import set_widget_value

USUAL_MIN_TARGET = 85.0  # percent; the slider is finer without the targets below
MANY_PICTURES = 1000


def show_feasibility_controls(runs: list[RunEntry]) -> None:
    """The row above the chart."""
    labels = {run.id: pickers.run_label(run) for run in runs}
    widget = FEASIBILITY_STATE.bound_widget
    with st.container(key="feasibility-controls", horizontal=True, vertical_alignment="bottom"):
        widget("run", "Run", st.selectbox, list(labels), format_func=labels.__getitem__, width="stretch")
        widget("goal", "What matters", st.segmented_control, GOALS, required=True, wrap=True)
        widget(
            "sure", "Safety margin", st.segmented_control, list(SAFETY_MARGINS), required=True, wrap=True,
            format_func=SAFETY_MARGINS.__getitem__,
            help="Cautious: new garments meet the target with 95% certainty. None: the validation images just meet it, "
            "and new garments miss it about every other time.",
        )  # fmt: skip
        with st.popover("Options", width="content"):
            _other_runs(runs, labels)
            label_corrections.show_label_choice(FEASIBILITY_STATE)


def show_target_slider(n_test: int) -> None:
    """The target; moving it also makes it the goal. Lower ones are for those with few pictures, ``n_test`` on test."""
    view = FEASIBILITY_STATE.current_view()
    is_low, is_goal = n_test < MANY_PICTURES or view.target < USUAL_MIN_TARGET, view.goal == MEET_TARGET
    lowest = MIN_TARGET if is_low else USUAL_MIN_TARGET
    FEASIBILITY_STATE.bound_widget(
        "target", f"{'Target' if is_goal else 'Move to meet a target instead'}: correct among the automated garments",
        st.slider, lowest, MAX_TARGET, step=0.1,
        format="%.1f%%",
    )  # fmt: skip


def _other_runs(runs: list[RunEntry], labels: dict[str, str]) -> None:
    view = FEASIBILITY_STATE.current_view()
    selected = next(run for run in runs if run.id == view.run)
    comparable = [run.id for run in runs if pickers.scored_on_same_data(run, selected)]
    key = "feasibility-runs"
    chosen = [run_id for run_id in view.runs.split(",") if run_id in comparable][:MAX_RUNS_BESIDE_SELECTED]
    set_widget_value(key, chosen)
    st.multiselect(
        "Compare with", comparable, key=key, format_func=labels.__getitem__, max_selections=MAX_RUNS_BESIDE_SELECTED,
        on_change=lambda: FEASIBILITY_STATE.update(runs=",".join(st.session_state[key])),
    )  # fmt: skip
    if others := len(runs) - len(comparable):
        st.caption(f"{format_count(others, 'run')} on other data can't be compared.")


def replace_unknown_run(view: FeasibilityView, runs: list[RunEntry]) -> FeasibilityView:
    """The view with a run that exists; a warning names one that doesn't."""
    run_ids, default = [run.id for run in runs], FEASIBILITY_STATE.default
    if view.run in run_ids:
        return view
    instead = default.run if default.run in run_ids else run_ids[0]
    st.warning(shell.escape_markdown(f"There is no finished run named {view.run}. {instead} is shown."))
    return FEASIBILITY_STATE.correct_fields_while_drawing(run=instead)


def classes_of_selected_run(view: FeasibilityView, runs: list[RunEntry]) -> ClassList:
    """The classes that the selected run was trained for."""
    selected = next(run for run in runs if run.id == view.run)
    assert selected.record is not None
    return selected.record.data.class_list


def check_costs(view: FeasibilityView, classes: ClassList) -> FeasibilityView:
    """The view with costs that fit the classes; a warning says what is wrong with others."""
    if view.preset not in mistake_cost_presets(classes):
        st.warning("This data set doesn't have the costs in the address. Every mistake costs 1.")
        view = FEASIBILITY_STATE.correct_fields_while_drawing(preset=EQUAL_COSTS_PRESET)
    try:
        view.cost_model(classes)
    except ConfigError as error:
        st.warning(shell.escape_markdown(f"{error} The default is shown."))
        view = FEASIBILITY_STATE.correct_fields_while_drawing(prices="")
    return view


def list_detail_views() -> list[str]:
    """The details of the current data set: the way to an own catalogue only on another one, first if there is one."""
    others = [look for look in DETAIL_VIEWS if look != OWN_CATALOGUE]
    if not caches.current_dataset().has_shipped_runs:
        return others
    has_catalogue = len(caches.list_dataset_titles()) > 1
    return [OWN_CATALOGUE, *others] if has_catalogue else [*others, OWN_CATALOGUE]


def check_details(view: FeasibilityView) -> FeasibilityView:
    """The view with details that the current data set has."""
    if view.look in list_detail_views():
        return view
    return FEASIBILITY_STATE.correct_fields_while_drawing(look=FEASIBILITY_STATE.default.look)


def load_assessed_runs(view: FeasibilityView, runs: list[RunEntry]) -> AssessedRuns | None:
    """The selected run and those beside it; None while the answers of the selected one on validation are computed.

    Other runs that can't be read are left out with a warning.
    """
    by_id = {run.id: run for run in runs}
    ids = dict.fromkeys([view.run, *(run_id for run_id in view.runs.split(",") if run_id in by_id)])
    comparable = [by_id[run_id] for run_id in ids if pickers.scored_on_same_data(by_id[run_id], by_id[view.run])]
    corrections = label_corrections.load_chosen_corrections(by_id[view.run], FEASIBILITY_STATE)
    assessed: dict[str, AssessedRun] = {}
    missing = []
    for run in comparable[: MAX_RUNS_BESIDE_SELECTED + 1]:
        try:
            loaded = load_assessed_run(run, corrections)
        except RunError as error:
            if run.id == view.run:
                raise
            st.warning(shell.escape_markdown(f"{pickers.run_label(run)} is left out. {error}"))
            continue
        if loaded is None:
            missing.append(run)
        else:
            assessed[run.id] = loaded
    if missing:
        validation.compute_missing_validation_predictions(missing)
    if view.run not in assessed:
        return None
    return AssessedRuns(assessed[view.run], list(assessed.values()), missing, corrections)
