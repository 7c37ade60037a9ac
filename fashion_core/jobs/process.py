"""Processes known by number and start time, so that a reused number is never taken for the process it once was."""

import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import psutil

from fashion_core.errors import JobError

PROJECT_FOLDER = Path(__file__).resolve().parents[2]
# passive waiting leaves the processor to the dashboard between two steps
WORKER_ENVIRONMENT = {"OMP_WAIT_POLICY": "passive"}
BOOT_FILE = Path("/proc/sys/kernel/random/boot_id")  # of Linux
START_TIME_TOLERANCE_SECONDS = 2.0  # seconds; the system derives start times from a clock that may be corrected


@dataclass(frozen=True)
class ProcessIdentity:
    """A process by its number and by when it started, in seconds since the epoch or, where the system tells boots
    apart, in seconds since the ``boot``: those stay the same when the clock is set."""

    pid: int
    started: float
    boot: str = ""

    def is_this_process(self) -> bool:
        """Whether it is the process that asks."""
        return self.pid == os.getpid() and self.is_running()

    def is_running(self) -> bool:
        """Whether this very process runs; one that has ended but not been waited for doesn't."""
        return self._find() is not None

    def kill(self) -> None:
        """End the process at once; does nothing when it has ended, whoever has its number now."""
        try:
            if (process := self._find()) is not None:
                process.kill()
        except psutil.NoSuchProcess:
            pass
        except psutil.AccessDenied as error:
            raise JobError(f"Process {self.pid} belongs to somebody else and cannot be ended.") from error

    def _find(self) -> psutil.Process | None:
        try:
            process = psutil.Process(self.pid)
            started = process.create_time() - (psutil.boot_time() if self.boot else 0.0)
            is_same = abs(started - self.started) < START_TIME_TOLERANCE_SECONDS and self.boot in ("", _find_boot())
            return process if is_same and process.status() != psutil.STATUS_ZOMBIE else None
        except (psutil.Error, ValueError, OverflowError):  # ValueError: negative numbers, from a damaged file
            return None


def this_process() -> ProcessIdentity:
    """The process that asks."""
    return find_process(os.getpid())


def find_process(pid: int) -> ProcessIdentity:
    """The process that has the number ``pid`` now; raises ``psutil.NoSuchProcess`` when none has."""
    boot = _find_boot()
    return ProcessIdentity(pid, psutil.Process(pid).create_time() - (psutil.boot_time() if boot else 0.0), boot)


def _find_boot() -> str:
    """What tells this boot of the system from others; empty where the system doesn't say."""
    try:
        return BOOT_FILE.read_text(encoding="ascii").strip()
    except OSError:
        return ""


def start_detached_python_module(module: str, arguments: list[str], log: Path, *, threads: int = 0) -> ProcessIdentity:
    """Run ``python -m module arguments`` in a session of its own, so that it outlives the dashboard.

    Both its outputs go to ``log``; it computes on ``threads`` threads, or as many as it likes if 0. Raises ``JobError``
    when it can't be started.
    """
    environment = {**os.environ, **WORKER_ENVIRONMENT, **({"OMP_NUM_THREADS": str(threads)} if threads else {})}
    try:
        with log.open("ab") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                start_new_session=True,
                cwd=PROJECT_FOLDER,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
            )
    except OSError as error:
        raise JobError(f"The process for this could not be started ({error.strerror}).") from error
    identity = find_process(process.pid)
    threading.Thread(target=process.wait, daemon=True).start()  # collects its exit status
    return identity


def lower_priority() -> None:
    """Let the dashboard beside this process stay quick, where the system knows priorities."""
    if hasattr(os, "nice"):
        os.nice(max(0, 5 - os.nice(0)))  # once, however often it is called


def requested_threads() -> int:
    """``OMP_NUM_THREADS``, the number of threads to compute on; 0 if it is no such number."""
    text = os.environ.get("OMP_NUM_THREADS", "")
    return int(text) if text.isdecimal() else 0


def count_threads() -> int:
    """Threads that this process computes on: ``OMP_NUM_THREADS``, or one on each core."""
    return requested_threads() or count_cores()


def count_cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
