"""Computed results on a page: those that are there, and the box that computes those that are not."""

from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from fashion_core.computed import jobs, store
from fashion_core.computed.computation import Computation
from fashion_core.data import Dataset
from fashion_core.errors import DamagedResult, RunError
from fashion_core.runs import summary
from ui import shell

Arrays = dict[str, np.ndarray]
INTERVAL = 0.5  # seconds between two looks at a computation


def ready(computation: Computation, fingerprint: str) -> Arrays | None:
    """The result if it is on disk; a damaged file is told, removed, and counts as absent."""
    path = store.find(computation, fingerprint)
    if path is None:
        return None
    try:
        return _read(computation, fingerprint, str(path), path.stat().st_mtime)
    except DamagedResult as error:
        st.warning(shell.plain(str(error)))
    except FileNotFoundError:  # removed between two looks
        pass
    return None


@st.cache_resource(max_entries=24, show_spinner=False)
def _read(_computation: Computation, fingerprint: str, path: str, stamp: float) -> Any:
    arrays = store.load(_computation, fingerprint)
    if arrays is None:  # a damaged shipped file, and none of the user's
        raise DamagedResult(f"{Path(path).name} is damaged. Compute it again, or install the program again.")
    return arrays


def begin_once(computation: Computation, dataset: Dataset | None) -> None:
    """Start computing without being asked, but once a session: what was cancelled stays so."""
    begun = st.session_state.setdefault("results-begun", set())
    if dataset is not None and (computation, dataset.fingerprint) not in begun:
        begun.add((computation, dataset.fingerprint))
        jobs.start(computation, dataset)


def forget(computation: Computation, fingerprint: str) -> None:
    """Remove a result of this machine's, so that it is computed anew."""
    st.session_state.setdefault("results-begun", set()).discard((computation, fingerprint))
    path = store.find(computation, fingerprint)
    if path is not None and path.parent == store.folder():
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise RunError(f"{path} cannot be removed ({error.strerror}). Remove it.") from error


def box(what: str, computation: Computation, fingerprint: str, dataset: Dataset | None, *, meanwhile: str) -> None:
    """Where a result is missing: start computing it, watch and cancel. ``meanwhile`` says what is shown instead."""
    running = jobs.status(computation, fingerprint).state == "running"
    with st.container(border=True):
        st.fragment(_box, run_every=INTERVAL if running else None)(
            what, computation, fingerprint, dataset, meanwhile, running
        )


def _box(
    what: str, computation: Computation, fingerprint: str, dataset: Dataset | None, meanwhile: str, was_running: bool
) -> None:
    with shell.errors_told():  # a fragment's own reruns do not pass through the page
        status = jobs.status(computation, fingerprint)
        if status.state == "running":
            left = f", about {summary.duration(status.seconds_left)} left" if status.seconds_left is not None else ""
            st.progress(min(status.share, 1.0), text=shell.plain(f"{what}: {status.text}{left}. {meanwhile}"))
            if st.button("Cancel", icon=":material/stop:", key=f"cancel-{computation.kind}"):
                jobs.cancel(computation, fingerprint)
                st.rerun()
            return
        if was_running:
            st.rerun()  # with the result, or with the reason why not
        if status.state in ("failed", "interrupted"):
            st.error(shell.plain(f"{what}: {status.text}"))
        else:
            st.markdown(shell.plain(f"{what} are not computed yet. {meanwhile}"))
        if dataset is None:
            st.caption("This needs the pictures themselves: download Fashion-MNIST above, or choose the stand-in.")
        elif st.button("Compute", icon=":material/play_arrow:", key=f"compute-{computation.kind}"):
            jobs.start(computation, dataset)
            st.rerun()
