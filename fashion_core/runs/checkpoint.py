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
from fashion_core.storage.files import write_whole
from fashion_core.training.loop import EpochResult
from fashion_core.training.snapshot import Snapshot

FOLDER, FILE = "checkpoint", "epoch.safetensors"
FORMAT = 1


@dataclass(frozen=True)
class Checkpoint:
    """Where a run stands: the training's ``snapshot``, its epochs' figures so far, and the ``seconds`` it took."""

    snapshot: Snapshot
    results: tuple[EpochResult, ...]
    seconds: float


def save(folder: Path, checkpoint: Checkpoint) -> None:
    """Put ``checkpoint`` in the run's ``folder`` in place of the one before; raises ``RunError`` without space."""
    from safetensors.numpy import save as packed

    told = {
        "format": FORMAT,
        "values": dict(checkpoint.snapshot.values),
        "results": [dataclasses.asdict(result) for result in checkpoint.results],
        "seconds": checkpoint.seconds,
    }
    put(folder, packed(dict(checkpoint.snapshot.arrays), metadata={"checkpoint": json.dumps(told)}))


def put(folder: Path, content: bytes) -> None:
    """The same, of a checkpoint's file as ``content`` gives it."""
    write_whole(folder / FOLDER / FILE, content)
    for path in (folder / FOLDER).iterdir():
        if path.name != FILE:  # a process that was killed while writing left it
            path.unlink(missing_ok=True)


def load(folder: Path) -> Checkpoint | None:
    """The run's checkpoint, or None when it has none; raises ``RunError`` when it is damaged."""
    path = folder / FOLDER / FILE
    if not path.exists():
        return None
    try:
        return parse(path.read_bytes())
    except OSError as error:
        raise RunError(f"{path} cannot be read ({error.strerror}).") from error


def parse(content: bytes) -> Checkpoint:
    """The checkpoint in a file's ``content``; raises ``RunError`` when it is damaged."""
    from safetensors import SafetensorError
    from safetensors.numpy import load as unpacked

    damaged = "The checkpoint is damaged, so the run cannot go on. Delete the run and start it again."
    try:
        arrays = unpacked(content)
        header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
        told: Any = json.loads(header["__metadata__"]["checkpoint"])
        if told["format"] != FORMAT:
            raise RunError(f"The checkpoint's format is number {told['format']}; this program reads {FORMAT}.")
        results = tuple(_result(values) for values in told["results"])
        seconds = float(told["seconds"])
        snapshot = Snapshot(arrays, dict(told["values"]))
    except (SafetensorError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise RunError(damaged) from error
    if [result.epoch for result in results] != list(range(1, len(results) + 1)):
        raise RunError(damaged)
    return Checkpoint(snapshot, results, seconds)


def content(folder: Path) -> bytes:
    """The file of the run's checkpoint, for ``parse``; empty when it has none."""
    path = folder / FOLDER / FILE
    return path.read_bytes() if path.exists() else b""


def exists(folder: Path) -> bool:
    """Whether the run in ``folder`` has one."""
    return (folder / FOLDER / FILE).is_file()


def remove(folder: Path) -> None:
    """Remove the run's checkpoint and what a killed process left of one."""
    shutil.rmtree(folder / FOLDER, ignore_errors=True)


def _result(values: dict[str, Any]) -> EpochResult:
    return EpochResult(**{**values, "recall": tuple(values["recall"]), "dead": tuple(values["dead"])})
