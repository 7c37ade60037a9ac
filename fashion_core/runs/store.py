"""Run folders: the shipped runs (the zoo) and the user's own, listed and read in the same way.

Nothing is unpickled: weights are safetensors, arrays are NumPy's without objects, the rest is JSON and CSV.
"""

import dataclasses
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from fashion_core.analysis.predictions import Predictions
from fashion_core.errors import RunError, StorageError
from fashion_core.jobs.job import END_FILE, JOB_FILE, LOG_FILE
from fashion_core.models import registry
from fashion_core.models.base import Classifier
from fashion_core.models.ensemble import EnsembleClassifier
from fashion_core.runs.history_file import read_history
from fashion_core.runs.record import DataInfo, RunRecord, check_run_id
from fashion_core.storage.access import check_change
from fashion_core.storage.arrays import arrays_from_npz_bytes, arrays_to_npz_bytes
from fashion_core.storage.files import delete_folder, read_file, unfinished_folder, write_atomically
from fashion_core.storage.folder import user_data_folder
from fashion_core.storage.locks import lock

if TYPE_CHECKING:
    import pandas as pd

ZOO_FOLDER = Path(__file__).resolve().parent.parent / "zoo"
EXPORTED_FILES = ("run.json", "weights.safetensors", "history.csv", "test.npz")
RUN_FILES = (*EXPORTED_FILES, JOB_FILE, END_FILE, LOG_FILE)  # a folder with one of them is a run's, even a damaged one
MAX_FILE_BYTES = 200 * 2**20
MAX_TEXT_BYTES = 2**20  # of run.json, and of an imported history.csv


@dataclass(frozen=True)
class RunEntry:
    """A run folder. Either ``record`` is there, or ``damage`` says why it cannot be read."""

    id: str
    path: Path
    origin: Literal["zoo", "mine"]
    record: RunRecord | None
    damage: str | None = None

    @property
    def title(self) -> str:
        """Name to show."""
        return self.record.title if self.record else self.id

    @property
    def has_predictions(self) -> bool:
        """Whether the run was scored on its test split."""
        return self.record is not None and self.record.state == "finished"


class RunStore:
    """The zoo and the runs under ``root`` (default: ``runs`` in the per-user folder)."""

    def __init__(self, root: Path | None = None, zoo: Path = ZOO_FOLDER) -> None:
        self.runs_folder = root if root is not None else user_data_folder() / "runs"
        self.zoo_folder = zoo

    def entries(self) -> list[RunEntry]:
        """Every run: the zoo in the registry's order, then the user's, newest first; damaged ones included."""
        order = list(registry.MODELS)
        zoo = [_shipped_entry(path, _files_version(path)) for path in _folders(self.zoo_folder)]
        zoo.sort(
            key=lambda e: (
                (e.record.config.output_activation == "relu", order.index(e.record.model), e.id)
                if e.record
                else (True, len(order), e.id)
            )
        )
        return zoo + self.own_entries()

    def own_entries(self) -> list[RunEntry]:
        """The user's runs, newest first; damaged ones included."""
        mine = [self.read_entry(path, "mine") for path in _folders(self.runs_folder)]
        mine = [_with_name_conflict(entry) if (self.zoo_folder / entry.id).is_dir() else entry for entry in mine]
        return sorted(mine, key=lambda e: e.record.created if e.record else "", reverse=True)

    def get(self, run_id: str) -> RunEntry:
        """The run called ``run_id``; raises ``RunError`` if there is none."""
        check_run_id(run_id)
        if (shipped := self.zoo_folder / run_id).is_dir():
            return self.read_entry(shipped, "zoo")
        if (own := self.runs_folder / run_id).is_dir():
            return self.read_entry(own, "mine")
        raise RunError(f"There is no run named {run_id!r}. `python -m fashion_core runs list` names those there are.")

    def load_history(self, entry: RunEntry) -> "pd.DataFrame":
        """One row an epoch with the columns of ``history.csv``; raises ``RunError`` when it cannot be read."""
        self._usable(entry)
        return read_history(entry.path)

    def load_predictions(self, entry: RunEntry) -> Predictions:
        """The run's predictions on its test split; raises ``RunError`` when absent, damaged or of the wrong shape."""
        record = self._usable(entry)
        if record.state != "finished":
            raise RunError(f"The run {entry.id} has no predictions yet: it is {record.state}.")
        try:
            names = ("probabilities", "labels", *(("folds",) if record.data.n_folds else ()))
            content = (entry.path / "test.npz").read_bytes()
            arrays = arrays_from_npz_bytes(content, names, max_bytes=max_predictions_bytes(record.data))
            probabilities = arrays["probabilities"].astype(np.float32, casting="same_kind")
            labels = arrays["labels"]
        except (OSError, StorageError, TypeError) as error:  # TypeError: texts or complex numbers
            raise RunError(f"The predictions of run {entry.id} cannot be read. Import or train it again.") from error
        n, n_classes = record.data.n_test, len(record.data.classes)
        fits = probabilities.shape == (n, n_classes) and labels.shape == (n,) and labels.dtype == np.uint8
        folds = arrays.get("folds")
        fits = fits and (folds is None or (folds.shape == (n,) and folds.dtype == np.uint8))
        proper = fits and np.isfinite(probabilities).all() and bool((probabilities >= 0).all())
        if not proper or (n and labels.max() >= n_classes):
            raise RunError(f"The predictions of run {entry.id} do not fit its {n:,} test images. Train it again.")
        return Predictions(probabilities, labels, folds)

    def load_classifier(self, entry: RunEntry) -> Classifier:
        """The run's model with its weights; raises ``RunError`` when they are absent, damaged or foreign."""
        record = self._usable(entry)
        classifier = build_classifier_of_run(record)
        classifier.load_state_dict(read_weights(entry.path / "weights.safetensors"))
        return classifier

    def get_with_weights(self, run_id: str, weights: str) -> RunEntry:
        """The run called ``run_id``; raises ``RunError`` unless the hash of its weights is ``weights``."""
        run = self.get(run_id)
        if hash_weights(run.path) != weights:
            raise RunError(f"The run {run_id} was replaced since this started. Start it again.")
        return run

    def load_classifier_with_weights(self, run_id: str, weights: str) -> Classifier:
        """The model of the run that ``get_with_weights`` returns."""
        return self.load_classifier(self.get_with_weights(run_id, weights))

    def create_run(self, record: RunRecord, files: Mapping[str, bytes] | None = None) -> RunEntry:
        """Create the folder of a new run, with its record and ``files`` by name; it appears with all of them.

        Raises ``RunError`` when its name is taken, ``StorageError`` when nothing can be written, ``AccessError`` when
        the visitor may not.
        """
        check_change(runs=1, megabytes=1)
        folder = self.runs_folder / check_run_id(record.id)
        if (self.zoo_folder / record.id).exists():
            raise RunError(f"{record.id!r} is the name of a shipped run. Choose another name.")
        taken = f"There is a run named {record.id!r} already. Choose another name."
        if folder.exists():
            raise RunError(taken)
        with unfinished_folder(self.runs_folder) as unfinished:
            for name, content in (files or {}).items():
                write_atomically(unfinished / name, content)
            self.save_record(unfinished, record)
            try:
                unfinished.rename(folder)
            except OSError as error:  # another process was first
                raise RunError(taken) from error
        return RunEntry(record.id, folder, "mine", record)

    @staticmethod
    def save_record(folder: Path, record: RunRecord) -> None:
        """Write ``run.json`` whole or not at all."""
        write_atomically(folder / "run.json", record.to_json().encode())

    @staticmethod
    def update_record(folder: Path, **changes: Any) -> RunRecord:
        """Change fields of the record on disk, whatever other processes change; returns the new record.

        Raises ``RunError`` when it cannot be read, ``StorageError`` when it cannot be written.
        """
        with lock(folder / ".record"):
            try:
                record = RunRecord.from_json((folder / "run.json").read_text(encoding="utf-8"))
            except (OSError, UnicodeDecodeError) as error:
                raise RunError(f"The run.json in {folder} cannot be read.") from error
            record = dataclasses.replace(record, **changes)
            RunStore.save_record(folder, record)
        return record

    @staticmethod
    def save_weights_and_history(folder: Path, history: "pd.DataFrame", classifier: Classifier) -> None:
        """Write weights and history."""
        for name, content in weights_and_history_files(history, classifier).items():
            write_atomically(folder / name, content)

    @staticmethod
    def save_predictions(folder: Path, predictions: Predictions) -> None:
        """Write the predictions on the test split."""
        for name, content in predictions_files(predictions).items():
            write_atomically(folder / name, content)

    def delete_entry(self, entry: RunEntry) -> None:
        """Delete a run of the user's; ``queue.delete_run`` checks first whether it is in training.

        Raises ``RunError`` for a shipped run and other folders, ``StorageError`` when the folder cannot be deleted,
        ``AccessError`` when the visitor may not.
        """
        check_change()
        if entry.origin == "zoo" or entry.path.resolve().is_relative_to(self.zoo_folder.resolve()):
            raise RunError(f"{entry.id} is shipped with the program and stays.")
        inside = entry.path.parent.resolve() == self.runs_folder.resolve() and not entry.path.is_symlink()
        if not inside or not any((entry.path / name).is_file() for name in RUN_FILES):
            raise RunError(f"{entry.path} is no run folder in {self.runs_folder}, so it is not deleted.")
        delete_folder(entry.path)

    def _usable(self, entry: RunEntry) -> RunRecord:
        if entry.record is None:
            raise RunError(f"The run {entry.id} is damaged. {entry.damage}")
        return entry.record

    @staticmethod
    def read_entry(path: Path, origin: Literal["zoo", "mine"]) -> RunEntry:
        """The run in the folder ``path``; damage is noted, never raised."""
        try:
            record = _record(read_file(path / "run.json", MAX_TEXT_BYTES).decode())
            if record.state == "finished":
                for name in EXPORTED_FILES:
                    if not os.path.isfile(os.path.join(path, name)):  # pages ask often, and pathlib takes longer
                        raise RunError(f"Its {name} is missing.")
        except RunError as error:
            return RunEntry(path.name, path, origin, None, str(error))
        except (OSError, StorageError, UnicodeDecodeError):
            return RunEntry(path.name, path, origin, None, "Its run.json is missing or cannot be read.")
        return RunEntry(path.name, path, origin, record)


@lru_cache(maxsize=1024)
def _record(text: str) -> RunRecord:
    """The record in ``text``; pages read every run each second, and hardly any has changed."""
    return RunRecord.from_json(text)


def _with_name_conflict(entry: RunEntry) -> RunEntry:
    """A user's run whose folder has a shipped run's name is listed as damaged, so that it can't pass for that one."""
    reason = "Its folder has the name of a shipped run. Rename the folder."
    return RunEntry(f"{entry.id} (yours)", entry.path, entry.origin, None, reason)


def weights_and_history_files(history: "pd.DataFrame", classifier: Classifier) -> dict[str, bytes]:
    """The files of a run that hold its weights and its history, by name."""
    from safetensors.numpy import save

    return {
        "weights.safetensors": save(classifier.state_dict()),
        "history.csv": history.to_csv(index=False, float_format="%.6g").encode(),
    }


def predictions_files(predictions: Predictions) -> dict[str, bytes]:
    """The file of a run that holds its predictions on the test split, by name."""
    arrays = {"probabilities": predictions.probabilities.astype(np.float16), "labels": predictions.labels}
    if predictions.folds is not None:
        arrays["folds"] = predictions.folds
    return {"test.npz": arrays_to_npz_bytes(arrays)}


def max_predictions_bytes(data: DataInfo) -> int:
    """The most bytes of predictions on the test split, also unpacked: of each image, its probabilities, label, fold."""
    return min(MAX_FILE_BYTES, data.n_test * (8 * len(data.classes) + 2) + 4096)


def build_classifier_of_run(record: RunRecord) -> Classifier:
    """The model of a run without its weights; of an ensemble, with all its members."""
    n_classes = len(record.data.classes)
    if record.members:
        return EnsembleClassifier(
            [registry.build_trained_classifier(member.config, n_classes) for member in record.members]
        )
    return registry.build_trained_classifier(record.config, n_classes)


def read_weights(path: Path) -> Mapping[str, np.ndarray]:
    """Arrays of a safetensors file; raises ``RunError`` when it is missing, truncated or something else."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        return load(path.read_bytes())
    except OSError as error:
        raise RunError(f"{path} cannot be read. Import or train the run again.") from error
    except (SafetensorError, ValueError, TypeError, KeyError) as error:
        raise RunError(
            f"{path} is no whole safetensors file, and other formats are never opened. Import or train the run again."
        ) from error


def hash_weights(folder: Path) -> str:
    """First 12 hex digits of the SHA-256 of the weights in a run folder; ``RunError`` when they cannot be read."""
    try:
        return hashlib.sha256((folder / "weights.safetensors").read_bytes()).hexdigest()[:12]
    except OSError as error:
        raise RunError(
            f"The weights of {folder.name} cannot be read. Install the program again; if it is a run of yours, "
            "train or import it again."
        ) from error


@lru_cache(maxsize=256)
def _shipped_entry(path: Path, version: tuple[int, int]) -> RunEntry:
    """Not of own runs: two changes within a tick of the file system's clock have one version."""
    return RunStore.read_entry(path, "zoo")


def _files_version(run: Path) -> tuple[int, int]:
    """Changes when a file of a run's folder is added, replaced or removed, or its record changes; zeros where something
    is missing."""
    try:
        return os.stat(run).st_mtime_ns, os.stat(run / "run.json").st_mtime_ns
    except OSError:
        return 0, 0


def _folders(root: Path) -> list[Path]:
    """Run folders directly under ``root``; hidden ones are unfinished imports."""
    try:
        with os.scandir(root) as found:  # knows the folders without asking for each
            return sorted(Path(each) for each in found if each.is_dir() and not each.name.startswith((".", "__")))
    except OSError:
        return []
