"""A run's training on a node of a cluster: ``execute`` as everywhere, in a folder of its own, asked for news.

What it is given and what it answers are plain values, since Ray's own processes in between, which do not know this
program, unpack and pack them again.
"""

import logging
import threading
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np

from fashion_core.data import Dataset
from fashion_core.errors import FashionError
from fashion_core.models import registry
from fashion_core.models.threads import set_torch_threads
from fashion_core.runs import checkpoint
from fashion_core.runs.execute import describe_hardware, library_versions, train_run
from fashion_core.runs.store import EXPORTED_FILES, RunEntry, RunStore
from fashion_core.storage.files import write_atomically
from fashion_core.training.trainer import EpochResult, TrainingDivergedError

TRAINING_STOP_TIMEOUT = 1.0  # seconds that a step may take until the training notices that it is to stop


class TransferredDataset(Dataset):
    """The data set as it was sent along: no two nodes could have different images."""

    folder = None

    def __init__(self, told: Mapping[str, Any]) -> None:
        self.source, self.title, self.fingerprint = told["source"], told["title"], told["fingerprint"]
        self._parts = {"train": told["train"], "test": told["test"]}

    @staticmethod
    def pack(dataset: Dataset) -> dict[str, Any]:
        """What another process makes ``dataset`` from: arrays uint8, and its names."""
        return {
            "source": dataset.source,
            "title": dataset.title,
            "fingerprint": dataset.fingerprint,
            "train": dataset.published_train_arrays,
            "test": dataset.published_test_arrays,
        }

    def read_part(self, part: Literal["train", "test"]) -> tuple[np.ndarray, np.ndarray]:
        images, labels = self._parts[part]
        return images, labels


class _Stopped(FashionError):
    """Nobody waits for this training any more."""


class NodeTraining:
    """Trains a run in a thread of its own, beginning at once.

    ``folder``: where it may write. ``given``: "files", contents by path under ``folder``, among them the folder of the
    run named "run" and of the run it starts from; "data" as ``Sent.packed`` gives it; "threads" to compute on.
    ``kept``: the file of the run's checkpoint, empty to begin at the beginning. ``place``: what to call this process.
    """

    def __init__(self, folder: Path, given: Mapping[str, Any], kept: bytes, place: str) -> None:
        for name, content in given["files"].items():
            write_atomically(folder / name, content)
        entry = RunStore(folder).get(given["run"])
        if kept:
            checkpoint.write_checkpoint_bytes(entry.path, kept)
        self.process_name = place
        self._lock, self._over, self._stopping = threading.Lock(), threading.Event(), threading.Event()
        self._news: dict[str, Any] = {}
        arguments = (entry, TransferredDataset(given["data"]), given["threads"])
        self._thread = threading.Thread(target=self._train, args=arguments, daemon=True)
        self._thread.start()

    def collect_reports(self, seconds: float) -> dict[str, Any]:
        """What has happened since the last call; answers after ``seconds``, or when the training ends.

        "begun": fields of the record that are known now; "place": which process; "step": steps done and their total;
        "kept": the file of the checkpoint; "end": last of all, "state", "reason", fields of the "record", and "files".
        """
        self._over.wait(seconds)
        with self._lock:
            news, self._news = self._news, {}
        return news

    def stop(self) -> None:
        """Have the training end at its next step, and wait for that a moment."""
        self._stopping.set()
        self._thread.join(TRAINING_STOP_TIMEOUT)

    def _train(self, entry: RunEntry, dataset: Dataset, threads: int) -> None:
        assert entry.record is not None
        try:
            set_torch_threads(threads)
            n_parameters = registry.build_classifier(entry.record.config).n_parameters
            begun = {"hardware": describe_hardware(), "versions": library_versions(), "n_parameters": n_parameters}
            self._tell(begun=begun, place=self.process_name)
            record = train_run(entry, dataset, on_epoch=lambda result: self._epoch(entry, result), on_step=self._step)
            fields = ("seconds", "best_epoch", "metrics", "never_predicted")
            self._end(entry, "finished", record={name: getattr(record, name) for name in fields})
        except _Stopped:
            pass
        except TrainingDivergedError as reason:
            self._end(entry, "diverged", str(reason))
        except FashionError as reason:
            self._end(entry, "failed", str(reason))
        except Exception:
            logging.getLogger("node").exception("training failed")
            self._end(entry, "failed", "The training stopped unexpectedly; see its log.", trace=traceback.format_exc())
        finally:
            self._over.set()

    def _epoch(self, entry: RunEntry, result: EpochResult) -> None:
        self._tell(kept=checkpoint.read_checkpoint_bytes(entry.path))
        self._raise_if_stopping()

    def _step(self, step: int, n_steps: int) -> None:
        self._tell(step=(step, n_steps))
        self._raise_if_stopping()

    def _raise_if_stopping(self) -> None:
        if self._stopping.is_set():
            raise _Stopped("Stopped.")

    def _end(self, entry: RunEntry, state: str, reason: str = "", **more: Any) -> None:
        results = [entry.path / name for name in EXPORTED_FILES if name != "run.json"]
        files = {path.name: path.read_bytes() for path in results if path.exists()}
        self._tell(end={"state": state, "reason": reason, "files": files, **more})

    def _tell(self, **news: Any) -> None:
        with self._lock:
            self._news |= news
