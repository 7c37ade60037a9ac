"""Train: start a run, watch it learn, and keep it."""

import streamlit as st

from ui import caches, shell
from ui.train import experiment, form, listing, live, orders, sweeps

with shell.page("Train", "What does a model learn, how fast, and which classes does it lose?"):
    left, right = st.columns([1, 2], gap="large")
    with left, shell.errors_told():  # what is in training can be watched all the same
        order = form.ask(caches.dataset(), listing.own_runs())
        if order is not None:
            st.session_state[live.WATCHED] = orders.start(order, caches.dataset())
    runs = listing.own_runs()
    watched = next((run for run in runs if run.id == st.session_state.get(live.WATCHED)), None)
    watched = watched or next((run for run in reversed(runs) if live.is_live(run)), None)
    with right:
        if watched is not None:
            st.session_state[live.WATCHED] = watched.id  # its end is shown here too
            live.watch(watched)
        else:
            st.info("Choose a model and press Start. Its curves appear here as it learns; the page may be left.")

    st.subheader("Your runs", anchor=False)
    if runs:
        chosen = listing.table(runs)
        if chosen is not None:
            with shell.errors_told():
                listing.actions(chosen)
        else:
            st.caption("Choose a row to see its curves, resume, duplicate, rename, export or delete it.")
        listing.repeats(runs)
        sweeps.show(runs)
        listing.overlay(runs)
    else:
        st.caption("None yet. The shipped runs are on every page already.")
    with shell.errors_told():
        listing.import_box()
    experiment.show(runs)
