"""Waiting for what other processes and threads do, or making them wait."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from fashion_core.jobs.job import Job

TIMEOUT = 90.0


def wait_until(condition: Callable[[], object], seconds: float = TIMEOUT) -> None:
    """Return as soon as ``condition`` holds; fail the test when it does not within ``seconds``."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


@contextmanager
def jobs_held_at_start() -> Iterator[None]:
    """Processes that are launched meanwhile do nothing before the end of the ``with`` statement.

    A process first waits for the lock that is held while it is launched, so it can't have begun when it is stopped.
    """
    launch, stopped = Job.launch, []

    def launch_and_stop(job: Job) -> None:
        launch(job)
        process = job.process()
        assert process is not None
        os.kill(process.pid, signal.SIGSTOP)
        stopped.append(process.pid)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Job, "launch", launch_and_stop)
        try:
            yield
        finally:
            for pid in stopped:
                os.kill(pid, signal.SIGCONT)
