"""The last whole epoch of a run in training, in one file that is replaced whole or not at all.

safetensors carries the arrays, and in its header, as JSON, everything else; nothing is ever unpickled. A kill at any
moment leaves either the epoch before or this one.
"""

import dataclasses
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fashion_core.errors import RunError
from fashion_core.storage.files import write_atomically
from fashion_core.training.snapshot import TrainingSnapshot
from fashion_core.training.trainer import EpochResult

CHECKPOINT_FOLDER, CHECKPOINT_FILE = "checkpoint", "epoch.safetensors"
CHECKPOINT_FORMAT = 1


@dataclass(frozen=True)
class Checkpoint:
    """Where a run stands: the training's ``snapshot``, its epochs' figures so far, and the ``seconds`` it took."""

    snapshot: TrainingSnapshot
    epoch_results: tuple[EpochResult, ...]
    seconds: float


def save_checkpoint(folder: Path, checkpoint: Checkpoint) -> None:
    """Put ``checkpoint`` in the run's ``folder`` in place of the one before; raises ``RunError`` without space."""
    from safetensors.numpy import save as packed

    told = {
        "format": CHECKPOINT_FORMAT,
        "values": dict(checkpoint.snapshot.values),
        "results": [dataclasses.asdict(result) for result in checkpoint.epoch_results],
        "seconds": checkpoint.seconds,
    }
    write_checkpoint_bytes(folder, packed(dict(checkpoint.snapshot.arrays), metadata={"checkpoint": json.dumps(told)}))


def write_checkpoint_bytes(folder: Path, content: bytes) -> None:
    """The same, of a checkpoint's file as ``content`` gives it."""
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
    from safetensors.numpy import load as unpacked

    damaged = "The checkpoint is damaged, so the run cannot go on. Delete the run and start it again."
    try:
        arrays = unpacked(content)
        header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
        told: Any = json.loads(header["__metadata__"]["checkpoint"])
        if told["format"] != CHECKPOINT_FORMAT:
            raise RunError(
                f"The checkpoint's format is number {told['format']}; this program reads {CHECKPOINT_FORMAT}."
            )
        results = tuple(_result(values) for values in told["results"])
        seconds = float(told["seconds"])
        snapshot = TrainingSnapshot(arrays, dict(told["values"]))
    except (SafetensorError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise RunError(damaged) from error
    if [result.epoch for result in results] != list(range(1, len(results) + 1)):
        raise RunError(damaged)
    return Checkpoint(snapshot, results, seconds)


def read_checkpoint_bytes(folder: Path) -> bytes:
    """The file of the run's checkpoint, for ``parse``; empty when it has none."""
    path = folder / CHECKPOINT_FOLDER / CHECKPOINT_FILE
    return path.read_bytes() if path.exists() else b""


def has_checkpoint(folder: Path) -> bool:
    """Whether the run in ``folder`` has one."""
    return (folder / CHECKPOINT_FOLDER / CHECKPOINT_FILE).is_file()


def remove_checkpoint(folder: Path) -> None:
    """Remove the run's checkpoint and what a killed process left of one."""
    shutil.rmtree(folder / CHECKPOINT_FOLDER, ignore_errors=True)


def _result(values: dict[str, Any]) -> EpochResult:
    return EpochResult(**{**values, "recall": tuple(values["recall"]), "dead": tuple(values["dead"])})
