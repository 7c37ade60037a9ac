"""Computed results on a page, and the box that computes a missing one."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from fashion_core.computed import background, store
from fashion_core.computed.computation import Computation
from fashion_core.data import Dataset
from fashion_core.errors import AccessError, DamagedResultError, RunError
from fashion_core.storage.access import check_change
from fashion_core.wording.numbers import format_duration
from fashion_core.wording.text import escape_markdown
from ui import caches, hosting, shell

PICTURES_NOT_HERE = "This needs the pictures themselves: download Fashion-MNIST above, or choose the sample data."
ResultArrays = dict[str, np.ndarray]
COMPUTATION_POLL_SECONDS = 0.5  # while it runs


def cached_result(computation: Computation, fingerprint: str) -> ResultArrays | None:
    """The result if it is on disk; a damaged file is removed with a warning, and counts as missing."""
    path = store.find_result(computation, fingerprint)
    if path is None:
        return None
    try:
        return _read(computation, fingerprint, str(path), path.stat().st_mtime)
    except DamagedResultError as error:
        st.warning(escape_markdown(str(error)))
    except FileNotFoundError:  # removed in the meantime
        pass
    return None


@st.cache_resource(max_entries=24, show_spinner=False)
def _read(_computation: Computation, fingerprint: str, path: str, stamp: float) -> Any:
    arrays = store.load_result(_computation, fingerprint)
    if arrays is None:  # a damaged shipped file, and none of the user's
        raise DamagedResultError(f"{Path(path).name} is damaged. Compute it again, or install the program again.")
    return arrays


def start_computation_once(computation: Computation, dataset: Dataset | None) -> None:
    """Start the computation unless this session has done so: what a visitor cancelled stays cancelled. Nothing
    starts for a visitor who may start nothing or whose quota is full; the button that computes it says so."""
    started = st.session_state.setdefault("results-begun", set())
    if dataset is not None and (computation, dataset.fingerprint) not in started:
        started.add((computation, dataset.fingerprint))
        with suppress(AccessError):
            background.queue_computation(computation, dataset)


def delete_result(computation: Computation, fingerprint: str) -> None:
    """Delete a result that was computed on this machine, so that it is computed again."""
    check_change()
    st.session_state.setdefault("results-begun", set()).discard((computation, fingerprint))
    path = store.find_result(computation, fingerprint)
    if path is not None and path.parent == store.results_folder():
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise RunError(f"{path} cannot be removed ({error.strerror}). Remove it.") from error


def show_missing_result_controls(
    what: str,
    computation: Computation,
    fingerprint: str,
    dataset: Dataset | None,
    *,
    meanwhile: str,
    has_better_result: Callable[[], bool] = lambda: False,
) -> None:
    """A box to start, watch and cancel the computation of a missing result; ``meanwhile`` says what the page shows.

    ``has_better_result``: asked while it runs; the page is drawn again once it returns True.
    """
    running = background.computation_status(computation, fingerprint).is_active
    with st.container(border=True):
        st.fragment(_box, run_every=COMPUTATION_POLL_SECONDS if running else None)(
            what, computation, fingerprint, dataset, meanwhile, running, has_better_result
        )


def _box(
    what: str,
    computation: Computation,
    fingerprint: str,
    dataset: Dataset | None,
    meanwhile: str,
    was_running: bool,
    has_better_result: Callable[[], bool],
) -> None:
    with shell.show_errors():  # a fragment's own reruns do not pass through the page
        status = background.computation_status(computation, fingerprint)
        if status.is_active:
            left = f", about {format_duration(status.seconds_left)} left" if status.seconds_left is not None else ""
            st.progress(min(status.fraction, 1.0), text=escape_markdown(f"{what}: {status.message}{left}. {meanwhile}"))
            if hosting.change_button("Cancel", icon=":material/stop:", key=f"cancel-{computation.kind}"):
                background.cancel_computation(computation, fingerprint)
                st.rerun()
            if has_better_result():  # after the button: a rerun before it would swallow its click
                st.rerun()
            return
        if was_running:
            st.rerun()  # with the result, or with the reason why not
        if status.state in ("failed", "interrupted"):
            st.error(escape_markdown(f"{what}: {status.message}"))
        else:
            st.markdown(escape_markdown(f"{what} are not computed yet. {meanwhile}"))
        if dataset is None:
            shipped = caches.current_dataset().has_shipped_runs
            st.caption(PICTURES_NOT_HERE if shipped else "This needs the pictures, which have changed since.")
        elif hosting.change_button("Compute", icon=":material/play_arrow:", key=f"compute-{computation.kind}"):
            background.queue_computation(computation, dataset)
            st.rerun()
