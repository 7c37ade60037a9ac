"""The process that trains one run: ``python -m fashion_core.runs.worker FOLDER [--data DIR | --stand-in]``."""

import argparse
import dataclasses
import json
import logging
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from filelock import FileLock, Timeout

from fashion_core.data import Dataset
from fashion_core.errors import FashionError, RunError
from fashion_core.runs import checkpoint, process
from fashion_core.runs.execute import execute
from fashion_core.runs.files import write_whole
from fashion_core.runs.record import RunRecord
from fashion_core.runs.store import RunEntry, RunStore
from fashion_core.training.loop import Diverged, EpochResult

STEP_INTERVAL = 0.5  # seconds between two progress lines within an epoch
POLL_INTERVAL = 0.3  # seconds between two looks at whether it is this run's turn
ALIVE, PROGRESS, CANCEL, LOG, TURN = "alive", "progress.jsonl", "cancel", "log.txt", ".turn"


class Cancelled(FashionError):
    """The user asked the run to stop."""


def train(entry: RunEntry, dataset: Dataset, *, on_epoch: Callable[[EpochResult], None] = lambda r: None) -> RunRecord:
    """Wait for this run's turn, train it and return its final record, whatever became of it.

    Holds the lock ``alive`` in the folder throughout, so that others can tell a live run from an interrupted one,
    and the lock ``.turn`` beside the folders while training, so that one run trains at a time. Both end with the
    process, however it ends.
    """
    assert entry.record is not None
    with FileLock(entry.path / ALIVE):
        try:
            with _turn(entry):
                reporter = _Reporter(entry.path, on_epoch)
                return execute(entry, dataset, on_epoch=reporter.epoch, on_step=reporter.step)
        except Cancelled as reason:
            record = dataclasses.replace(_current(entry), state="cancelled", reason=str(reason))
        except Diverged as reason:
            record = dataclasses.replace(_current(entry), state="diverged", reason=str(reason))
        except FashionError as reason:
            record = dataclasses.replace(_current(entry), state="failed", reason=str(reason))
        except OSError as error:
            reason_text = f"The run could not be written ({error.strerror}). Free some space and train again."
            record = dataclasses.replace(_current(entry), state="failed", reason=reason_text)
        except KeyboardInterrupt:
            record = dataclasses.replace(_current(entry), state="cancelled", reason="Interrupted from the keyboard.")
        RunStore.save_record(entry.path, record)
        if record.state == "diverged":
            checkpoint.remove(entry.path)
        return record


class _Reporter:
    """Writes progress lines and notices the wish to cancel.

    It begins with the epochs of the checkpoint, whatever a process that was killed had written after or instead.
    """

    def __init__(self, folder: Path, on_epoch: Callable[[EpochResult], None]) -> None:
        self.folder, self.on_epoch = folder, on_epoch
        kept = checkpoint.load(folder)
        epochs = [] if kept is None else [_json(dataclasses.asdict(result)) for result in kept.results]
        write_whole(folder / PROGRESS, "".join(epochs).encode())
        self.last = 0.0
        self.begin = time.time() - (0 if kept is None else kept.seconds)

    def step(self, step: int, n_steps: int) -> None:
        now = time.time()
        if now - self.last < STEP_INTERVAL and step < n_steps:
            return
        self.last = now
        _raise_if_cancelled(self.folder)
        self._line({"step": step, "n_steps": n_steps, "elapsed": round(now - self.begin, 2)})

    def epoch(self, result: EpochResult) -> None:
        self._line(dataclasses.asdict(result))
        self.on_epoch(result)
        _raise_if_cancelled(self.folder)

    def _line(self, values: dict[str, object]) -> None:
        with (self.folder / PROGRESS).open("a", encoding="utf-8") as file:
            file.write(_json(values))


def _json(values: Mapping[str, object]) -> str:
    return json.dumps(values) + "\n"


def _turn(entry: RunEntry) -> FileLock:
    """The lock that lets one run train at a time, acquired; raises ``Cancelled`` if asked to stop while waiting."""
    lock = FileLock(entry.path.parent / TURN)
    while True:
        _raise_if_cancelled(entry.path)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            time.sleep(POLL_INTERVAL)
        else:
            return lock


def _raise_if_cancelled(folder: Path) -> None:
    if (folder / CANCEL).exists():
        raise Cancelled("Cancelled.")


def _current(entry: RunEntry) -> RunRecord:
    return RunRecord.from_json((entry.path / "run.json").read_text(encoding="utf-8"))


def main() -> int:
    """Train the run in the folder named on the command line; exit 0 when it finished."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    process.add_data_arguments(parser)
    args = parser.parse_args()
    process.lower_priority()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    log = logging.getLogger("worker")
    entry = RunStore(args.folder.parent).get(args.folder.name)
    if entry.record is None:
        log.error("%s", entry.damage)
        return 1
    try:
        dataset = process.dataset_of(args)
        if dataset.fingerprint != entry.record.data.fingerprint:
            raise RunError("The data was replaced after this run was started. Start it again.")
        record = train(entry, dataset, on_epoch=lambda result: log.info("%s", result))
    except Exception as error:
        # the last one to know: nobody reads this process's exit, so the folder must tell what happened
        reason = str(error) if isinstance(error, FashionError) else "The training stopped unexpectedly; see its log."
        RunStore.save_record(entry.path, dataclasses.replace(entry.record, state="failed", reason=reason))
        log.exception("training failed")
        return 1
    log.info("%s %s", record.state, record.reason)
    return 0 if record.state == "finished" else 1


if __name__ == "__main__":
    raise SystemExit(main())
