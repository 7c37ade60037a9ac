"""The Overview of a catalogue: what it holds, how well its runs do, and what to do next."""

import numpy as np
import streamlit as st

from fashion_core.data import Dataset
from fashion_core.errors import RunError
from fashion_core.runs.summary import RunSummary, summarize_run
from fashion_core.wording.dataset import (
    CHOOSE_RUN_STEP,
    NAME_CLUSTERS_STEP,
    TRAIN_STEP,
    describe_best_catalogue_run,
    describe_dataset,
)
from fashion_core.wording.numbers import format_duration
from fashion_core.wording.runs import format_run_source
from ui import caches, gallery, pickers, shell

MAX_RUNS = 6  # in the table
MAX_CLASSES_SHOWN = 24  # each by one picture
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"


def show_catalogue_overview(data: Dataset) -> None:
    """Best runs first, then the pictures."""
    rows = _best_runs()
    if rows:
        shell.show_finding(describe_best_catalogue_run(rows[0]))
        st.markdown(_table(rows))
        shell.show_provenance(format_run_source(*(row.run for row in rows)), "in percent")
    contents = describe_dataset(data, np.bincount(data.all_labels, minlength=len(data.classes)))
    if rows:
        st.markdown(shell.escape_markdown(contents))
    else:
        shell.show_finding(contents)
    _show_next_step(data, has_runs=bool(rows))
    _show_one_picture_of_each_class(data)


def _best_runs() -> list[RunSummary]:
    """The most accurate runs on the test pictures of today; a warning names each that can't be read."""
    runs = pickers.list_runs_with_test_predictions(lambda run: pickers.dataset_of_run(run) is not None)
    rows = []
    for run in pickers.most_accurate_comparable_runs(runs)[:MAX_RUNS]:
        try:
            rows.append(summarize_run(run, caches.cached_test_predictions(run)))
        except RunError as error:
            st.warning(shell.escape_markdown(f"The run {run.id} is left out. {error}"))
    return rows


def _table(rows: list[RunSummary]) -> str:
    lines = [
        "| Run | Accuracy | 95% interval | Mean recall | Trained in |".replace(" ", NO_BREAK_SPACE),
        "|:--|--:|--:|--:|--:|",
    ]
    for row in rows:
        low, high = row.accuracy_interval
        cells = (
            shell.escape_markdown(pickers.run_label(row.run)),
            f"**{100 * row.metrics.accuracy:.1f}**",
            f"{100 * low:.1f} to {100 * high:.1f}",
            f"{100 * row.metrics.macro_recall:.1f}",
            format_duration(row.training_seconds),
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _show_next_step(data: Dataset, has_runs: bool) -> None:
    if not data.is_labelled:
        links, text = {"clusters": "Name clusters", "garments": "See the pictures"}, NAME_CLUSTERS_STEP
    elif not has_runs:
        links, text = {"train": "Train a model", "garments": "See the pictures"}, TRAIN_STEP
    else:
        text = CHOOSE_RUN_STEP
        links = {
            "feasibility": "How much can be automated",
            "compare": "Compare two runs",
            "try_it": "Try a picture",
            "report": "Make the report",
        }
    st.markdown(text)
    with st.container(horizontal=True):
        for name, label in links.items():
            st.page_link(shell.find_page(name), label=label)


def _show_one_picture_of_each_class(data: Dataset) -> None:
    labels = data.published_train_arrays[1]
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
