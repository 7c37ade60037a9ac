"""Train: start runs, watch them learn, and compare them."""

import streamlit as st

from fashion_core.data import Dataset
from fashion_core.runs.store import RunEntry
from fashion_core.wording.dataset import NO_CLASSES_TO_LEARN, list_class_warnings
from ui import caches, hosting, shell
from ui.page_state import set_widget_value
from ui.train import failure_experiment, form, panel, run_list, start, sweeps
from ui.train.view import NEW_RUN, POSTER_EXPERIMENT, RUNS, SWEEPS, TRAIN_PAGE_STATE


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


def show_tabs(data: Dataset) -> None:
    """The tabs, of which only the open one is filled."""
    names = [name for name in TABS if name != POSTER_EXPERIMENT or data.has_poster_figures]
    names = names if hosting.may_change() else [name for name in names if name != NEW_RUN]
    view, key = TRAIN_PAGE_STATE.current_view(), "train-tab"
    set_widget_value(key, view.tab if view.tab in names else names[0], names)
    tabs = st.tabs(names, key=key, on_change=lambda: TRAIN_PAGE_STATE.update(tab=st.session_state[key]))
    for name, tab in zip(names, tabs, strict=True):
        if tab.open or (name == NEW_RUN and form.is_start_requested()):
            with tab, shell.show_errors():  # the panel is shown even if a tab fails
                TABS[name](data, run_list.list_user_runs())


with shell.page_frame("Train", "What does a model learn, how fast, and which classes does it lose?"):
    data = caches.current_dataset()
    _, problems = TRAIN_PAGE_STATE.load()
    for problem in problems:
        st.warning(shell.escape_markdown(problem))
    left, right = st.columns([3, 4], gap="medium")
    with left:
        show_tabs(data)
    with right:
        panel.show_panel(run_list.list_user_runs())
