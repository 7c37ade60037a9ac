"""Runs that end while one looks at some page: a toast at once, and a badge until the Train page is opened."""

import gc
import sys
from contextlib import nullcontext

import streamlit as st

from fashion_core.runs import queue
from fashion_core.runs.store import RunEntry
from fashion_core.wording.text import escape_markdown
from ui import caches

RUN_POLL_SECONDS = 3.0  # seconds between two looks while a run waits or trains
PHASES_KEY, ENDED_RUNS_KEY = (
    "run-phases",
    "runs-ended",
)  # session keys: what the last look found, and what has ended since

_modules = 0


def show_run_notices(*, seen: bool) -> None:
    """In the sidebar of every page; ``seen``: this page shows the runs, so none is news any longer."""
    if seen:
        st.session_state[ENDED_RUNS_KEY] = []
    live = any(phase in queue.LIVE_PHASES for phase in _phases().values())
    if live or seen:  # from the page with the form a run is about to be started
        _spare_the_collector()
    with st.sidebar if live or st.session_state.get(ENDED_RUNS_KEY) else nullcontext():
        st.fragment(_look, run_every=RUN_POLL_SECONDS if live else None)(seen)


def _look(seen: bool) -> None:
    before: dict[str, str] = st.session_state.get(PHASES_KEY, {})
    now = _phases()
    st.session_state[PHASES_KEY] = now
    titles = {entry.id: entry.title for entry in _mine()}
    news = [
        run for run, phase in now.items() if before.get(run) in queue.LIVE_PHASES and phase not in queue.LIVE_PHASES
    ]
    for run in news:
        st.toast(f"{escape_markdown(titles.get(run, run))}: {now[run]}")
    live = [phase for phase in now.values() if phase in queue.LIVE_PHASES]
    if live:
        queue.start_waiting_runs(caches.run_store())
        training = live.count("running")
        st.caption(f"{training} in training, {len(live) - training} waiting")
    if seen:
        return
    ended: list[str] = st.session_state.get(ENDED_RUNS_KEY, [])
    st.session_state[ENDED_RUNS_KEY] = ended = [run for run in [*ended, *news] if run in now]
    if ended:
        last = ended[-1]
        text = f"{escape_markdown(titles[last])}: {now[last]}" if len(ended) == 1 else f"{len(ended)} runs have ended"
        st.badge(text, icon=":material/flag:", color="green" if now[last] == "finished" else "orange")


def _spare_the_collector() -> None:
    """Leave what is in memory now, nearly all of it modules, out of garbage collection.

    Streamlit collects after every rerun, a fragment's too: 130 ms a time once torch and plotly are loaded, or an
    eighth of a processor while a run is watched.
    """
    global _modules
    if len(sys.modules) != _modules:
        _modules = len(sys.modules)
        gc.collect()
        gc.freeze()


def _mine() -> list[RunEntry]:
    return [entry for entry in caches.list_runs() if entry.origin == "mine" and entry.record is not None]


def _phases() -> dict[str, str]:
    return {entry.id: queue.run_phase(entry) for entry in _mine()}
