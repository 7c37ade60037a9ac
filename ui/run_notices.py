"""A toast when a run ends, on whatever page, and a badge until the page Train is opened."""

from contextlib import suppress

import streamlit as st

from fashion_core.errors import FashionError
from fashion_core.runs import queue
from fashion_core.runs.batches import group_into_batches
from fashion_core.runs.store import RunEntry
from fashion_core.wording.run_phases import format_phase_counts
from fashion_core.wording.text import escape_markdown
from fashion_core.wording.training import format_batch_title
from ui import caches

RUN_POLL_SECONDS = 3.0  # while a run waits or trains
NOTICE_LOCK_TIMEOUT = 0.5  # seconds; a page doesn't wait longer for another process
# session keys: each run's phase at the last check; what has ended since the page Train was open, as sentences and
# whether all runs of each have finished
PHASES_KEY, ENDED_RUNS_KEY = "run-phases", "runs-ended"


def show_run_notices(*, page_lists_runs: bool) -> None:
    """In the sidebar of every page; on one that lists the runs, the badge goes."""
    if page_lists_runs:
        st.session_state[ENDED_RUNS_KEY] = []
    live = any(phase in queue.LIVE_PHASES for phase in _phases(_user_runs()).values())
    # even when there is nothing to show: an empty container in the page would move the widgets below it
    with st.sidebar:
        if live:
            st.fragment(_notices, run_every=RUN_POLL_SECONDS)(page_lists_runs)
        else:  # starting a fragment would take longer than all of the notices
            with st.container():
                _notices(page_lists_runs)


def _notices(page_lists_runs: bool) -> None:
    before: dict[str, str] = st.session_state.get(PHASES_KEY, {})
    runs = _user_runs()
    phases = st.session_state[PHASES_KEY] = _phases(runs)
    live = [phase for phase in phases.values() if phase in queue.LIVE_PHASES]
    if live:
        with suppress(FashionError):  # shown to those who start or cancel a run; the next poll tries again
            queue.start_waiting_runs(caches.run_store(), lock_timeout=NOTICE_LOCK_TIMEOUT)
        n_training = live.count("running")
        st.caption(f"{n_training} in training, {len(live) - n_training} waiting")
    just_ended = {
        run for run, phase in phases.items() if before.get(run) in queue.LIVE_PHASES and phase not in queue.LIVE_PHASES
    }
    # one notice for runs that were started together, when the last has ended
    ended_batches = [
        batch
        for batch in group_into_batches(runs)
        if just_ended & {run.id for run in batch} and not any(phases.get(run.id) in queue.LIVE_PHASES for run in batch)
    ]
    ends = [
        (_describe_end(batch, phases), all(phases[run.id] == "finished" for run in batch)) for batch in ended_batches
    ]
    for text, _ in ends:
        st.toast(text)
    if page_lists_runs:
        return
    ended = st.session_state[ENDED_RUNS_KEY] = [*st.session_state.get(ENDED_RUNS_KEY, []), *ends]
    if ended:
        text = ended[-1][0] if len(ended) == 1 else f"{len(ended)} trainings have ended"
        st.badge(text, icon=":material/flag:", color="green" if all(finished for _, finished in ended) else "orange")


def _describe_end(batch: list[RunEntry], phases: dict[str, str]) -> str:
    records = [run.record for run in batch if run.record is not None]
    title = batch[0].title if len(batch) == 1 else format_batch_title(records)
    return f"{escape_markdown(title)}: {format_phase_counts([phases[run.id] for run in batch])}"


def _phases(runs: list[RunEntry]) -> dict[str, str]:
    return {entry.id: queue.run_phase(entry) for entry in runs}


def _user_runs() -> list[RunEntry]:
    return [entry for entry in caches.run_store().own_entries() if entry.record is not None]
