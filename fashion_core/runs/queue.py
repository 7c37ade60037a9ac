"""Starting, watching and cancelling training processes. The truth about them is on disk, never in memory."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import pandas as pd

from fashion_core.data import Dataset
from fashion_core.errors import RunError
from fashion_core.runs import process, worker
from fashion_core.runs.execute import new_record
from fashion_core.runs.store import RunEntry, RunStore
from fashion_core.training.config import TrainConfig

START_UP = 30.0  # seconds that a worker may take until it holds its lock

Phase = Literal["queued", "running", "interrupted", "finished", "failed", "diverged", "cancelled"]


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
    arguments = [str(entry.path.resolve()), *process.data_arguments(dataset)]
    process.spawn("fashion_core.runs.worker", arguments, entry.path / worker.LOG)
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
    if record.state not in ("queued", "running") or process.held(entry.path / worker.ALIVE):
        return record.state
    age = (datetime.now(UTC) - datetime.fromisoformat(record.created)).total_seconds()
    return "queued" if record.state == "queued" and age < START_UP else "interrupted"


def progress(entry: RunEntry) -> Progress:
    """What the run has reported until now; a line under way is left for the next look."""
    lines = process.json_lines(entry.path / worker.PROGRESS)
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


def wait(entry: RunEntry, store: RunStore, seconds: float) -> RunEntry:
    """Block until the run has ended or ``seconds`` have passed; returns it as it then is."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        entry = store.get(entry.id)
        if entry.record is not None and phase(entry) not in ("queued", "running"):
            break
        time.sleep(0.2)
    return store.get(entry.id)
