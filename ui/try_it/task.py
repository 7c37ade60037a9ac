"""Work on uploaded pictures in the background: what the script does itself, another click would cut off."""

import shutil
import tempfile
import weakref
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from fashion_core.jobs.job import Job, JobStatus
from fashion_core.jobs.worker import RunningJob, start_job_in_thread
from fashion_core.storage.visitors import acting_as, current_visitor
from fashion_core.wording.text import escape_markdown

TASK_POLL_SECONDS = 0.5

Report = Callable[[float, str], None]  # the fraction done, 0 to 1, and what is being done


class PictureTask:
    """Starts ``work`` at once, in a thread of the server."""

    def __init__(self, work: Callable[[Report], object]) -> None:
        self._work, self._visitor = work, current_visitor()
        self._job = Job(Path(tempfile.mkdtemp(prefix="fashion-")) / "job")
        self.thread = start_job_in_thread(self._job, self._run)
        weakref.finalize(self, shutil.rmtree, self._job.folder.parent, ignore_errors=True)

    def _run(self, running: RunningJob) -> None:
        with acting_as(self._visitor):
            self._work(running.report)

    def status(self) -> JobStatus:
        """How far it is, or how it ended."""
        return self._job.status()


def show_task(task: PictureTask | None) -> bool:
    """Show how far the task is, or why it failed. Returns whether it is still at work."""
    if task is None:
        return False
    status = task.status()
    if status.is_active:
        st.fragment(_show_progress, run_every=TASK_POLL_SECONDS)(task)
    elif status.state != "finished":
        st.error(escape_markdown(status.message))
    return status.is_active


def _show_progress(task: PictureTask) -> None:
    status = task.status()
    if not status.is_active:
        st.rerun()  # with what has become of it
    st.progress(min(status.fraction, 1.0), text=escape_markdown(status.message))
