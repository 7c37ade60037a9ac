"""The Overview of a catalogue: what it holds, how well its runs do, and what to do next."""

import dataclasses

import numpy as np
import streamlit as st

from fashion_core.data import Dataset
from fashion_core.errors import RunError
from fashion_core.runs.summary import RunSummary, summarize_run
from fashion_core.wording.dataset import (
    NAME_CLUSTERS_STEP,
    TRAIN_STEP,
    describe_best_catalogue_run,
    describe_dataset,
)
from ui import caches, gallery, pickers, shell
from ui.overview.answer import show_answer
from ui.overview.runs import show_runs

MAX_RUNS = 6  # in the table
MAX_CLASSES_SHOWN = 24  # each by one picture


def show_catalogue_overview(data: Dataset) -> None:
    """The answer of the best run if there is one, else the next step; then the pictures."""
    rows = _best_runs()
    contents = describe_dataset(data, np.bincount(data.all_labels, minlength=len(data.classes)))
    if not rows:
        shell.show_finding(contents)
        _show_next_step(data)
        _show_one_picture_of_each_class(data)
        return
    show_answer(rows[0], describe_best_catalogue_run(rows[0]))
    left, right = st.columns([1.5, 1], gap="medium")
    with left:
        show_runs(rows, [pickers.run_label(row.run) for row in rows])
    with right:
        st.markdown(shell.escape_markdown(contents))
        _show_one_picture_of_each_class(data)
        with st.container(horizontal=True):
            for name, label in {"garments": "See all pictures", "compare": "Compare two runs"}.items():
                st.page_link(shell.find_page(name), label=label)


def _best_runs() -> list[RunSummary]:
    """The most accurate runs on the test pictures of today; a warning names each that can't be read."""
    runs = pickers.list_runs_with_test_predictions(lambda run: pickers.dataset_of_run(run) is not None)
    rows = []
    for run in pickers.most_accurate_comparable_runs(runs)[:MAX_RUNS]:
        try:
            row = summarize_run(run, caches.cached_test_predictions(run))
            rows.append(dataclasses.replace(row, poster_figures=()))  # they are about Fashion-MNIST
        except RunError as error:
            st.warning(shell.escape_markdown(f"The run {run.id} is left out. {error}"))
    return rows


def _show_next_step(data: Dataset) -> None:
    if data.is_labelled:
        links, text = {"train": "Train a model", "garments": "See the pictures"}, TRAIN_STEP
    else:
        links, text = {"clusters": "Name clusters", "garments": "See the pictures"}, NAME_CLUSTERS_STEP
    st.markdown(text)
    with st.container(horizontal=True):
        for name, label in links.items():
            st.page_link(shell.find_page(name), label=label)


def _show_one_picture_of_each_class(data: Dataset) -> None:
    labels = data.published_labels("train")
    classes, firsts = np.unique(labels, return_index=True)
    shown = range(min(len(classes), MAX_CLASSES_SHOWN))
    gallery.picture_gallery(
        [data.read_picture("train", int(firsts[i])) for i in shown],
        [data.classes[int(classes[i])].short_name for i in shown],
    )
    left = len(classes) - len(shown)
    shell.show_provenance(
        f"The first training picture of each class, {data.title}",
        f"{left} more classes on the page Garments" if left else "",
    )
