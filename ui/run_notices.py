"""A toast when a run ends, on whatever page, and a badge until the page Train is opened."""

from contextlib import nullcontext, suppress

import streamlit as st

from fashion_core.errors import FashionError
from fashion_core.runs import queue
from fashion_core.wording.text import escape_markdown
from ui import caches

RUN_POLL_SECONDS = 3.0  # while a run waits or trains
NOTICE_LOCK_TIMEOUT = 0.5  # seconds; a page doesn't wait longer for another process
# session keys: each run's phase at the last check, and the runs that have ended since the page Train was open
PHASES_KEY, ENDED_RUNS_KEY = "run-phases", "runs-ended"


def show_run_notices(*, page_lists_runs: bool) -> None:
    """In the sidebar of every page; ``seen``: this page lists the runs, so the badge goes."""
    if page_lists_runs:
        st.session_state[ENDED_RUNS_KEY] = []
    live = any(phase in queue.LIVE_PHASES for phase in _phases().values())
    with st.sidebar if live or st.session_state.get(ENDED_RUNS_KEY) else nullcontext():
        st.fragment(_notices, run_every=RUN_POLL_SECONDS if live else None)(page_lists_runs)


def _notices(seen: bool) -> None:
    before: dict[str, str] = st.session_state.get(PHASES_KEY, {})
    phases = st.session_state[PHASES_KEY] = _phases()
    titles = dict.fromkeys(phases, "") | {entry.id: escape_markdown(entry.title) for entry in caches.list_runs()}
    live = [phase for phase in phases.values() if phase in queue.LIVE_PHASES]
    if live:
        with suppress(FashionError):  # shown to those who start or cancel a run; the next poll tries again
            queue.start_waiting_runs(caches.run_store(), lock_timeout=NOTICE_LOCK_TIMEOUT)
        n_training = live.count("running")
        st.caption(f"{n_training} in training, {len(live) - n_training} waiting")
    just_ended = [
        run for run, phase in phases.items() if before.get(run) in queue.LIVE_PHASES and phase not in queue.LIVE_PHASES
    ]
    for run in just_ended:
        st.toast(f"{titles[run]}: {phases[run]}")
    if seen:
        return
    ended = [run for run in [*st.session_state.get(ENDED_RUNS_KEY, []), *just_ended] if run in phases]
    st.session_state[ENDED_RUNS_KEY] = ended
    if ended:
        last = ended[-1]
        text = f"{titles[last]}: {phases[last]}" if len(ended) == 1 else f"{len(ended)} runs have ended"
        st.badge(text, icon=":material/flag:", color="green" if phases[last] == "finished" else "orange")


def _phases() -> dict[str, str]:
    entries = [entry for entry in caches.list_runs() if entry.origin == "mine" and entry.record is not None]
    return {entry.id: queue.run_phase(entry) for entry in entries}
