"""The small files in a run's folder that say whether and how it is being trained, and what follows from them."""

import json
import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from fashion_core.data import Dataset
from fashion_core.errors import ConfigError, RunError
from fashion_core.runs import process
from fashion_core.runs.store import RunEntry
from fashion_core.storage.files import write_atomically

# locks and files in a run's folder
ALIVE, PROGRESS, CANCEL, LOG, JOB, STARTED = "alive", "progress.jsonl", "cancel", "log.txt", "job.json", "started.json"
START_UP = 120.0  # seconds that a process may take until it holds ``alive``
CLUSTER_MAX_RUNS = 8  # runs handed to a cluster at once; each costs this machine a process of some 270 MB
THREADS_PER_CLUSTER_RUN = 2  # processors that a run asks a cluster for

RunPhase = Literal["queued", "running", "interrupted", "finished", "failed", "diverged", "cancelled"]
LIVE_PHASES: tuple[RunPhase, ...] = ("queued", "running")
RESUMABLE_PHASES: tuple[RunPhase, ...] = ("interrupted", "failed", "cancelled")


@dataclass(frozen=True)
class Job:
    """How a run's process is started: where the data lies, and how many ``threads`` it computes on.

    Another number of threads adds up in another order, so a resumed run keeps the number it was begun with.
    """

    data: tuple[str, ...]
    threads: int

    def to_json(self) -> bytes:
        """The content of ``job.json``."""
        return json.dumps({"data": list(self.data), "threads": self.threads}).encode()


def cluster_address() -> str:
    """Address of the Ray cluster that trains the runs, ``FASHION_CLUSTER``; empty when they train on this machine.

    Raises ``ConfigError`` when it is no such address.
    """
    text = os.environ.get("FASHION_CLUSTER", "").strip()
    if not text or text == "auto":
        return text
    told = ConfigError(f"FASHION_CLUSTER is {text!r}; set it to ray://HOST:PORT, or to auto on a node of the cluster.")
    try:
        parts = urlsplit(text)
        if parts.scheme == "ray" and parts.hostname and parts.port:
            return text
    except ValueError as error:  # a port that is no number
        raise told from error
    raise told


def max_parallel_runs() -> int:
    """How many runs train at once: ``FASHION_WORKERS``, 1 to 64; raises ``ConfigError`` when it is no such number."""
    text = os.environ.get("FASHION_WORKERS", str(CLUSTER_MAX_RUNS) if cluster_address() else "1")
    if not text.strip().isdecimal() or not 1 <= int(text) <= 64:
        raise ConfigError(f"FASHION_WORKERS is {text!r}; set it to a whole number from 1 to 64.")
    return int(text)


def new_job(dataset: Dataset) -> Job:
    """A job on ``dataset`` with this run's share of the processors."""
    told = os.environ.get("OMP_NUM_THREADS", "")
    share = THREADS_PER_CLUSTER_RUN if cluster_address() else max(1, process.count_cores() // max_parallel_runs())
    threads = int(told) if told.isdecimal() and int(told) else share
    return Job(tuple(process.dataset_arguments(dataset)), threads)


def read(folder: Path) -> Job | None:
    """The job of the run in ``folder``; None when it has none that can be read."""
    values = _json(folder / JOB)
    data, threads = values.get("data"), values.get("threads")
    if not isinstance(data, list) or not isinstance(threads, int) or not all(isinstance(part, str) for part in data):
        return None
    return Job(tuple(data), threads)


def mark_started(folder: Path, pid: int = 0) -> None:
    """Note that a process has been started for the run; ``pid`` 0 while its number is not known yet."""
    write_atomically(folder / STARTED, started(pid))


def started(pid: int) -> bytes:
    """What ``started.json`` says of the process ``pid``, started now."""
    return json.dumps({"pid": pid, "time": time.time()}).encode()


def run_phase(entry: RunEntry) -> RunPhase:
    """The state of a run, telling one in training from one whose process has died.

    A queued run is one that no process was started for yet, or whose process is starting or waits for its turn.
    """
    record = entry.record
    if record is None:
        raise RunError(f"The run {entry.id} is damaged. {entry.damage}")
    if record.state not in LIVE_PHASES or process.held(entry.path / ALIVE):
        return record.state
    if record.state == "running":
        return "interrupted"
    if (entry.path / STARTED).exists():
        return "queued" if is_starting(entry) else "interrupted"
    age = (datetime.now(UTC) - datetime.fromisoformat(record.created)).total_seconds()
    return "queued" if (entry.path / JOB).exists() or age < START_UP else "interrupted"


def is_starting(entry: RunEntry) -> bool:
    """Whether a process was started for the run a moment ago that does not hold its lock yet."""
    values = _json(entry.path / STARTED)
    pid, since = values.get("pid"), values.get("time")
    if not isinstance(pid, int) or not isinstance(since, int | float) or not 0 <= time.time() - since < START_UP:
        return False
    return pid == 0 or process.runs(pid)


def has_process(entry: RunEntry) -> bool:
    """Whether some process trains the run, waits to, or is being started to."""
    record = entry.record
    if record is None or record.state not in LIVE_PHASES:
        return False
    return process.held(entry.path / ALIVE) or (record.state == "queued" and is_starting(entry))


def is_cancel_requested(entry: RunEntry) -> bool:
    """Whether the run was asked to stop since it was last queued."""
    return (entry.path / CANCEL).exists()


def _json(path: Path) -> dict[str, Any]:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}
