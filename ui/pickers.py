"""Choosing runs."""

import re
from collections.abc import Callable, Sequence

import streamlit as st

from fashion_core.data import Dataset
from fashion_core.errors import RunError
from fashion_core.models.registry import get_model_spec
from fashion_core.runs.store import RunEntry
from fashion_core.runs.summary import RunSummary, summarize_run
from ui import caches, shell

TIME_AT_END = re.compile(r"\d\d \w{3} \d\d:\d\d:\d\d$")  # of a title that no one chose


def list_runs() -> list[RunEntry]:
    """Every run on the current data set, and those that can't be read."""
    data = caches.current_dataset()
    return [run for run in caches.list_runs() if run.record is None or is_run_on(run, data)]


def is_run_on(run: RunEntry, data: Dataset) -> bool:
    """Whether the run was trained on ``data`` or an earlier version of it. Fashion-MNIST and its sample data share
    their runs."""
    if run.record is None:
        return False
    if data.has_shipped_runs:
        return run.record.data.source != "catalogue"
    return run.record.data.name == data.name


def list_runs_with_test_predictions(accept: Callable[[RunEntry], bool] = lambda run: True) -> list[RunEntry]:
    """Every run on the current data set with predictions of test pictures that ``accept`` returns True for."""
    return [
        run
        for run in list_runs()
        if run.record is not None and run.has_predictions and run.record.data.n_test and accept(run)
    ]


def run_label(run: RunEntry) -> str:
    """The title, with the run's name if it is the user's and its title has no time, by which it could be told from
    others; whether it was imported; and the data if it is other than the one that is shown."""
    label = run.title if run.origin == "zoo" or TIME_AT_END.search(run.title) else f"{run.title} ({run.id})"
    if run.record is None:
        return label
    label += ", imported" if run.record.is_imported else ""
    if run.record.data.source == "stand-in":
        return f"{label}, synthetic sample data"
    if run.record.data.source == "catalogue" and dataset_of_run(run) is None:
        return f"{label}, other test pictures than now"
    return label


def has_confidence(run: RunEntry) -> bool:
    """Whether the run's probabilities say how sure it is: not those of k-means, which come from distances."""
    assert run.record is not None
    return not get_model_spec(run.record.model).is_clustering


def dataset_of_run(run: RunEntry) -> Dataset | None:
    """The data set that the run was scored on; None when it is not the current one or its test images have changed."""
    data = caches.current_dataset()
    return data if run.record is not None and data.test_fingerprint == run.record.data.test_fingerprint else None


def scored_on_same_data(run: RunEntry, other: RunEntry) -> bool:
    """Whether both runs were scored on the same images."""
    assert other.record is not None
    return run.record is not None and run.record.data.test_fingerprint == other.record.data.test_fingerprint


def most_accurate_comparable_runs(runs: Sequence[RunEntry], *, min_runs: int = 2) -> list[RunEntry]:
    """Those of ``runs`` that were scored on the same images, most accurate first.

    The images are those of the current data set or, where fewer than ``min_runs`` were scored on them, those with most
    runs.
    """
    by_images: dict[str, list[RunEntry]] = {}
    for run in runs:
        if run.record is not None and run.has_predictions:
            by_images.setdefault(run.record.data.test_fingerprint, []).append(run)
    comparable = by_images.get(caches.current_dataset().test_fingerprint, [])
    if len(comparable) < min_runs:
        comparable = max(by_images.values(), key=len, default=[])
    return sorted(comparable, key=lambda run: -run.record.metrics["accuracy"] if run.record else 0.0)


def data_fingerprint(run: RunEntry) -> str:
    """Fingerprint of the data that results about the run are computed on: the current data set where it was scored on
    its test images, else the data it was trained on."""
    assert run.record is not None
    data = dataset_of_run(run)
    return run.record.data.fingerprint if data is None else data.fingerprint


def explain_missing_pictures(run: RunEntry) -> str:
    """Why ``dataset_of_run`` finds none, and what to do."""
    if run.record is not None and run.record.data.source == "catalogue":
        return "The test pictures have changed since this run was scored. Train it again to see its garments."
    return "The pictures are not on this machine. Download Fashion-MNIST to see them."


def shipped_summary_rows(run_ids: tuple[str, ...]) -> list[RunSummary]:
    """The summaries of shipped runs; a warning names each that can't be read."""
    rows = []
    for run_id in run_ids:
        try:
            run = caches.run_store().get(run_id)
            rows.append(summarize_run(run, caches.cached_test_predictions(run)))
        except RunError as error:
            st.warning(shell.escape_markdown(f"The shipped run {run_id} is left out. {error}"))
    return rows
