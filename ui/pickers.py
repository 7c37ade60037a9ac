"""Choosing runs."""

from collections.abc import Callable

import streamlit as st

from fashion_core.data import Dataset
from fashion_core.data.dataset import DATASET_TITLES
from fashion_core.errors import RunError
from fashion_core.runs import summary
from fashion_core.runs.store import RunEntry
from ui import caches, shell


def finished_runs(accept: Callable[[RunEntry], bool] = lambda run: True) -> list[RunEntry]:
    """Every whole run with predictions that ``keep`` lets through."""
    return [run for run in caches.list_runs() if run.has_predictions and accept(run)]


def run_label(run: RunEntry) -> str:
    """Title, with the run's name where it is the user's, and the data where it is sample data."""
    label = run.title if run.origin == "zoo" else f"{run.title} ({run.id})"
    return f"{label}, synthetic sample data" if run.record and run.record.data.source == "stand-in" else label


def dataset_of_run(run: RunEntry) -> Dataset | None:
    """The data that the run was scored on, if it is on this machine."""
    data = caches.current_dataset()
    return data if run.record is not None and data.fingerprint == run.record.data.fingerprint else None


def scored_on_same_data(run: RunEntry, other: RunEntry) -> bool:
    """Whether both runs were scored on the same images."""
    assert other.record is not None
    return run.record is not None and run.record.data.fingerprint == other.record.data.fingerprint


def format_run_source(run: RunEntry) -> str:
    """Provenance of a run: name, seed, data, split and n."""
    record = run.record
    assert record is not None
    data = DATASET_TITLES[record.data.source]
    return f"run {run.id}, seed {record.config.seed}, {data} test, n = {record.data.n_test:,}"


def format_run_sources(rows: list[summary.RunSummary]) -> str:
    """Provenance of several runs on the same data."""
    records = [row.run.record for row in rows if row.run.record is not None]
    data = {DATASET_TITLES[record.data.source] for record in records}
    seeds = sorted({record.config.seed for record in records})
    return (
        f"runs {', '.join(record.id for record in records)}, {' and '.join(sorted(data))} test, "
        f"n = {', '.join(sorted({f'{row.metrics.n_images:,}' for row in rows}))}, "
        f"seed {', '.join(map(str, seeds))}"
    )


def shipped_summary_rows(run_ids: tuple[str, ...]) -> list[summary.RunSummary]:
    """The shipped runs' rows that can be read; each of the others is named with what is wrong."""
    found = []
    for run_id in run_ids:
        try:
            found += summary.summarize_runs(caches.run_store(), (run_id,))
        except RunError as error:
            st.warning(shell.escape_markdown(f"The shipped run {run_id} is left out. {error}"))
    return found
