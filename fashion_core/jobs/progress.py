"""The progress file of a job, one JSON object a line. Each reading parses only what is new: a page that watches a job
reads it every second, for hours."""

import json
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MAX_CACHED_PROGRESS_FILES = 256  # whose content is remembered
REWRITE_CHECK_BYTES = 200  # before the position reached, by which a file that was written anew is noticed

Line = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Progress:
    """The whole lines of a progress file: of those with ``elapsed`` seconds the last, ``update``; all others as
    ``rows``. It is the same object as long as the file stays the same."""

    rows: tuple[Line, ...] = ()
    update: Line = field(default_factory=dict)
    position: int = 0
    mark: bytes = b""


_files: OrderedDict[Path, Progress] = OrderedDict()
_lock = threading.Lock()


def read_progress(path: Path) -> Progress:
    """What the file holds now; an unfinished last line is left out."""
    with _lock:
        progress = _files.pop(path, Progress())
        _files[path] = progress = _read_on(path, progress)
        while len(_files) > MAX_CACHED_PROGRESS_FILES:
            _files.popitem(last=False)
        return progress


def progress_line(values: Line) -> str:
    """``values`` as a line of a progress file."""
    return json.dumps(values) + "\n"


def _read_on(path: Path, known: Progress) -> Progress:
    try:
        with path.open("rb") as file:
            file.seek(known.position - len(known.mark))
            content = file.read()
    except OSError:
        return Progress()
    if not content.startswith(known.mark):
        return _read_on(path, Progress())
    added = content[len(known.mark) : content.rfind(b"\n") + 1]
    if not added:
        return known
    lines = [line for line in map(_parse, added.splitlines()) if line]
    rows = known.rows + tuple(line for line in lines if "elapsed" not in line)
    update = next((line for line in reversed(lines) if "elapsed" in line), known.update)
    return Progress(rows, update, known.position + len(added), (known.mark + added)[-REWRITE_CHECK_BYTES:])


def _parse(line: bytes) -> Line:
    try:
        value = json.loads(line)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
