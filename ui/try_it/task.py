"""Work on uploaded pictures in the background: what the script does itself, another click would cut off."""

import threading
from collections.abc import Callable

import streamlit as st

from fashion_core.errors import FashionError, JobCancelled
from fashion_core.jobs.job import JobStatus
from fashion_core.jobs.worker import UNEXPECTED_ERROR
from fashion_core.storage.visitors import acting_as, current_visitor
from fashion_core.wording.text import escape_markdown

TASK_POLL_SECONDS = 0.5

Report = Callable[[float, str], None]  # the fraction done, 0 to 1, and what is being done


class PictureTask:
    """Starts ``work`` at once, in a thread of the server. ``status``: how far it is, or how it ended.

    What the visitor can't fix goes to the server's log.
    """

    def __init__(self, work: Callable[[Report], object]) -> None:
        self._work, self._visitor = work, current_visitor()
        self.status = JobStatus("running")
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        end = JobStatus("failed", message=UNEXPECTED_ERROR)
        try:
            with acting_as(self._visitor):
                self._work(self._report)
            end = JobStatus("finished")
        except JobCancelled:
            end = JobStatus("cancelled")
        except FashionError as error:
            end = JobStatus("failed", message=str(error))
        finally:
            self.status = end

    def _report(self, fraction: float, message: str) -> None:
        self.status = JobStatus("running", fraction, message)


def show_task(task: PictureTask | None) -> bool:
    """Show how far the task is, or why it failed. Returns whether it is still at work."""
    if task is None:
        return False
    status = task.status
    if status.is_active:
        st.fragment(_show_progress, run_every=TASK_POLL_SECONDS)(task)
    elif status.state != "finished":
        st.error(escape_markdown(status.message))
    return status.is_active


def _show_progress(task: PictureTask) -> None:
    status = task.status
    if not status.is_active:
        st.rerun()  # with what has become of it
    st.progress(min(status.fraction, 1.0), text=escape_markdown(status.message))
