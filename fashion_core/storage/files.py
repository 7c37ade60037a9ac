"""Writing a file whole or not at all."""

import os
import tempfile
from pathlib import Path

from fashion_core.errors import StorageError


def write_atomically(path: Path, content: bytes) -> None:
    """Put ``content`` at ``path`` through a temporary name, fsync and rename.

    Raises ``StorageError`` when the folder cannot be written to or is full; what was there before stays.
    """
    temporary: str | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
        temporary = None
        _sync_folder(path.parent)
    except OSError as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        raise StorageError(
            f"{path} cannot be written ({error.strerror}). Free some space, or set FASHION_HOME to a folder that can."
        ) from error


def _sync_folder(folder: Path) -> None:
    """Have the new name itself on disk, where the system can be asked for that (Windows can't)."""
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
