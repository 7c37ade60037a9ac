"""Starting, resuming, watching and cancelling training runs. The truth about them is on disk, never in memory.

Whoever changes the queue, from whichever server, browser or shell, holds the lock ``.queue`` beside the run folders.
Each process that ends starts the next run; should it be killed, the next look at the queue does.
"""

import dataclasses
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd
from filelock import FileLock

from fashion_core.config.train_config import TrainConfig
from fashion_core.data import Dataset
from fashion_core.errors import RunError
from fashion_core.runs import checkpoint, job, process, reported, standby
from fashion_core.runs.execute import new_run_record
from fashion_core.runs.job import LIVE_PHASES, RESUMABLE_PHASES, RunPhase, run_phase
from fashion_core.runs.store import RunEntry, RunStore
from fashion_core.storage.files import write_atomically

QUEUE_LOCK = ".queue"
EXIT_TIMEOUT = 10.0  # seconds that a process may take to end after its last word

__all__ = ["LIVE_PHASES", "RESUMABLE_PHASES", "RunPhase", "run_phase"]  # from ``job``, for those who use the queue


@dataclass(frozen=True)
class RunProgress:
    """What a run has reported. ``share`` is 0 to 1; ``seconds_left`` None until it can be told.

    ``epochs``: one row an epoch, the columns of ``EpochResult``, not to be changed. ``step`` of ``n_steps`` (k-means:
    restarts) were done at the last report of a live run; 0 before the first.
    """

    phase: RunPhase
    fraction: float
    seconds_left: float | None
    epochs: pd.DataFrame
    step: int = 0
    n_steps: int = 0


def queue_run(store: RunStore, config: TrainConfig, dataset: Dataset, *, title: str = "", tag: str = "") -> RunEntry:
    """Create a run and queue it; it trains as soon as fewer than ``job.workers()`` others do.

    Raises ``RunError`` when the folder cannot be written.
    """
    return queue_runs(store, [(config, title)], dataset, tag=tag)[0]


def queue_runs(
    store: RunStore, configs: Sequence[tuple[TrainConfig, str]], dataset: Dataset, *, tag: str = ""
) -> list[RunEntry]:
    """Queue a run for each config, under the title beside it, all with ``tag``; see ``start``."""
    entries: list[RunEntry] = []
    how = job.new_job(dataset).to_json()
    for config, title in configs:
        record = dataclasses.replace(new_run_record(config, dataset, title=title), tag=tag)
        entries.append(store.create_run(record, {job.JOB: how}))
        if len(entries) == 1:
            start_waiting_runs(store)  # the first trains while the others are written
    if len(entries) > 1:
        start_waiting_runs(store)
    return entries


def resume_run(store: RunStore, entry: RunEntry, dataset: Dataset, *, pid: int | None = None) -> None:
    """Queue an interrupted, cancelled or failed run again; it goes on from its last whole epoch.

    ``pid``: the process that will train it, where that is not to be a new one.

    Raises ``RunError`` when the run is not one of these, or was trained on other data than ``dataset``.
    """
    _until_ended(entry)
    with queue_lock(store):
        entry = store.get(entry.id)
        _check_resumable(entry, dataset)
        made = job.new_job(dataset)
        before = job.read(entry.path)
        _forget_end(entry, made if before is None else dataclasses.replace(made, threads=before.threads), pid)
        store.update_record(entry.path, state="queued", reason="")
    start_waiting_runs(store)


def _check_resumable(entry: RunEntry, dataset: Dataset) -> None:
    """Raise ``RunError`` unless the run ended before it was finished, and ``dataset`` is what it was trained on."""
    now = run_phase(entry)
    if now in LIVE_PHASES:
        raise RunError(f"The run {entry.id} is waiting or in training already.")
    if now not in RESUMABLE_PHASES or entry.origin == "zoo":
        raise RunError(f"The run {entry.id} is {now}, so there is nothing to resume. Start a new one.")
    assert entry.record is not None
    if entry.record.data.fingerprint != dataset.fingerprint:
        raise RunError(f"The run {entry.id} was trained on other data than is at hand, so it cannot go on here.")


def _forget_end(entry: RunEntry, how: job.Job, pid: int | None) -> None:
    """Make the folder of a run that ended ready for another process."""
    try:
        (entry.path / job.CANCEL).unlink(missing_ok=True)
        if pid is None:
            (entry.path / job.STARTED).unlink(missing_ok=True)
        else:
            job.mark_started(entry.path, pid)
    except OSError as error:
        raise RunError(f"{entry.path} cannot be written ({error.strerror}), so the run cannot go on.") from error
    write_atomically(entry.path / job.JOB, how.to_json())


def cancel_run(store: RunStore, entry: RunEntry) -> None:
    """Have the run stop: at once while it waits, within a second while it trains. It can be resumed.

    Raises ``RunError`` if that can't be said; does nothing to a run that has ended.
    """
    cancel_runs(store, [entry])


def cancel_runs(store: RunStore, entries: Iterable[RunEntry]) -> None:
    """Cancel several runs, none of which begins in place of another; see ``cancel``."""
    with queue_lock(store):
        for entry in entries:
            _cancel(store, store.get(entry.id))
    start_waiting_runs(store)


def _cancel(store: RunStore, entry: RunEntry) -> None:
    record = entry.record
    if record is None or run_phase(entry) not in LIVE_PHASES:
        return
    try:
        (entry.path / job.CANCEL).touch()
    except OSError as error:
        raise RunError(f"{entry.path} cannot be written ({error.strerror}), so the run cannot be cancelled.") from error
    if record.state == "queued":  # a process that is starting for it looks here before it begins
        store.update_record(entry.path, state="cancelled", reason="Cancelled.")


def start_waiting_runs(store: RunStore) -> None:
    """Start the runs whose turn it is. A run that cannot be started fails with the reason."""
    if not store.runs_folder.is_dir():
        return
    with queue_lock(store):
        entries = [entry for entry in store.entries() if entry.origin == "mine" and entry.record is not None]
        for entry in entries:
            if entry.has_predictions and checkpoint.has_checkpoint(entry.path):  # killed in its very last step
                checkpoint.remove_checkpoint(entry.path)
        busy = {entry.id for entry in entries if job.has_process(entry)}
        waiting = [entry for entry in entries if entry.id not in busy and run_phase(entry) == "queued"]
        waiting = sorted(waiting, key=lambda entry: (entry.record.created if entry.record else "", entry.id))
        for entry in waiting[: max(0, job.max_parallel_runs() - len(busy))]:
            if (how := job.read(entry.path)) is not None:
                _spawn(entry, how)


def _spawn(entry: RunEntry, how: job.Job) -> None:
    arguments = [str(entry.path.resolve()), *how.data]
    try:
        job.mark_started(entry.path)
        log = entry.path / job.LOG
        pid = standby.take(arguments, how, log) or process.start_process(
            "fashion_core.runs.worker", arguments, log, threads=how.threads
        )
        job.mark_started(entry.path, pid)
    except RunError as error:
        RunStore.update_record(entry.path, state="failed", reason=str(error))


def run_progress(entry: RunEntry) -> RunProgress:
    """What the run has reported until now; a line under way is left for the next look."""
    found = reported.read(entry.path / job.PROGRESS)
    epochs, last = found.epochs, found.step
    now = run_phase(entry)
    assert entry.record is not None
    if now not in LIVE_PHASES or not last:
        return RunProgress(now, min(1.0, len(epochs) / entry.record.config.epochs), None, epochs)
    share = last["step"] / max(last["n_steps"], 1)
    elapsed = last["elapsed"]
    left = elapsed / share * (1 - share) if share > 0 and elapsed > 1 else None
    return RunProgress(now, share, left, epochs, last["step"], last["n_steps"])


def delete_run(store: RunStore, entry: RunEntry) -> None:
    """Delete a run of the user's, damaged and interrupted ones included; raises ``RunError`` if it is in training."""
    with queue_lock(store):
        if entry.record is not None and run_phase(store.get(entry.id)) in LIVE_PHASES:
            raise RunError(f"The run {entry.id} is in training. Cancel it first.")
        store.delete_folder(entry)


def rename_run(store: RunStore, entry: RunEntry, *, title: str, note: str) -> None:
    """Give a run of the user's another ``title`` (1 to 80 characters) and ``note`` (at most 900).

    Both are only ever shown as plain text. Raises ``RunError`` when one is too long, or the run is not the user's.
    """
    title, note = " ".join(title.split()), note.strip()
    if not 1 <= len(title) <= 80:
        raise RunError("A run's name has 1 to 80 characters.")
    if len(note) > 900:
        raise RunError("A note has at most 900 characters.")
    if entry.origin == "zoo":
        raise RunError(f"{entry.id} is shipped with the program and keeps its name.")
    store.update_record(entry.path, title=title, note=note)


def wait_for_run(entry: RunEntry, store: RunStore, seconds: float) -> RunEntry:
    """Block until the run has ended or ``seconds`` have passed, tending the queue; returns it as it then is."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        entry = store.get(entry.id)
        if entry.record is not None and run_phase(entry) not in LIVE_PHASES:
            break
        start_waiting_runs(store)
        time.sleep(0.2)
    return store.get(entry.id)


def ended(store: RunStore, entry: RunEntry, seconds: float) -> RunEntry:
    """The run as it is once it has ended, or after ``seconds``."""
    deadline = time.monotonic() + seconds
    while run_phase(entry) in LIVE_PHASES and time.monotonic() < deadline:
        time.sleep(0.03)
        entry = store.get(entry.id)
    return entry


def queue_lock(store: RunStore) -> FileLock:
    """Changes of the queue, from whichever process, happen one after the other."""
    try:
        store.runs_folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(
            f"{store.runs_folder} cannot be written ({error.strerror}). Set FASHION_HOME to a folder that can."
        ) from error
    return FileLock(store.runs_folder / QUEUE_LOCK)


def _until_ended(entry: RunEntry) -> None:
    """Wait for a process that has just told its end to be gone."""
    deadline = time.monotonic() + EXIT_TIMEOUT
    while entry.record is not None and entry.record.state not in LIVE_PHASES and process.held(entry.path / job.ALIVE):
        if time.monotonic() > deadline:
            raise RunError(f"The run {entry.id} is still ending. Try again in a moment.")
        time.sleep(0.05)
