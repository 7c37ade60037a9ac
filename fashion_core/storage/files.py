"""Files and folders that appear whole or not at all, and disappear in the same way."""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from fashion_core.errors import StorageError


def read_file(path: Path, max_bytes: int) -> bytes:
    """The content of a file that somebody named; a pipe or a device, which could be waited for forever, is none.

    Raises ``StorageError`` when it is missing, no file, larger than ``max_bytes``, or can't be read; what to do then,
    the caller adds.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise StorageError(f"{path} is not a file.")
        with path.open("rb") as file:
            content = file.read(max_bytes + 1)
    except OSError as error:
        raise StorageError(f"{path} cannot be read ({error.strerror}).") from error
    if len(content) > max_bytes:
        raise StorageError(f"{path} is larger than {max_bytes / 2**20:.3g} MB.")
    return content


@contextmanager
def open_atomically(path: Path) -> Iterator[IO[bytes]]:
    """A new file, which takes the place of ``path`` once the ``with`` statement has ended and it is on disk.

    What is raised in the statement, or by the system, leaves ``path`` as it was.
    """
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def write_atomically(path: Path, content: bytes) -> None:
    """Put ``content`` at ``path`` through a temporary name, fsync and rename.

    Raises ``StorageError`` when the folder cannot be written to or is full; what was there before stays.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open_atomically(path) as file:
            file.write(content)
    except OSError as error:
        raise StorageError(
            f"{path} cannot be written ({error.strerror}). Free some space, or set FASHION_HOME to a folder that can."
        ) from error


def make_folder(path: Path) -> None:
    """Create a folder; raises ``StorageError`` when that isn't possible."""
    try:
        path.mkdir(exist_ok=True)
    except OSError as error:
        raise StorageError(f"{path} cannot be written ({error.strerror}). Free some space and try again.") from error


def write_new_file(path: Path, content: bytes) -> None:
    """Write a file that nobody reads yet; raises ``StorageError`` when that isn't possible."""
    try:
        path.write_bytes(content)
    except OSError as error:
        raise StorageError(f"{path} cannot be written ({error.strerror}). Free some space and try again.") from error


@contextmanager
def unfinished_folder(parent: Path) -> Iterator[Path]:
    """A hidden new folder in ``parent``, to be filled and renamed; it is removed again if that doesn't happen.

    Raises ``StorageError`` when ``parent`` cannot be written.
    """
    try:
        parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=parent, prefix=".new-"))
        folder.chmod(0o755)
    except OSError as error:
        raise StorageError(
            f"{parent} cannot be written ({error.strerror}). Set FASHION_HOME to a folder that can."
        ) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def folder_size(folder: Path) -> int:
    """Bytes of all files below ``folder``; what goes meanwhile doesn't count."""
    return sum(file_size(Path(parent, name)) for parent, _, names in os.walk(folder) for name in names)


def file_size(path: Path) -> int:
    """Bytes of a file; 0 when it is gone."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def delete_folder(folder: Path) -> None:
    """Delete ``folder`` if it is there; renamed first, it is gone at once for everybody, even if this is interrupted.

    Raises ``StorageError`` when that isn't possible.
    """
    try:
        folder.rename(folder.with_name(f".deleted-{folder.name}-{os.getpid()}"))
        for deleted in folder.parent.glob(".deleted-*"):  # also what an interrupted process left
            shutil.rmtree(deleted, ignore_errors=True)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise StorageError(f"{folder} cannot be deleted ({error.strerror}).") from error


def _sync_folder(folder: Path) -> None:
    """Have the new name itself on disk, where the system can be asked for that (Windows can't)."""
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
