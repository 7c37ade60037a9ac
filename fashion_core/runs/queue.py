"""Starting, watching and cancelling training processes. The truth about them is on disk, never in memory."""

import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from filelock import FileLock, Timeout

from fashion_core.data import Dataset
from fashion_core.errors import RunError
from fashion_core.runs import worker
from fashion_core.runs.execute import new_record
from fashion_core.runs.store import RunEntry, RunStore
from fashion_core.training.config import TrainConfig

START_UP = 30.0  # seconds that a worker may take until it holds its lock

# Passive waiting leaves the processor to the dashboard between two steps.
WORKER_ENVIRONMENT = {"OMP_WAIT_POLICY": "passive"}

Phase = Literal["queued", "running", "interrupted", "finished", "failed", "cancelled"]


@dataclass(frozen=True)
class Progress:
    """What a run has reported. ``share`` is 0 to 1; ``seconds_left`` None until it can be told.

    ``epochs``: one row an epoch, the columns of ``EpochResult``.
    """

    phase: Phase
    share: float
    seconds_left: float | None
    epochs: pd.DataFrame


def start(store: RunStore, config: TrainConfig, dataset: Dataset, *, title: str = "") -> RunEntry:
    """Create a run and hand it to a new worker process, which waits until no other run is training.

    Raises ``RunError`` when the folder cannot be written or the process cannot be started.
    """
    entry = store.create(new_record(config, dataset, title=title))
    source = ["--stand-in"] if dataset.folder is None else ["--data", str(dataset.folder.resolve())]
    project = Path(__file__).resolve().parents[2]
    try:
        with (entry.path / worker.LOG).open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "fashion_core.runs.worker", str(entry.path.resolve()), *source],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # closing the dashboard does not end it
                cwd=project,
                env={**os.environ, **WORKER_ENVIRONMENT},
            )
    except OSError as error:
        raise RunError(f"The training process could not be started ({error.strerror}).") from error
    threading.Thread(target=process.wait, daemon=True).start()  # collects its exit status
    return entry


def cancel(entry: RunEntry) -> None:
    """Ask the run's worker to stop; it does within a second or one step. Raises ``RunError`` if that can't be said."""
    try:
        (entry.path / worker.CANCEL).touch()
    except OSError as error:
        raise RunError(f"{entry.path} cannot be written ({error.strerror}), so the run cannot be cancelled.") from error


def phase(entry: RunEntry) -> Phase:
    """The state of a run, telling one in training from one whose process has died."""
    record = entry.record
    if record is None:
        raise RunError(f"The run {entry.id} is damaged. {entry.damage}")
    if record.state not in ("queued", "running") or _held(entry.path / worker.ALIVE):
        return record.state
    age = (datetime.now(UTC) - datetime.fromisoformat(record.created)).total_seconds()
    return "queued" if record.state == "queued" and age < START_UP else "interrupted"


def progress(entry: RunEntry) -> Progress:
    """What the run has reported until now; a line under way is left for the next look."""
    lines = _lines(entry.path / worker.PROGRESS)
    epochs = pd.DataFrame([line for line in lines if "epoch" in line])
    steps = [line for line in lines if "step" in line]
    now = phase(entry)
    if not steps:
        return Progress(now, 0.0, None, epochs)
    last = steps[-1]
    share = last["step"] / max(last["n_steps"], 1)
    elapsed = last["elapsed"]
    left = elapsed / share * (1 - share) if share > 0 and elapsed > 1 else None
    return Progress(now, share, left, epochs)


def delete(store: RunStore, entry: RunEntry) -> None:
    """Delete a run of the user's, damaged and interrupted ones included; raises ``RunError`` if it is in training."""
    if entry.record is not None and phase(entry) in ("queued", "running"):
        raise RunError(f"The run {entry.id} is in training. Cancel it first.")
    store.delete(entry)


def _held(path: Path) -> bool:
    """Whether some process holds the lock at ``path``."""
    if not path.exists():
        return False
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except (Timeout, OSError):
        return True
    lock.release()
    return False


def _lines(path: Path) -> list[dict[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        return []
    whole = text[: text.rfind("\n") + 1]
    lines = []
    for line in whole.splitlines():
        try:
            value = json.loads(line)
        except ValueError:
            continue  # a line cut off by a killed worker; the next one begins anew
        if isinstance(value, dict):
            lines.append(value)
    return lines


def wait(entry: RunEntry, store: RunStore, seconds: float) -> RunEntry:
    """Block until the run has ended or ``seconds`` have passed; returns it as it then is."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        entry = store.get(entry.id)
        if entry.record is not None and phase(entry) not in ("queued", "running"):
            break
        time.sleep(0.2)
    return store.get(entry.id)
