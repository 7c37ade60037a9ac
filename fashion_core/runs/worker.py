"""The process that trains one run: ``python -m fashion_core.runs.worker FOLDER [--data DIR | --stand-in]``."""

import argparse
import dataclasses
import json
import logging
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from filelock import AcquireReturnProxy, FileLock, Timeout

from fashion_core.data import Dataset
from fashion_core.errors import FashionError, RunError
from fashion_core.runs import checkpoint, cluster, job, process, queue
from fashion_core.runs.execute import train_run
from fashion_core.runs.job import ALIVE, CANCEL, PROGRESS
from fashion_core.runs.record import RunRecord
from fashion_core.runs.store import RunEntry, RunStore
from fashion_core.storage.files import write_atomically
from fashion_core.training.distributed import ProcessGroup
from fashion_core.training.trainer import SINGLE_PROCESS, EpochResult, TrainingDivergedError

STEP_INTERVAL = 0.5  # seconds between two progress lines within an epoch
POLL_INTERVAL = 0.3  # seconds between two looks at whether it is this run's turn
CANCEL_INTERVAL = 0.1  # seconds between two looks at whether the run is to stop
LETTING_GO = 5.0  # seconds for a cluster to be told that nothing more is wanted of it
PATIENCE = 10.0  # seconds for the lock ``alive``: whoever looks whether it is held has it for a moment
TURN = ".turn"


class Cancelled(FashionError):
    """The user asked the run to stop."""


def train_when_due(
    entry: RunEntry,
    dataset: Dataset,
    *,
    on_epoch: Callable[[EpochResult], None] = lambda r: None,
    ending: AbstractContextManager[object] | None = None,
    group: ProcessGroup = SINGLE_PROCESS,
) -> RunRecord:
    """Wait for this run's turn, train it and return its final record, whatever became of it.

    Holds the lock ``alive`` in the folder throughout, so that others can tell a live run from an interrupted one,
    and one of the locks ``.turn`` beside the folders while training, so that no more runs train at a time than may.
    Both end with the process, however it ends. ``ending`` is held while the final record is written.
    ``group``: the processes that train it together, this one being the first.

    Raises ``RunError`` when the run is in training elsewhere, has ended, or its record cannot be written.
    """
    try:
        alive = FileLock(entry.path / ALIVE).acquire(timeout=PATIENCE)
    except Timeout as error:
        raise RunError(f"The run {entry.id} is waiting or in training already.") from error
    with alive:
        try:
            threads = _begin(entry, dataset)
            with _turn(entry):
                reporter = _Reporter(entry.path, on_epoch)
                address = job.cluster_address() if group.size == 1 else ""
                if address:
                    return cluster.train_run_on_cluster(
                        entry,
                        dataset,
                        address,
                        threads=threads,
                        on_epoch=reporter.epoch,
                        on_step=reporter.step,
                        on_begin=reporter.begin,
                        on_wait=lambda: _raise_if_cancelled(entry.path),
                        ending=ending,
                    )
                process.set_torch_threads(threads)
                return train_run(
                    entry, dataset, on_epoch=reporter.epoch, on_step=reporter.step, commit_lock=ending, group=group
                )
        except _NotOurs as reason:
            raise RunError(str(reason)) from reason
        except Cancelled as reason:
            state, told = "cancelled", str(reason)
        except TrainingDivergedError as reason:
            state, told = "diverged", str(reason)
        except FashionError as reason:
            state, told = "failed", str(reason)
        except OSError as error:
            state, told = "failed", f"The run could not be written ({error.strerror}). Free some space and resume it."
        except KeyboardInterrupt:
            state, told = "cancelled", "Interrupted from the keyboard."
        with ending or nullcontext():
            record = RunStore.update_record(entry.path, state=state, reason=told)
            if record.state == "diverged":
                checkpoint.remove_checkpoint(entry.path)
        return record


class _NotOurs(RunError):
    """The run has ended in the meantime, and its record stays as it is."""


def _begin(entry: RunEntry, dataset: Dataset) -> int:
    """Make sure that the run is still to be trained; returns the number of threads for it."""
    with queue.queue_lock(RunStore(entry.path.parent)):
        record = _current(entry)
        _raise_if_cancelled(entry.path)
        if record.state not in job.LIVE_PHASES:
            raise _NotOurs(f"The run {entry.id} is {record.state}. Resume it, or start another.")
        job.mark_started(entry.path, os.getpid())
        how = job.read(entry.path)
        if how is None:
            how = job.new_job(dataset)
            write_atomically(entry.path / job.JOB, how.to_json())
    return how.threads


class _Reporter:
    """Writes progress lines and notices the wish to cancel.

    It begins with the epochs of the checkpoint, whatever a process that was killed had written after or instead.
    """

    def __init__(self, folder: Path, on_epoch: Callable[[EpochResult], None]) -> None:
        self.folder, self.on_epoch = folder, on_epoch
        kept = checkpoint.load_checkpoint(folder)
        epochs = [] if kept is None else [_json(dataclasses.asdict(result)) for result in kept.epoch_results]
        write_atomically(folder / PROGRESS, "".join(epochs).encode())
        self.last = 0.0
        self.begin()

    def begin(self) -> None:
        """Count the time from now on, after what the checkpoint's epochs took."""
        kept = checkpoint.load_checkpoint(self.folder)
        self.since = time.time() - (0 if kept is None else kept.seconds)

    def step(self, step: int, n_steps: int) -> None:
        now = time.time()
        if now - self.last < STEP_INTERVAL and step < n_steps:
            return
        self.last = now
        _raise_if_cancelled(self.folder)
        self._line({"step": step, "n_steps": n_steps, "elapsed": round(now - self.since, 2)})

    def epoch(self, result: EpochResult) -> None:
        self._line(dataclasses.asdict(result))
        self.on_epoch(result)
        _raise_if_cancelled(self.folder)

    def _line(self, values: Mapping[str, object]) -> None:
        with (self.folder / PROGRESS).open("a", encoding="utf-8") as file:
            file.write(_json(values))


def _json(values: Mapping[str, object]) -> str:
    return json.dumps(values) + "\n"


def _turn(entry: RunEntry) -> AcquireReturnProxy:
    """One of the locks that let so many runs train at a time; raises ``Cancelled`` if asked to stop while waiting."""
    names = [f"{TURN}-{number}" if number else TURN for number in range(job.max_parallel_runs())]
    while True:
        _raise_if_cancelled(entry.path)
        for name in names:
            try:
                return FileLock(entry.path.parent / name).acquire(timeout=0)
            except Timeout:
                continue
        time.sleep(POLL_INTERVAL)


def _raise_if_cancelled(folder: Path) -> None:
    if (folder / CANCEL).exists():
        raise Cancelled("Cancelled.")


def _current(entry: RunEntry) -> RunRecord:
    return RunRecord.from_json((entry.path / "run.json").read_text(encoding="utf-8"))


def end_when_cancelled(
    entry: RunEntry, store: RunStore, ending: AbstractContextManager[object], patience: float = 0.0
) -> None:
    """End this process as soon as the run is to stop, whatever it is computing; the last checkpoint is whole.

    A step, a k-means start or the scoring may take longer than one wants to wait for. ``patience``: seconds that the
    process has to end by itself.
    """
    while not (entry.path / CANCEL).exists():
        time.sleep(CANCEL_INTERVAL)
    time.sleep(patience)
    with ending:  # never let go again: nothing may be written after
        try:
            record = _current(entry)
            if record.state in job.LIVE_PHASES:
                RunStore.update_record(entry.path, state="cancelled", reason="Cancelled.")
            logging.getLogger("worker").info("cancelled")
            queue.start_waiting_runs(store)
        finally:
            os._exit(1)


def main(arguments: Sequence[str] | None = None, dataset: Dataset | None = None) -> int:
    """Train the run in the folder named on the command line; exit 0 when it finished.

    ``dataset``: what the command line names, where it has been read already.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    process.add_dataset_arguments(parser)
    args = parser.parse_args(arguments)
    process.lower_priority()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    log = logging.getLogger("worker")
    store = RunStore(args.folder.parent)
    entry = store.get(args.folder.name)
    if entry.record is None:
        log.error("%s", entry.damage)
        return 1
    ending = threading.Lock()
    patience = LETTING_GO if job.cluster_address() else 0.0
    threading.Thread(target=end_when_cancelled, args=(entry, store, ending, patience), daemon=True).start()
    state = "failed"
    try:
        dataset = dataset or process.dataset_from_arguments(args)
        if dataset.fingerprint != entry.record.data.fingerprint:
            raise RunError("The data was replaced after this run was started. Start it again.")
        record = train_when_due(entry, dataset, on_epoch=lambda result: log.info("%s", result), ending=ending)
        state = record.state
        log.info("%s %s", record.state, record.reason)
    except Exception as error:
        # the last one to know: nobody reads this process's exit, so the folder must tell what happened
        log.exception("training failed")
        _tell_failure(entry, str(error) if isinstance(error, FashionError) else "", ending)
    queue.start_waiting_runs(store)
    return 0 if state == "finished" else 1


def _tell_failure(entry: RunEntry, reason: str, ending: AbstractContextManager[object]) -> None:
    """Note in the record why the run failed, unless it has ended otherwise or another process is at it."""
    try:
        with FileLock(entry.path / ALIVE).acquire(timeout=PATIENCE), ending:
            record = _current(entry)
            if record.state in job.LIVE_PHASES:
                told = reason or "The training stopped unexpectedly; see its log."
                RunStore.update_record(entry.path, state="failed", reason=told)
    except (FashionError, OSError):  # Timeout is an OSError
        logging.getLogger("worker").exception("the failure could not be noted either")


if __name__ == "__main__":
    raise SystemExit(main())
