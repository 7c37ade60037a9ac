"""Runs that end while one looks at some page: a toast at once, and a badge until the Train page is opened."""

import gc
import sys
from contextlib import nullcontext

import streamlit as st

from fashion_core.runs import queue
from fashion_core.runs.store import RunEntry
from ui import caches
from ui.text import plain

INTERVAL = 3.0  # seconds between two looks while a run waits or trains
PHASES, ENDED = "run-phases", "runs-ended"  # session keys: what the last look found, and what has ended since

_modules = 0


def notices(*, seen: bool) -> None:
    """In the sidebar of every page; ``seen``: this page shows the runs, so none is news any longer."""
    if seen:
        st.session_state[ENDED] = []
    live = any(phase in queue.LIVE for phase in _phases().values())
    if live or seen:  # from the page with the form a run is about to be started
        _spare_the_collector()
    with st.sidebar if live or st.session_state.get(ENDED) else nullcontext():
        st.fragment(_look, run_every=INTERVAL if live else None)(seen)


def _look(seen: bool) -> None:
    before: dict[str, str] = st.session_state.get(PHASES, {})
    now = _phases()
    st.session_state[PHASES] = now
    titles = {entry.id: entry.title for entry in _mine()}
    news = [run for run, phase in now.items() if before.get(run) in queue.LIVE and phase not in queue.LIVE]
    for run in news:
        st.toast(f"{plain(titles.get(run, run))}: {now[run]}")
    live = [phase for phase in now.values() if phase in queue.LIVE]
    if live:
        queue.tend(caches.store())
        training = live.count("running")
        st.caption(f"{training} in training, {len(live) - training} waiting")
    if seen:
        return
    ended: list[str] = st.session_state.get(ENDED, [])
    st.session_state[ENDED] = ended = [run for run in [*ended, *news] if run in now]
    if ended:
        last = ended[-1]
        text = f"{plain(titles[last])}: {now[last]}" if len(ended) == 1 else f"{len(ended)} runs have ended"
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
    return [entry for entry in caches.entries() if entry.origin == "mine" and entry.record is not None]


def _phases() -> dict[str, str]:
    return {entry.id: queue.phase(entry) for entry in _mine()}
