"""Train: start runs, watch them learn, and compare them."""

import streamlit as st

from fashion_core.data import Dataset
from fashion_core.runs.store import RunEntry
from fashion_core.wording.dataset import NO_CLASSES_TO_LEARN, list_class_warnings
from ui import caches, shell
from ui.train import failure_experiment, form, panel, run_list, start, sweeps
from ui.train.tabs import NEW_RUN, POSTER_EXPERIMENT, RUNS, SWEEPS, TAB_KEY


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
        panel.follow_run(start.start_requested_runs(request, data))


TABS = {
    NEW_RUN: show_form,
    RUNS: run_list.show_runs,
    SWEEPS: sweeps.show_sweeps,
    POSTER_EXPERIMENT: failure_experiment.show_poster_experiment,
}

with shell.page_frame("Train", "What does a model learn, how fast, and which classes does it lose?"):
    data = caches.current_dataset()
    left, right = st.columns([3, 4], gap="medium")
    names = [name for name in TABS if name != POSTER_EXPERIMENT or data.has_poster_figures]
    with left:
        for name, tab in zip(names, st.tabs(names, key=TAB_KEY, on_change="rerun", bind="query-params"), strict=True):
            if tab.open:
                with tab, shell.show_errors():  # the panel is shown even if a tab fails
                    TABS[name](data, run_list.list_user_runs())
    with right:
        panel.show_panel(run_list.list_user_runs())
