"""What a run's process has reported, of which each look reads only what is new: a page looks every second for hours."""

import json
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

KEPT = 256  # files whose content is remembered
MARK = 200  # bytes before the place reached, by which a file that was written anew is noticed


@dataclass
class Reported:
    """The whole lines of a ``progress.jsonl``: ``epochs``, a row an epoch, not to be changed, and the last that told
    a ``step``."""

    epochs: pd.DataFrame = field(default_factory=pd.DataFrame)
    step: dict[str, Any] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)
    place: int = 0
    mark: bytes = b""


_known: OrderedDict[Path, Reported] = OrderedDict()
_lock = threading.Lock()


def read(path: Path) -> Reported:
    """What the file at ``path`` holds now; a line under way or cut off by a killed process is left out."""
    with _lock:
        known = _known.pop(path, Reported())
        _known[path] = known = _read_on(path, known)
        while len(_known) > KEPT:
            _known.popitem(last=False)
        return known


def _read_on(path: Path, known: Reported) -> Reported:
    try:
        with path.open("rb") as file:
            file.seek(known.place - len(known.mark))
            content = file.read()
    except OSError:
        return Reported()
    if not content.startswith(known.mark):
        return _read_on(path, Reported())
    whole = content[len(known.mark) : content.rfind(b"\n") + 1]
    if not whole:
        return known
    lines = [value for value in map(_parsed, whole.splitlines()) if value]
    epochs = [line for line in lines if "epoch" in line]
    rows = known.rows + epochs
    frame = pd.DataFrame(rows) if epochs else known.epochs
    steps = [line for line in lines if {"step", "n_steps", "elapsed"} <= line.keys()]
    mark = (known.mark + whole)[-MARK:]
    return Reported(frame, steps[-1] if steps else known.step, rows, known.place + len(whole), mark)


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
