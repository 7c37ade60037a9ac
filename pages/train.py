"""Train: start runs, watch them learn, and compare them."""

import streamlit as st

from fashion_core.data import Dataset
from fashion_core.runs.store import RunEntry
from fashion_core.wording.dataset import NO_CLASSES_TO_LEARN, list_class_warnings
from ui import caches, shell
from ui.train import failure_experiment, form, run_list, run_view, start, sweeps


def show_form(data: Dataset, runs: list[RunEntry]) -> None:
    """The form or, where there are no classes to learn, what to do first."""
    if not data.is_labelled:
        st.info(NO_CLASSES_TO_LEARN)
        st.page_link(shell.find_page("clusters"), label="Name clusters")
        return
    for warning in list_class_warnings(data):
        st.warning(warning)
    request = form.show_training_form(data, runs)
    if request is not None:
        st.session_state[run_view.WATCHED_RUN_KEY] = start.start_requested_runs(request, data)


with shell.page_frame("Train", "What does a model learn, how fast, and which classes does it lose?"):
    data = caches.current_dataset()
    left, right = st.columns([1, 2], gap="large")
    with left, shell.show_errors():  # the runs are shown even if the form fails
        show_form(data, run_list.list_user_runs())
    runs = run_list.list_user_runs()
    watched = next((run for run in runs if run.id == st.session_state.get(run_view.WATCHED_RUN_KEY)), None)
    watched = watched or next((run for run in reversed(runs) if run_view.is_waiting_or_training(run)), None)
    with right:
        if watched is not None:
            st.session_state[run_view.WATCHED_RUN_KEY] = watched.id  # its end is shown here, too
            run_view.show_run(watched)
        else:
            st.info("Choose a model and press Start. Its curves appear here as it learns.")

    st.subheader("Your runs", anchor=False)
    if runs:
        chosen = run_list.show_run_table(runs)
        if chosen is not None:
            with shell.show_errors():
                run_list.show_run_actions(chosen)
        else:
            st.caption("Choose a row to see its curves, resume, duplicate, rename, export or delete it.")
        run_list.show_ensemble(runs)
        run_list.show_metrics_over_seeds(runs)
        sweeps.show_sweeps(runs)
        run_list.show_curve_overlay(runs)
    else:
        st.caption("None yet. The other pages show the shipped runs." if data.has_shipped_runs else "None yet.")
    with shell.show_errors():
        run_list.show_import()
    if data.has_poster_figures:
        failure_experiment.show_relu_failure_experiment(runs)
