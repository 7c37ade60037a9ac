"""Training one run, in the process of its job or in this one, from its turn to its final record."""

import dataclasses
import importlib
import itertools
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from fashion_core.data import Dataset
from fashion_core.data.loading import load_dataset_from_location
from fashion_core.errors import FashionError, JobCancelled, JobError, RunError
from fashion_core.jobs.job import PROGRESS_FILE, Job, list_jobs
from fashion_core.jobs.progress import progress_line
from fashion_core.jobs.worker import UNEXPECTED_ERROR, RunningJob, run_job
from fashion_core.models.registry import get_model_spec
from fashion_core.models.threads import set_torch_threads
from fashion_core.runs import cluster
from fashion_core.runs.capacity import cluster_address, max_parallel_runs
from fashion_core.runs.checkpoint import load_checkpoint, remove_checkpoint
from fashion_core.runs.execute import train_and_score_run
from fashion_core.runs.queue import LIVE_PHASES, resumed_job_spec, start_waiting_runs
from fashion_core.runs.record import RunRecord, RunState
from fashion_core.runs.store import RunEntry, RunStore
from fashion_core.storage.access import add_training_seconds, training_seconds_left
from fashion_core.storage.files import write_atomically
from fashion_core.training.distributed import ProcessGroup
from fashion_core.training.trainer import SINGLE_PROCESS, EpochResult, TrainingDivergedError

STEP_REPORT_INTERVAL_SECONDS = 0.5  # between two progress lines within an epoch
TIME_COUNT_INTERVAL_SECONDS = 5.0  # between two times that training is counted against the visitor's minutes
TURN_POLL_SECONDS = 0.3  # between two checks whether it is this run's turn
TRAINING_TIME_USED_UP = "Your minutes of training are used up. Ask the owner of this dashboard for more."
CLUSTER_CANCEL_GRACE_SECONDS = 5.0  # seconds for a cluster to stop what it does for a cancelled run

log = logging.getLogger("worker")


def run_training(running: RunningJob) -> None:
    """Train the run in the job's folder. Its record says how that ended."""
    folder = running.job.folder
    store = RunStore(folder.parent)
    running.on_end = lambda: start_waiting_runs(store)
    clock = _TrainingClock()

    def end_cancelled() -> None:
        _end_if_live(folder, "cancelled", "Cancelled.")
        clock.count()

    running.on_cancel = end_cancelled
    running.cancel_grace = CLUSTER_CANCEL_GRACE_SECONDS if cluster_address() else 0.0
    try:
        entry = store.get(folder.name)
        if entry.record is None:
            raise RunError(f"The run {entry.id} is damaged. {entry.damage}")
        importing = threading.Thread(target=importlib.import_module, args=("torch",), daemon=True)
        importing.start()  # takes longest; the data set is read meanwhile
        dataset = load_dataset_from_location(running.spec.arguments["data"])
        dataset.published_train_arrays  # noqa: B018 -- reads it
        importing.join()
        if dataset.fingerprint != entry.record.data.fingerprint:
            raise RunError("The data was replaced after this run was started. Start it again.")
        record = _train(running, entry, dataset, lambda result: log.info("%s", result), SINGLE_PROCESS, clock)
    except Exception as error:
        with running.commit_lock:
            _end_if_live(folder, "failed", str(error) if isinstance(error, FashionError) else UNEXPECTED_ERROR)
        raise
    finally:
        clock.count()
    log.info("%s %s", record.state, record.reason)


def train_in_foreground(
    entry: RunEntry,
    dataset: Dataset,
    *,
    on_epoch: Callable[[EpochResult], None] = lambda result: None,
    on_wait: Callable[[], None] = lambda: None,
    group: ProcessGroup = SINGLE_PROCESS,
) -> RunRecord:
    """Wait for this run's turn, train it in this process and return its final record, however it ended.

    ``on_wait`` is called once if it isn't this run's turn yet. ``group``: the processes that train it together, this
    one being the first.

    Raises ``RunError`` when the run is in training elsewhere, has ended, or its record cannot be written.
    """
    job = Job(entry.path)
    record = RunStore.read_entry(entry.path, entry.origin).record
    if record is None or record.state not in LIVE_PHASES:
        raise RunError(f"The run {entry.id} is {record.state if record else 'damaged'}. Resume it, or start another.")
    try:
        with job.lock():
            if not job.process():
                job.create_or_replace(resumed_job_spec(job, dataset))
        with run_job(job, waiting=True) as running:
            return _train(running, entry, dataset, on_epoch, group, _TrainingClock(), on_wait)
    except JobError as error:
        raise RunError(f"The run {entry.id} is waiting or in training already.") from error


def _train(
    running: RunningJob,
    entry: RunEntry,
    dataset: Dataset,
    on_epoch: Callable[[EpochResult], None],
    group: ProcessGroup,
    clock: "_TrainingClock",
    on_wait: Callable[[], None] = lambda: None,
) -> RunRecord:
    try:
        _wait_for_turn(running, on_wait)
        reporter = _Reporter(running, on_epoch, clock)
        assert entry.record is not None
        # pictures in colour are not sent to a cluster
        takes_images = get_model_spec(entry.record.model).inputs == "images"
        address = cluster_address() if group.size == 1 and takes_images else ""
        if address:
            return cluster.train_run_on_cluster(
                entry,
                dataset,
                address,
                threads=running.spec.threads,
                on_epoch=reporter.report_epoch,
                on_step=reporter.report_step,
                on_begin=reporter.begin,
                on_wait=running.raise_if_cancelled,
                commit_lock=running.commit_lock,
            )
        set_torch_threads(running.spec.threads)
        return train_and_score_run(
            entry,
            dataset,
            on_epoch=reporter.report_epoch,
            on_step=reporter.report_step,
            commit_lock=running.commit_lock,
            group=group,
        )
    except (FashionError, OSError, KeyboardInterrupt) as error:
        state, reason = _end_state(error)
        with running.commit_lock:
            record = RunStore.update_record(entry.path, state=state, reason=reason)
            if state == "diverged":
                remove_checkpoint(entry.path)
        return record


def _end_state(error: BaseException) -> tuple[RunState, str]:
    """The state and the reason of a run that ``error`` ended."""
    if isinstance(error, JobCancelled):
        return "cancelled", str(error)
    if isinstance(error, TrainingDivergedError):
        return "diverged", str(error)
    if isinstance(error, KeyboardInterrupt):
        return "cancelled", "Interrupted from the keyboard."
    if isinstance(error, OSError):
        return "failed", f"The run could not be written ({error.strerror}). Free some space and resume it."
    return "failed", str(error)


def _end_if_live(folder: Path, state: RunState, reason: str) -> None:
    """Write down why the run ended, unless it has ended otherwise."""
    record = RunStore.read_entry(folder, "mine").record
    if record is not None and record.state in LIVE_PHASES:
        RunStore.update_record(folder, state=state, reason=reason)


def _wait_for_turn(running: RunningJob, on_wait: Callable[[], None]) -> None:
    """Wait until fewer runs train than may, and be one of them; raises ``JobCancelled`` if asked to stop meanwhile."""
    job = running.job
    for attempt in itertools.count():
        running.raise_if_cancelled()
        with job.lock():
            others = [other for other in list_jobs(job.folder.parent) if other != job]
            if job.is_working() or sum(other.is_working() for other in others) < max_parallel_runs():
                job.claim()
                return
        if attempt == 0:
            on_wait()
        time.sleep(TURN_POLL_SECONDS)


class _Reporter:
    """Writes progress lines, and ends the training when the run was cancelled.

    It begins with the epochs of the checkpoint, whatever a process that was killed had written after or instead.
    """

    def __init__(self, running: RunningJob, on_epoch: Callable[[EpochResult], None], clock: "_TrainingClock") -> None:
        self.running, self.on_epoch, self.clock = running, on_epoch, clock
        checkpoint = load_checkpoint(running.job.folder)
        epochs = [] if checkpoint is None else [progress_line(dataclasses.asdict(r)) for r in checkpoint.epoch_results]
        write_atomically(running.job.folder / PROGRESS_FILE, "".join(epochs).encode())
        self.last_report = 0.0
        self._count_time()
        self.begin()

    def begin(self) -> None:
        """Count the time from now on, after what the checkpoint's epochs took."""
        checkpoint = load_checkpoint(self.running.job.folder)
        self.start = time.monotonic() - (0 if checkpoint is None else checkpoint.seconds)

    def report_step(self, step: int, n_steps: int) -> None:
        now = time.monotonic()
        if now - self.last_report < STEP_REPORT_INTERVAL_SECONDS and step < n_steps:
            return
        self.last_report = now
        self._raise_if_over()
        self.running.job.report({"step": step, "n_steps": n_steps, "elapsed": round(now - self.start, 2)})

    def report_epoch(self, result: EpochResult) -> None:
        self.running.job.report(dataclasses.asdict(result))
        self.on_epoch(result)
        self._raise_if_over()

    def _raise_if_over(self) -> None:
        self.running.raise_if_cancelled()
        if time.monotonic() > self.next_count:
            self._count_time()
        if time.monotonic() > self.deadline:
            raise JobCancelled(TRAINING_TIME_USED_UP)

    def _count_time(self) -> None:
        self.clock.count()
        self.next_count = time.monotonic() + TIME_COUNT_INTERVAL_SECONDS
        self.deadline = time.monotonic() + training_seconds_left()


class _TrainingClock:
    """Counts the time against the visitor's minutes as it passes: runs that train at the same time share them."""

    def __init__(self) -> None:
        self._counted_until, self._lock = time.monotonic(), threading.Lock()

    def count(self) -> None:
        """Count the time since the last call, or since the start."""
        with self._lock:
            now = time.monotonic()
            add_training_seconds(now - self._counted_until)
            self._counted_until = now
