"""As ``fashion_core.jobs.worker``, for jobs whose work is a function of this file."""

import time
from pathlib import Path

from fashion_core.errors import DataError
from fashion_core.jobs import worker
from fashion_core.jobs.worker import RunningJob


def sleep(running: RunningJob) -> None:
    """Sleep for "seconds"; being cancelled takes effect in the middle of it."""
    running.report(0.5, "sleeping")
    time.sleep(running.spec.arguments["seconds"])


def fail(running: RunningJob) -> None:
    """Fail in a way that the user can fix, or in another."""
    raise DataError("The data are gone. Fetch them.") if running.spec.arguments["known"] else ZeroDivisionError


def commit(running: RunningJob) -> None:
    """Write a file in two steps that belong together."""
    path = Path(running.spec.arguments["path"])
    with running.commit_lock:
        path.write_text("half")
        running.report(0.5, "half")
        time.sleep(1.0)
        path.write_text("whole")
    time.sleep(600)


if __name__ == "__main__":
    worker.ALLOWED_TARGET_PREFIX = "tests."
    raise SystemExit(worker.main())
