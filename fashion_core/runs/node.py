"""A run's training on a node of a cluster, in a folder of its own; its reports are collected from outside.

What goes in and comes out are plain values: Ray's own processes in between, which do not know this program, unpack and
pack them again.
"""

import logging
import threading
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import numpy as np

from fashion_core.data import Dataset
from fashion_core.data.classes import make_classes
from fashion_core.data.dataset import PartName
from fashion_core.errors import FashionError, JobCancelled
from fashion_core.models import registry
from fashion_core.models.threads import set_torch_threads
from fashion_core.runs import checkpoint
from fashion_core.runs.execute import describe_hardware, library_versions, train_and_score_run
from fashion_core.runs.store import EXPORTED_FILES, RunEntry, RunStore
from fashion_core.storage.files import write_atomically
from fashion_core.training.trainer import EpochResult, TrainingDivergedError

TRAINING_STOP_TIMEOUT_SECONDS = 1.0  # seconds that a step may take until the training notices that it is to stop


TRANSFERRED_ATTRIBUTES = ("name", "title", "source", "fingerprint", "test_fingerprint")


class TransferredDataset(Dataset):
    """A data set that was sent here, so that all nodes have the same images."""

    folder = None
    test_fingerprint = ""

    def __init__(self, packed: Mapping[str, Any]) -> None:
        for attribute in TRANSFERRED_ATTRIBUTES:
            setattr(self, attribute, packed[attribute])
        self.classes = make_classes(packed["classes"])
        self.validation_indices, self.folds = packed["validation_indices"], packed["folds"]
        self._parts = {"train": packed["train"], "test": packed["test"]}
        self._views: dict[PartName, np.ndarray] = packed["views"]

    @staticmethod
    def pack(dataset: Dataset) -> dict[str, Any]:
        """What another process makes ``dataset`` from: uint8 arrays and names."""
        return {
            **{attribute: getattr(dataset, attribute) for attribute in TRANSFERRED_ATTRIBUTES},
            "classes": list(dataset.classes.names),
            "validation_indices": dataset.validation_indices,
            "folds": dataset.folds,
            "train": dataset.published_train_arrays,
            "test": dataset.published_test_arrays,
            "views": {part: views for part in get_args(PartName) if (views := dataset.views(part)).shape[1] > 1},
        }

    def read_part(self, part: PartName) -> tuple[np.ndarray, np.ndarray]:
        images, labels = self._parts[part]
        return images, labels

    def views(self, part: PartName) -> np.ndarray:
        return self._views[part] if part in self._views else super().views(part)


class NodeTraining:
    """Trains a run in a thread of its own, beginning at once.

    ``folder``: where it may write. ``work``: "run", the run's name; "files", contents by path under ``folder``, of the
    run's folder and of the run it starts from; "data" as ``TransferredDataset.pack`` returns it; "threads" to compute
    on. ``checkpoint_bytes``: the file of the run's checkpoint, empty to begin at the beginning.
    """

    def __init__(self, folder: Path, work: Mapping[str, Any], checkpoint_bytes: bytes, process_name: str) -> None:
        for name, content in work["files"].items():
            write_atomically(folder / name, content)
        entry = RunStore(folder).get(work["run"])
        if checkpoint_bytes:
            checkpoint.write_checkpoint_bytes(entry.path, checkpoint_bytes)
        self.process_name = process_name
        self._lock, self._ended, self._stop = threading.Lock(), threading.Event(), threading.Event()
        self._reports: dict[str, Any] = {}
        arguments = (entry, TransferredDataset(work["data"]), work["threads"])
        self._thread = threading.Thread(target=self._train, args=arguments, daemon=True)
        self._thread.start()

    def collect_reports(self, seconds: float) -> dict[str, Any]:
        """What has happened since the last call; returns after ``seconds``, or when the training ends.

        "record": fields of the record that are known at the start; "process": its name; "step": steps done and their
        total; "checkpoint": its file; "end": last of all, "state", "reason", fields of the "record", and "files".
        """
        self._ended.wait(seconds)
        with self._lock:
            reports, self._reports = self._reports, {}
        return reports

    def stop(self) -> None:
        """Have the training end at its next step, and wait for that a moment."""
        self._stop.set()
        self._thread.join(TRAINING_STOP_TIMEOUT_SECONDS)

    def _train(self, entry: RunEntry, dataset: Dataset, threads: int) -> None:
        assert entry.record is not None
        try:
            set_torch_threads(threads)
            n_parameters = registry.build_classifier(entry.record.config, len(dataset.classes)).n_parameters
            record = {"hardware": describe_hardware(), "versions": library_versions(), "n_parameters": n_parameters}
            self._report(record=record, process=self.process_name)
            finished = train_and_score_run(
                entry, dataset, on_epoch=lambda result: self._on_epoch(entry, result), on_step=self._on_step
            )
            fields = ("seconds", "best_epoch", "metrics", "never_predicted")
            self._report_end(entry, "finished", record={name: getattr(finished, name) for name in fields})
        except JobCancelled:
            pass
        except TrainingDivergedError as error:
            self._report_end(entry, "diverged", str(error))
        except FashionError as error:
            self._report_end(entry, "failed", str(error))
        except Exception:
            logging.getLogger("node").exception("training failed")
            reason = "The training stopped unexpectedly; see its log."
            self._report_end(entry, "failed", reason, traceback=traceback.format_exc())
        finally:
            self._ended.set()

    def _on_epoch(self, entry: RunEntry, result: EpochResult) -> None:
        self._report(checkpoint=checkpoint.read_checkpoint_bytes(entry.path))
        self._raise_if_stopped()

    def _on_step(self, step: int, n_steps: int) -> None:
        self._report(step=(step, n_steps))
        self._raise_if_stopped()

    def _report_end(self, entry: RunEntry, state: str, reason: str = "", **more: Any) -> None:
        paths = [entry.path / name for name in EXPORTED_FILES if name != "run.json"]
        files = {path.name: path.read_bytes() for path in paths if path.exists()}
        self._report(end={"state": state, "reason": reason, "files": files, **more})

    def _report(self, **values: Any) -> None:
        with self._lock:
            self._reports |= values

    def _raise_if_stopped(self) -> None:
        if self._stop.is_set():
            raise JobCancelled("Stopped.")
