"""A process that waits for the next run with torch imported and the data read, so that the run starts at once.

Imports take a run's process two seconds. The server keeps one process in waiting while somebody looks at the form, and
none while a run trains; it lives as long as the server, and without one a run starts as it always could. While it
waits it measures how fast this machine trains.
"""

import contextlib
import json
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fashion_core.config.train_config import TrainConfig
from fashion_core.data import Dataset
from fashion_core.errors import RunError
from fashion_core.runs import estimate, job, process
from fashion_core.runs.job import Job

IDLE = 600.0  # seconds without a look at the form after which it goes
OVERDUE = 60.0  # seconds after which a probe without an answer is taken to have failed


@dataclass
class _Waiting:
    process: "subprocess.Popen[bytes]"
    how: Job
    last_look: float
    asked: dict[Path, float] = field(default_factory=dict)  # when each probe was asked for, by where it is to be

    def tell(self, order: dict[str, Any]) -> bool:
        """Write the order; False when the process has gone."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps(order).encode() + b"\n")
            self.process.stdin.flush()
        except OSError:
            return False
        return True

    def end(self) -> None:
        """Let it go: what it reads its orders from ends."""
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):  # it has gone already
            self.process.stdin.close()


_waiting: _Waiting | None = None
_lock = threading.Lock()


def prepare(dataset: Dataset) -> None:
    """Have a process wait for a run on ``dataset``, if none does yet. Raises ``RunError`` when none can be started."""
    global _waiting
    how = job.new_job(dataset)
    with _lock:
        if _waiting is not None and _waiting.process.poll() is None and _waiting.how == how:
            _waiting.last_look = time.monotonic()
            return
        if _waiting is not None:
            _waiting.end()
        try:
            started = process.start(
                "fashion_core.runs.standby_worker", list(how.data), threads=how.threads, stdin=subprocess.PIPE
            )
        except OSError as error:
            raise RunError(f"The process for this could not be started ({error.strerror}).") from error
        _waiting = _Waiting(started, how, time.monotonic())
        _look_again(_waiting, IDLE)


def _look_again(waiting: _Waiting, seconds: float) -> None:
    timer = threading.Timer(seconds, _end_if_idle, [waiting])
    timer.daemon = True
    timer.start()


def _end_if_idle(waiting: _Waiting) -> None:
    with _lock:
        if waiting is not _waiting:
            return
        left = waiting.last_look + IDLE - time.monotonic()
    if left > 0:
        _look_again(waiting, left)
    else:
        release()


def release() -> None:
    """Let the process in waiting go, if there is one."""
    global _waiting
    with _lock:
        if _waiting is not None:
            _waiting.end()
        _waiting = None


def take(arguments: list[str], how: Job, log: Path) -> int:
    """Have the process in waiting be the worker with ``arguments``, its outputs in ``log``; returns its number.

    0 when there is none, or none that reads the same data and computes on as many threads.
    """
    global _waiting
    with _lock:
        waiting, _waiting = _waiting, None
        if waiting is None:
            return 0
        fits = waiting.process.poll() is None and waiting.how == how
        told = fits and waiting.tell({"run": arguments, "log": str(log.resolve())})
        waiting.end()
        return waiting.process.pid if told else 0


def ask(config: TrainConfig, dataset: Dataset) -> bool:
    """Have the speed of ``config`` measured; False when nobody could, or an answer is overdue.

    The answer is what ``estimate.of_probe`` then finds, in a second or a few.
    """
    path = estimate.place(config, dataset)
    with _lock:
        if _waiting is None or _waiting.process.poll() is not None or _waiting.how != job.new_job(dataset):
            return False
        if path in _waiting.asked:
            return time.monotonic() - _waiting.asked[path] < OVERDUE
        _waiting.asked[path] = time.monotonic()
        return _waiting.tell({"probe": config.to_dict(), "to": str(path.resolve())})
