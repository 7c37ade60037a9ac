"""Computing in a process of its own, watched and cancelled through a folder; the truth is on disk."""

import json
import os
import shutil
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from filelock import FileLock

from fashion_core.computed import store
from fashion_core.computed.computation import Computation
from fashion_core.data import Dataset
from fashion_core.errors import RunError
from fashion_core.runs import process
from fashion_core.storage.files import write_atomically

START_UP = 30.0  # seconds that a worker may take until it holds its lock
JOB, ALIVE, PROGRESS, PID, LOG, TURN, START = "job.json", "alive", "progress.jsonl", "pid", "log.txt", ".turn", ".start"

ComputationState = Literal["absent", "running", "failed", "interrupted"]


@dataclass(frozen=True)
class ComputationStatus:
    """How far a computation is. ``share`` 0 to 1; ``seconds_left`` None until it can be told; ``text`` says what is
    being done, or why it failed."""

    state: ComputationState
    fraction: float = 0.0
    message: str = ""
    seconds_left: float | None = None


def start_computation(computation: Computation, dataset: Dataset) -> None:
    """Hand the computation to a worker process, unless one is at it; computations are done one at a time.

    Raises ``RunError`` when the folder cannot be written or the process cannot be started.
    """
    from fashion_core.computed import registry

    folder = _folder(computation, dataset.fingerprint)
    with _one_at_a_time(folder):
        if computation_status(computation, dataset.fingerprint).state == "running":
            return
        discard_computation(computation, dataset.fingerprint)
        values = {**registry.computation_to_dict(computation), "fingerprint": dataset.fingerprint}
        write_atomically(folder / JOB, json.dumps(values).encode())
        arguments = [str(folder.resolve()), *process.dataset_arguments(dataset)]
        number = process.start_process("fashion_core.computed.worker", arguments, folder / LOG)
        write_atomically(folder / PID, str(number).encode())


def computation_status(computation: Computation, fingerprint: str) -> ComputationStatus:
    """What has become of the computation; ``absent`` when nothing is under way (the result may be there)."""
    folder = _folder(computation, fingerprint)
    try:
        age = time.time() - (folder / JOB).stat().st_mtime
    except OSError:
        return ComputationStatus("absent")
    lines = process.json_lines(folder / PROGRESS)
    last = lines[-1] if lines else {}
    if "failed" in last:
        return ComputationStatus("failed", message=str(last["failed"]))
    if not process.held(folder / ALIVE) and (age > START_UP or lines):
        if not folder.exists():  # it ended between two looks
            return ComputationStatus("absent")
        return ComputationStatus("interrupted", message="Its process has ended before it was done.")
    share, elapsed = float(last.get("share", 0.0)), float(last.get("elapsed", 0.0))
    left = elapsed / share * (1 - share) if share > 0.05 and elapsed > 2 else None
    return ComputationStatus("running", share, str(last.get("doing", "starting")), left)


def cancel_computation(computation: Computation, fingerprint: str) -> None:
    """End the worker at once; nothing half done is kept. Raises ``RunError`` when it cannot be ended."""
    folder = _folder(computation, fingerprint)
    with _one_at_a_time(folder):
        if computation_status(computation, fingerprint).state == "running":
            try:
                os.kill(int((folder / PID).read_text()), signal.SIGTERM)
            except ProcessLookupError:
                pass  # it has just ended
            except (OSError, ValueError) as error:
                raise RunError("The computation cannot be ended from here; it goes on to its end.") from error
            deadline = time.monotonic() + 5
            while process.held(folder / ALIVE) and time.monotonic() < deadline:
                time.sleep(0.05)
        discard_computation(computation, fingerprint)


def discard_computation(computation: Computation, fingerprint: str) -> None:
    """Forget a computation that failed, was cancelled or interrupted."""
    folder = _folder(computation, fingerprint)
    try:
        shutil.rmtree(folder)
    except OSError as error:
        if folder.exists():
            raise RunError(f"{folder} cannot be removed ({error.strerror}).") from error


def _one_at_a_time(folder: Path) -> FileLock:
    """Starting and cancelling, from whichever browser, happen one after the other."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(
            f"{folder.parent} cannot be written ({error.strerror}). Set FASHION_HOME to a folder that can."
        ) from error
    return FileLock(folder.parent / START)


def _folder(computation: Computation, fingerprint: str) -> Path:
    return store.results_folder() / "jobs" / computation.key(fingerprint)
