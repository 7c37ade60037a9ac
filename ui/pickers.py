"""Choosing runs."""

from collections.abc import Callable

import streamlit as st

from fashion_core.runs.store import RunEntry
from ui import caches


def finished_runs(keep: Callable[[RunEntry], bool] = lambda run: True) -> list[RunEntry]:
    """Every whole run with predictions that ``keep`` lets through."""
    return [run for run in caches.entries() if run.has_predictions and keep(run)]


def run_picker(label: str, runs: list[RunEntry], *, key: str, default: str) -> RunEntry:
    """A choice among ``runs`` (at least one), by title; the page's address keeps the run's name under ``key``."""
    by_id = {run.id: run for run in runs}
    asked = st.query_params.get(key, default)
    wanted = next(run_id for run_id in (asked, default, *by_id) if run_id in by_id)
    chosen = st.selectbox(
        label,
        list(by_id),
        index=list(by_id).index(wanted),
        format_func=lambda run_id: run_label(by_id[run_id]),
        key=f"{key}-picker",
    )
    if chosen != asked:
        st.query_params[key] = chosen  # Streamlit's own binding would put the title there
    return by_id[chosen]


def run_label(run: RunEntry) -> str:
    """Title, with the run's name where it is the user's, and the data where it is the stand-in."""
    label = run.title if run.origin == "zoo" else f"{run.title} ({run.id})"
    return f"{label}, stand-in data" if run.record and run.record.data.source == "stand-in" else label


def source_line(run: RunEntry) -> str:
    """Provenance of a run: name, seed, data, split and n."""
    record = run.record
    assert record is not None
    data = "Fashion-MNIST" if record.data.source == "fashion-mnist" else "stand-in data"
    return f"run {run.id}, seed {record.config.seed}, {data} test, n = {record.data.n_test:,}"
