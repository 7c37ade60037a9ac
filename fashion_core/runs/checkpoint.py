"""The checkpoint of a run in training: one safetensors file, replaced whole after every epoch.

The arrays are its tensors, everything else is JSON in its header; nothing is ever unpickled.
"""

import dataclasses
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from fashion_core.errors import RunError
from fashion_core.storage.files import write_atomically
from fashion_core.training.snapshot import TrainingSnapshot
from fashion_core.training.trainer import EpochResult

CHECKPOINT_FOLDER, CHECKPOINT_FILE = "checkpoint", "epoch.safetensors"
CHECKPOINT_FORMAT = 1
FOLD_PREFIX = "fold/"  # of the names of arrays with a fold's predictions


@dataclass(frozen=True)
class Checkpoint:
    """The state of training after its last whole epoch, the results of all epochs, and the ``seconds`` they took.

    ``by_fold``: predictions of the folds that are tested already, float16 [n, classes] by fold, with cross-validation.
    """

    snapshot: TrainingSnapshot
    epoch_results: tuple[EpochResult, ...]
    seconds: float
    by_fold: Mapping[int, np.ndarray] = field(default_factory=dict)


def save_checkpoint(folder: Path, checkpoint: Checkpoint) -> None:
    """Replace the checkpoint in the run's ``folder``; raises ``StorageError`` when there is no space."""
    from safetensors.numpy import save

    header = {
        "format": CHECKPOINT_FORMAT,
        "values": dict(checkpoint.snapshot.values),
        "results": [dataclasses.asdict(result) for result in checkpoint.epoch_results],
        "seconds": checkpoint.seconds,
    }
    by_fold = {f"{FOLD_PREFIX}{fold}": probabilities for fold, probabilities in checkpoint.by_fold.items()}
    arrays = {**checkpoint.snapshot.arrays, **by_fold}
    write_checkpoint_bytes(folder, save(arrays, metadata={"checkpoint": json.dumps(header)}))


def write_checkpoint_bytes(folder: Path, content: bytes) -> None:
    """Replace the checkpoint in the run's ``folder`` by the file ``content``."""
    write_atomically(folder / CHECKPOINT_FOLDER / CHECKPOINT_FILE, content)
    for path in (folder / CHECKPOINT_FOLDER).iterdir():
        if path.name != CHECKPOINT_FILE:  # a process that was killed while writing left it
            path.unlink(missing_ok=True)


def load_checkpoint(folder: Path) -> Checkpoint | None:
    """The run's checkpoint, or None when it has none; raises ``RunError`` when it is damaged."""
    path = folder / CHECKPOINT_FOLDER / CHECKPOINT_FILE
    if not path.exists():
        return None
    try:
        return parse_checkpoint(path.read_bytes())
    except OSError as error:
        raise RunError(f"{path} cannot be read ({error.strerror}).") from error


def parse_checkpoint(content: bytes) -> Checkpoint:
    """The checkpoint in a file's ``content``; raises ``RunError`` when it is damaged."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    damaged = "The checkpoint is damaged, so the run cannot go on. Delete the run and start it again."
    try:
        arrays = load(content)
        metadata = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])["__metadata__"]
        header: Any = json.loads(metadata["checkpoint"])
        if header["format"] != CHECKPOINT_FORMAT:
            raise RunError(
                f"The checkpoint's format is version {header['format']}; "
                f"this program reads version {CHECKPOINT_FORMAT}."
            )
        results = tuple(_result(values) for values in header["results"])
        seconds = float(header["seconds"])
        folds = [name for name in arrays if name.startswith(FOLD_PREFIX)]
        by_fold = {int(name.removeprefix(FOLD_PREFIX)): arrays.pop(name) for name in folds}
        snapshot = TrainingSnapshot(arrays, dict(header["values"]))
    except (SafetensorError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise RunError(damaged) from error
    if [result.epoch for result in results] != list(range(1, len(results) + 1)):
        raise RunError(damaged)
    return Checkpoint(snapshot, results, seconds, by_fold)


def read_checkpoint_bytes(folder: Path) -> bytes:
    """The file of the run's checkpoint, for ``parse_checkpoint``; empty when it has none."""
    path = folder / CHECKPOINT_FOLDER / CHECKPOINT_FILE
    return path.read_bytes() if path.exists() else b""


def has_checkpoint(folder: Path) -> bool:
    """Whether the run in ``folder`` has a checkpoint."""
    return (folder / CHECKPOINT_FOLDER / CHECKPOINT_FILE).is_file()


def remove_checkpoint(folder: Path) -> None:
    """Remove the run's checkpoint and what a killed process left of one."""
    shutil.rmtree(folder / CHECKPOINT_FOLDER, ignore_errors=True)


def _result(values: dict[str, Any]) -> EpochResult:
    return EpochResult(**{**values, "recall": tuple(values["recall"]), "dead": tuple(values["dead"])})
