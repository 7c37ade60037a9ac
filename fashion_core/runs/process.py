"""Work that outlives the page: detached processes, the lock that shows them alive, and the lines they report."""

import argparse
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from fashion_core.data import Dataset, load_dataset
from fashion_core.errors import RunError

PROJECT = Path(__file__).resolve().parents[2]
# passive waiting leaves the processor to the dashboard between two steps
ENVIRONMENT = {"OMP_WAIT_POLICY": "passive"}


def start_process(module: str, arguments: list[str], log: Path, *, threads: int = 0) -> int:
    """Start ``python -m module arguments`` in a session of its own, so that closing the dashboard does not end it.

    Both its outputs go to ``log``; it computes on ``threads`` threads, or as many as it likes if 0. Returns its
    process number. Raises ``RunError`` when it cannot be started.
    """
    try:
        with log.open("ab") as file:
            return start(module, arguments, threads=threads, stdin=subprocess.DEVNULL, stdout=file, stderr=file).pid
    except OSError as error:
        raise RunError(f"The process for this could not be started ({error.strerror}).") from error


def start(module: str, arguments: list[str], *, threads: int, **streams: Any) -> "subprocess.Popen[bytes]":
    """As ``spawn``, with ``streams`` as ``Popen`` takes them; raises OSError."""
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        start_new_session=True,
        cwd=PROJECT,
        env={**os.environ, **ENVIRONMENT, **({"OMP_NUM_THREADS": str(threads)} if threads else {})},
        **streams,
    )
    threading.Thread(target=process.wait, daemon=True).start()  # collects its exit status
    return process


def lower_priority() -> None:
    """Let the dashboard beside this process stay quick, where the system knows priorities."""
    if hasattr(os, "nice"):
        os.nice(max(0, 5 - os.nice(0)))  # once, however often it is asked


def set_torch_threads(threads: int) -> None:
    """Use as many threads in this one as its run was begun with: another number adds up in another order."""
    import torch

    if torch.get_num_threads() != threads:
        torch.set_num_threads(threads)


def count_cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def runs(pid: int) -> bool:
    """Whether there is a process of that number; where the system cannot be asked without harm, True."""
    if os.name != "posix":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def held(path: Path) -> bool:
    """Whether some process holds the lock at ``path``; a lock ends with its process, however that ends."""
    if not path.exists():
        return False
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except (Timeout, OSError):
        return True
    lock.release()
    return False


def json_lines(path: Path) -> list[dict[str, Any]]:
    """The objects in a file of JSON lines; a line under way or cut off by a killed process is left out."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        return []
    whole = text[: text.rfind("\n") + 1]
    lines = []
    for line in whole.splitlines():
        try:
            value = json.loads(line)
        except ValueError:
            continue
        if isinstance(value, dict):
            lines.append(value)
    return lines


def dataset_arguments(dataset: Dataset) -> list[str]:
    """How a worker's command line names ``dataset``."""
    return ["--stand-in"] if dataset.folder is None else ["--data", str(dataset.folder.resolve())]


def add_dataset_arguments(parser: argparse.ArgumentParser) -> None:
    """The two options that ``data_arguments`` writes."""
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--data", type=Path)
    where.add_argument("--stand-in", action="store_true")


def dataset_from_arguments(arguments: argparse.Namespace) -> Dataset:
    """The data set that the two options name; raises ``DataError`` when it is not there."""
    if arguments.stand_in:
        from fashion_core.data.sample_data import SampleDataset

        return SampleDataset()
    return load_dataset(arguments.data)
