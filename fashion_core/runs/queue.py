"""Starting, resuming, watching and cancelling training runs. A run's folder is its job's folder too.

Whoever changes the queue, from whichever server, browser or shell, holds the lock of the jobs. Each process that ends
starts the next run; if it is killed, the next look at the queue does.
"""

import dataclasses
import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from fashion_core.config.train_config import TrainConfig
from fashion_core.data import Dataset
from fashion_core.data.loading import dataset_location
from fashion_core.errors import RunError
from fashion_core.jobs.job import (
    JOB_FILE,
    PROCESS_FILE,
    Job,
    JobSpec,
    estimate_seconds_left,
    launch_waiting_jobs,
    list_jobs,
    process_to_json,
)  # fmt: skip
from fashion_core.jobs.process import this_process
from fashion_core.jobs.progress import Progress
from fashion_core.runs.capacity import max_parallel_runs, threads_per_run
from fashion_core.runs.checkpoint import has_checkpoint, remove_checkpoint
from fashion_core.runs.execute import new_run_record
from fashion_core.runs.history_file import HISTORY_COLUMNS
from fashion_core.runs.record import RunRecord, check_title
from fashion_core.runs.store import RunEntry, RunStore
from fashion_core.storage.access import check_change
from fashion_core.storage.folder import counterparts
from fashion_core.storage.locks import FILE_LOCK_TIMEOUT_SECONDS

if TYPE_CHECKING:
    import pandas as pd

PROCESS_EXIT_TIMEOUT_SECONDS = 10.0  # seconds that a process may take to end after it has written how
TRAINING_TARGET = "fashion_core.runs.worker:run_training"

RunPhase = Literal["queued", "running", "interrupted", "finished", "failed", "diverged", "cancelled"]
LIVE_PHASES: tuple[RunPhase, ...] = ("queued", "running")
RESUMABLE_PHASES: tuple[RunPhase, ...] = ("interrupted", "failed", "cancelled")


@dataclass(frozen=True)
class RunProgress:
    """What a run has reported. ``fraction`` is 0 to 1; ``seconds_left`` None until it can be estimated.

    ``epochs``: one row an epoch, the columns of ``EpochResult``, not to be changed. ``step`` of ``n_steps`` (k-means:
    restarts) were done at the last report of a live run; 0 before the first.
    """

    phase: RunPhase
    fraction: float
    seconds_left: float | None
    epochs: "pd.DataFrame"
    step: int = 0
    n_steps: int = 0


def run_phase(entry: RunEntry) -> RunPhase:
    """The state of a run; one whose process has died is interrupted, whatever its record says.

    A queued run is one that no process was started for yet, or whose process is starting or waits for its turn.
    """
    record = entry.record
    if record is None:
        raise RunError(f"The run {entry.id} is damaged. {entry.damage}")
    if record.state not in LIVE_PHASES:
        return record.state
    job = Job(entry.path)
    if job.has_live_process() or (record.state == "queued" and job.is_waiting_for_process()):
        return record.state
    latest = RunStore.read_entry(entry.path, entry.origin).record  # it may have ended since the record was read
    return "interrupted" if latest is None or latest.state in LIVE_PHASES else latest.state


def has_process(entry: RunEntry) -> bool:
    """Whether a process trains the run, is starting to, or waits for its turn to."""
    return entry.record is not None and entry.record.state in LIVE_PHASES and Job(entry.path).has_live_process()


def is_cancel_requested(entry: RunEntry) -> bool:
    """Whether the run was asked to stop since it was last queued."""
    return Job(entry.path).is_cancel_requested()


def training_job_spec(dataset: Dataset, *, threads: int | None = None) -> JobSpec:
    """What the job of a new run on ``dataset`` does."""
    return JobSpec(TRAINING_TARGET, {"data": dataset_location(dataset)}, threads or threads_per_run())


def resumed_job_spec(job: Job, dataset: Dataset) -> JobSpec:
    """What ``job``, which has ended, does next: it trains on as many threads as it began with.

    Another number of threads adds up in another order. Job files of older versions hold the number, too.
    """
    try:
        threads = json.loads((job.folder / JOB_FILE).read_text(encoding="utf-8"))["threads"]
    except (OSError, ValueError, TypeError, KeyError):
        threads = None
    return training_job_spec(dataset, threads=threads if isinstance(threads, int) and threads > 0 else None)


def queue_run(store: RunStore, config: TrainConfig, dataset: Dataset, *, title: str = "") -> RunEntry:
    """Create a run and queue it; it trains as soon as fewer than ``max_parallel_runs()`` others do.

    Raises ``StorageError`` when the folder cannot be written.
    """
    return queue_runs(store, [(config, title)], dataset)[0]


def queue_runs(
    store: RunStore, configs: Sequence[tuple[TrainConfig, str]], dataset: Dataset, *, tag: str = ""
) -> list[RunEntry]:
    """Queue a run for each config, under the title beside it, all with ``tag``; see ``queue_run``."""
    check_change(runs=len(configs), minutes=1)
    entries: list[RunEntry] = []
    files = {JOB_FILE: training_job_spec(dataset).to_json()}
    for config, title in configs:
        record = dataclasses.replace(new_run_record(config, dataset, title=title), tag=tag)
        entries.append(store.create_run(record, files))
        if len(entries) == 1:
            start_waiting_runs(store)  # the first trains while the others are written
    if len(entries) > 1:
        start_waiting_runs(store)
    return entries


def create_foreground_run(store: RunStore, record: RunRecord, dataset: Dataset) -> RunEntry:
    """Create a run that this process is about to train; see ``worker.train_in_foreground``."""
    process = process_to_json(this_process(), waiting=True)
    return store.create_run(record, {JOB_FILE: training_job_spec(dataset).to_json(), PROCESS_FILE: process})


def resume_run(store: RunStore, entry: RunEntry, dataset: Dataset, *, foreground: bool = False) -> None:
    """Queue an interrupted, cancelled or failed run again; it goes on from its last whole epoch.

    ``foreground``: this process is about to train it. Raises ``RunError`` when the run is not one of these, or was
    trained on other data than ``dataset``, and ``AccessError`` when the visitor may not.
    """
    check_change(minutes=1)
    job = Job(entry.path)
    _wait_for_exit(entry, job)
    with job.lock():
        entry = store.get(entry.id)
        _check_resumable(entry, dataset)
        job.create_or_replace(resumed_job_spec(job, dataset))
        if foreground:
            job.claim(waiting=True)
        store.update_record(entry.path, state="queued", reason="")
    start_waiting_runs(store)


def _wait_for_exit(entry: RunEntry, job: Job) -> None:
    """Wait for a process that has just written how it ended."""
    deadline = time.monotonic() + PROCESS_EXIT_TIMEOUT_SECONDS
    while entry.record is not None and entry.record.state not in LIVE_PHASES and job.has_live_process():
        if time.monotonic() > deadline:
            raise RunError(f"The run {entry.id} is still ending. Try again in a moment.")
        time.sleep(0.05)


def _check_resumable(entry: RunEntry, dataset: Dataset) -> None:
    """Raise ``RunError`` unless the run ended before it was finished, and ``dataset`` is what it was trained on."""
    phase = run_phase(entry)
    if phase in LIVE_PHASES:
        raise RunError(f"The run {entry.id} is waiting or in training already.")
    if phase not in RESUMABLE_PHASES or entry.origin == "zoo":
        raise RunError(f"The run {entry.id} is {phase}, so there is nothing to resume. Start a new one.")
    assert entry.record is not None
    if entry.record.data.fingerprint != dataset.fingerprint:
        raise RunError(f"The run {entry.id} was trained on other data than is at hand, so it cannot go on here.")


def cancel_run(store: RunStore, entry: RunEntry) -> None:
    """Have the run stop: at once while it waits, within a second while it trains. It can be resumed.

    Raises ``StorageError`` if the folder cannot be written; does nothing to a run that has ended.
    """
    cancel_runs(store, [entry])


def cancel_runs(store: RunStore, entries: Iterable[RunEntry]) -> None:
    """Cancel several runs, none of which begins in place of another; see ``cancel_run``."""
    check_change()
    with queue_lock(store):
        for entry in map(store.get, [entry.id for entry in entries]):
            if entry.record is None or run_phase(entry) not in LIVE_PHASES:
                continue
            Job(entry.path).request_cancel()
            if entry.record.state == "queued":  # a process that is starting for it looks here before it begins
                store.update_record(entry.path, state="cancelled", reason="Cancelled.")
    start_waiting_runs(store)


def start_waiting_runs(store: RunStore, *, lock_timeout: float = FILE_LOCK_TIMEOUT_SECONDS) -> None:
    """Start the runs whose turn it is. A run that cannot be started fails with the reason, and the next one starts.

    Raises ``StorageError`` when another process holds the lock of the queue for longer than ``lock_timeout`` seconds.
    """
    if not counterparts(store.runs_folder):
        return
    with queue_lock(store, lock_timeout):
        jobs = list_jobs(store.runs_folder)
        # most have ended, and their records are not read; one with a shipped run's name is listed as damaged
        open_jobs = [job for job in jobs if not job.ended_at() and job.created_at()]
        folders = [job.folder for job in open_jobs if not (store.zoo_folder / job.folder.name).exists()]
        entries = [store.read_entry(folder, "mine") for folder in folders]
        live = [(entry.record, Job(entry.path)) for entry in entries if _tidy(entry) and entry.record is not None]
        n_free = max_parallel_runs() - sum(job.is_working() for _, job in live)
        queued = [job for record, job in _sort_fairly(jobs, live) if record.state == "queued"]
        for job in launch_waiting_jobs(queued, n_free):
            store.update_record(job.folder, state="failed", reason=job.status().message)


def _sort_fairly(jobs: list[Job], live: list[tuple[RunRecord, Job]]) -> list[tuple[RunRecord, Job]]:
    """``live`` in the order in which they train. Of visitors who wait, each one's first run comes before anyone's
    second, and whose last training ended earlier before the others; all ``jobs`` say when."""
    last_end: defaultdict[Path, float] = defaultdict(float)
    for job in jobs:
        last_end[job.folder.parent] = max(last_end[job.folder.parent], job.ended_at())
    n_before: Counter[Path] = Counter()
    ranked = []
    for record, job in sorted(live, key=lambda pair: (not pair[1].is_working(), pair[0].created, pair[0].id)):
        owner = job.folder.parent
        ranked.append((n_before[owner], last_end[owner], record.created, record.id, (record, job)))
        n_before[owner] += 1
    return [pair for *_, pair in sorted(ranked, key=lambda each: each[:4])]


def _tidy(entry: RunEntry) -> bool:
    """Clear up what a killed process left; returns whether the run waits or trains."""
    if entry.record is None:
        return False
    if entry.has_predictions and has_checkpoint(entry.path):  # killed in its very last step
        remove_checkpoint(entry.path)
    if entry.record.state not in LIVE_PHASES:
        return False
    job = Job(entry.path)
    if job.is_cancel_requested():
        job.kill_if_stuck()
        if not job.has_live_process():
            RunStore.update_record(entry.path, state="cancelled", reason="Cancelled.")
            return False
    return True


def run_progress(entry: RunEntry, *, seconds_per_epoch: float | None = None) -> RunProgress:
    """What the run has reported until now.

    ``seconds_per_epoch``: as past runs took (see ``estimate.estimate_epoch``), for the time left until the first epoch
    of this one is done.
    """
    progress = Job(entry.path).progress()
    epochs, phase = _epoch_frame(progress), run_phase(entry)
    assert entry.record is not None
    n_epochs, left = entry.record.config.epochs, None
    n_parts = 1 + entry.record.data.n_folds
    fraction = 1.0 if phase == "finished" else min(1.0, len(epochs) / n_epochs) / n_parts
    step, n_steps, elapsed = (progress.update.get(name) for name in ("step", "n_steps", "elapsed"))
    if phase in LIVE_PHASES and isinstance(step, int) and isinstance(n_steps, int) and isinstance(elapsed, int | float):
        fraction = step / max(n_steps, 1)
        left = estimate_seconds_left(fraction, elapsed)
    else:
        step = n_steps = 0
    if phase in LIVE_PHASES and epochs.empty and seconds_per_epoch is not None:
        as_before = seconds_per_epoch * n_epochs * (1 - fraction)
        left = as_before if left is None else min(left, as_before)  # both count the start of a run
    return RunProgress(phase, fraction, left, epochs, step, n_steps)


@lru_cache(maxsize=256)
def _epoch_frame(progress: Progress) -> "pd.DataFrame":
    import pandas as pd

    return pd.DataFrame(row for row in progress.rows if row.keys() >= set(HISTORY_COLUMNS))


def delete_run(store: RunStore, entry: RunEntry) -> None:
    """Delete a run of the user's, damaged and interrupted ones included; raises ``RunError`` if it is in training."""
    _wait_for_exit(store.read_entry(entry.path, entry.origin), Job(entry.path))  # it would write into a new folder
    with queue_lock(store):
        if entry.record is not None and run_phase(store.get(entry.id)) in LIVE_PHASES:
            raise RunError(f"The run {entry.id} is in training. Cancel it first.")
        store.delete_entry(entry)


def set_run_title_and_note(store: RunStore, entry: RunEntry, *, title: str, note: str) -> None:
    """Give a run of the user's another ``title`` (1 to 80 characters) and ``note`` (at most 900).

    Both are only ever shown as plain text. Raises ``RunError`` when one is too long, or the run is not the user's.
    """
    check_change()
    title, note = check_title(title), note.strip()
    if len(note) > 900:
        raise RunError("A note has at most 900 characters.")
    if entry.origin == "zoo":
        raise RunError(f"{entry.id} is shipped with the program and keeps its name.")
    store.update_record(entry.path, title=title, note=note)


def wait_for_run(entry: RunEntry, store: RunStore, seconds: float) -> RunEntry:
    """Block until the run has ended or ``seconds`` have passed, starting runs whose turn it is; returns it as it is."""
    deadline = time.monotonic() + seconds
    while run_phase(entry) in LIVE_PHASES and time.monotonic() < deadline:
        start_waiting_runs(store)
        time.sleep(0.03)
        entry = store.get(entry.id)
    return store.get(entry.id)  # it may have ended since it was read


def queue_lock(store: RunStore, timeout: float = FILE_LOCK_TIMEOUT_SECONDS) -> AbstractContextManager[None]:
    """Changes of the queue, from whichever process, happen one after the other."""
    return Job(store.runs_folder / "any").lock(timeout)
