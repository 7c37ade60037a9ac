"""Train: start runs, watch them learn, and compare them."""

import streamlit as st

from ui import caches, shell
from ui.train import failure_experiment, form, run_list, run_view, start, sweeps

with shell.page_frame("Train", "What does a model learn, how fast, and which classes does it lose?"):
    left, right = st.columns([1, 2], gap="large")
    with left, shell.show_errors():  # the runs are shown even if the form fails
        request = form.show_training_form(caches.current_dataset(), run_list.list_user_runs())
        if request is not None:
            st.session_state[run_view.WATCHED_RUN_KEY] = start.start_requested_runs(request, caches.current_dataset())
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
        run_list.show_metrics_over_seeds(runs)
        sweeps.show_sweeps(runs)
        run_list.show_curve_overlay(runs)
    else:
        st.caption("None yet. The other pages show the shipped runs.")
    with shell.show_errors():
        run_list.show_import()
    failure_experiment.show_relu_failure_experiment(runs)
