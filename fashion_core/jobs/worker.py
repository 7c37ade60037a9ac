"""Doing a job: in a process of its own (``python -m fashion_core.jobs.worker FOLDER``), or right here."""

import dataclasses
import importlib
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fashion_core.errors import FashionError, JobCancelled, JobError
from fashion_core.jobs.job import EndState, Job, JobSpec
from fashion_core.jobs.process import lower_priority
from fashion_core.storage import visitors
from fashion_core.storage.access import quota_from_environment
from fashion_core.storage.folder import visitor_name_of

CANCEL_POLL_SECONDS = 0.1
MIN_REPORT_INTERVAL_SECONDS = 0.3  # between two reports of the same message
UNEXPECTED_ERROR = "It stopped unexpectedly. Its log, or the server's, says why; start it again."
ALLOWED_TARGET_PREFIX = "fashion_core."  # targets are functions of this package alone

log = logging.getLogger("worker")


class RunningJob:
    """A job as the function that does it sees it.

    Once the job was asked to stop, its process ends after ``cancel_grace`` seconds, whatever it computes, but never
    while ``commit_lock`` is held, and after a call of ``on_cancel``; in the foreground, the function has to check.
    ``on_end`` is called when the job has ended, however it did.
    """

    def __init__(self, job: Job, spec: JobSpec) -> None:
        self.job, self.spec = job, spec
        self.commit_lock = threading.Lock()
        self.end_event = threading.Event()
        self.cancel_grace = 0.0
        self.on_cancel: Callable[[], object] = lambda: None
        self.on_end: Callable[[], object] = lambda: None
        self._begin, self._reported, self._message = time.monotonic(), 0.0, ""

    def report(self, fraction: float, message: str) -> None:
        """Report the fraction done, 0 to 1, and what is being done; calls in quick succession are left out."""
        now = time.monotonic()
        if now - self._reported < MIN_REPORT_INTERVAL_SECONDS and message == self._message:
            return
        self._reported, self._message = now, message
        values = {"fraction": round(fraction, 4), "message": message, "elapsed": round(now - self._begin, 2)}
        self.job.report(values)

    def raise_if_cancelled(self) -> None:
        """Raise ``JobCancelled`` if the job was asked to stop."""
        if self.job.is_cancel_requested():
            raise JobCancelled("Cancelled.")

    def finish(self, state: EndState, reason: str = "") -> None:
        """Write down how the job ended, once."""
        self.end_event.set()
        if state == "finished" and self.spec.temporary:
            self.job.delete()
        else:
            self.job.end(state, reason)


@contextmanager
def run_job(job: Job, *, waiting: bool = False, exit_when_cancelled: bool = False) -> Iterator[RunningJob]:
    """Do the job in the body of the ``with`` statement; how that ends is how the job ends.

    ``waiting``: for now it only waits for its turn; ``Job.claim`` ends that. ``exit_when_cancelled``: end this process
    when the job was asked to stop. Raises ``JobError`` when the job is damaged, or another process is at it.
    """
    with job.lock():
        spec = job.read_spec()
        job.claim(waiting=waiting)
    running = RunningJob(job, spec)
    if exit_when_cancelled:
        threading.Thread(target=_exit_when_cancelled, args=(running,), daemon=True).start()
    state: EndState = "failed"
    reason = UNEXPECTED_ERROR
    try:
        yield running
        state, reason = "finished", ""
    except JobCancelled:
        state, reason = "cancelled", ""
        raise
    except FashionError as error:
        reason = str(error)
        raise
    finally:
        with running.commit_lock:
            running.finish(state, reason)
        running.on_end()


def _exit_when_cancelled(running: RunningJob) -> None:
    """End this process once the job was asked to stop: a step may take longer than anyone wants to wait for."""
    while not running.job.is_cancel_requested():
        if running.end_event.wait(CANCEL_POLL_SECONDS):
            return
    if running.end_event.wait(running.cancel_grace):
        return
    with running.commit_lock:  # never released: nothing may be written after this
        if running.end_event.is_set():
            return
        try:
            running.on_cancel()
            running.finish("cancelled")
            log.info("cancelled")
            running.on_end()
        finally:
            os._exit(1)


def _import_target(target: str) -> Callable[[RunningJob], object]:
    module, _, name = target.partition(":")
    try:
        if not module.startswith(ALLOWED_TARGET_PREFIX):
            raise ImportError(target)
        function: Any = getattr(importlib.import_module(module), name)
        return function
    except (ImportError, AttributeError) as error:
        raise JobError(f"This program has no {target!r}. The job is of another version; start it again.") from error


def main() -> int:
    """Do the job in the folder named on the command line; exit 0 when it finished."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    lower_priority()
    folder = Path(sys.argv[1])
    visitor = visitors.Visitor(visitor_name_of(folder))
    if visitor.name:
        visitor = dataclasses.replace(visitor, quota=quota_from_environment())
    visitors.set_visitor_source(lambda: visitor)
    try:
        with run_job(Job(folder), exit_when_cancelled=True) as running:
            _import_target(running.spec.target)(running)
    except Exception:
        # nobody reads this process's exit status; the folder says how the job ended
        log.exception("the job ended")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
