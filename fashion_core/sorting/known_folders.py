"""The folders that pictures were sorted into, noted in the per-user folder: those that the page Review offers."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fashion_core.errors import StorageError
from fashion_core.sorting.journal import JOURNAL_NAME
from fashion_core.storage.files import read_file, write_atomically
from fashion_core.storage.folder import user_data_folder
from fashion_core.storage.locks import lock

LIST_NAME = "sorted-folders.json"
MAX_LIST_BYTES = 2**20
MAX_FOLDERS = 200  # the latest ones


def list_sorted_folders() -> list[Path]:
    """The folders that still hold what was sorted into them, the latest first.

    Raises ``StorageError`` when their list is damaged.
    """
    return [path for path in reversed(_read(_list_path())) if (path / JOURNAL_NAME).is_file()]


def note_sorted_folder(folder: Path) -> None:
    """Add a folder to the list, or move it to its end; raises ``StorageError`` when it can't be written."""
    with _changed_list() as folders:
        if folder in folders:
            folders.remove(folder)
        folders.append(folder)
        del folders[:-MAX_FOLDERS]


def forget_sorted_folder(folder: Path) -> None:
    """Remove a folder from the list; raises ``StorageError`` when it can't be written."""
    with _changed_list() as folders:
        if folder in folders:
            folders.remove(folder)


@contextmanager
def _changed_list() -> Iterator[list[Path]]:
    path = _list_path()
    with lock(path.with_suffix(".lock")):
        folders = _read(path)
        before = list(folders)
        yield folders
        if folders != before:
            write_atomically(path, json.dumps([os.fspath(folder) for folder in folders], indent=1).encode("ascii"))


def _list_path() -> Path:
    return user_data_folder() / LIST_NAME


def _read(path: Path) -> list[Path]:
    if not path.exists():
        return []
    try:
        names = json.loads(read_file(path, MAX_LIST_BYTES))
    except ValueError:
        names = None
    if not isinstance(names, list) or not all(isinstance(name, str) and os.path.isabs(name) for name in names):
        raise StorageError(f"{path} is damaged. Delete it, and sort your folders again: nothing is sorted twice.")
    return [Path(name) for name in names]
