"""Train: start a run, watch it learn, and keep it."""

import streamlit as st

from fashion_core.runs import queue
from ui import caches, shell, training

with shell.page("Train", "What does a model learn, how fast, and which classes does it lose?"):
    form, live = st.columns([1, 2], gap="large")
    with form:
        config = training.config_form()
        if config is not None:
            entry = queue.start(caches.store(), config, caches.dataset())
            st.session_state[training.WATCHED] = entry.id
    runs = training.own_runs()
    watched = next((run for run in runs if run.id == st.session_state.get(training.WATCHED)), None)
    watched = watched or next((run for run in runs if training.is_live(run)), None)
    with live:
        if watched is not None:
            st.session_state[training.WATCHED] = watched.id  # its end is shown here too
            training.watch(watched)
        else:
            st.info("Choose a model and press Start. Its curves appear here as it learns; the page may be left.")

    st.subheader("Your runs", anchor=False)
    if runs:
        chosen = training.runs_table(runs)
        if chosen is not None:
            training.actions(chosen)
        else:
            st.caption("Choose a row to see its curves, export or delete it. Finished runs appear on every page.")
    else:
        st.caption("None yet. The shipped runs are on every page already.")
    training.import_box()
