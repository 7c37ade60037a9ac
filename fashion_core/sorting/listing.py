"""List the pictures below a folder one by one, however many there are."""

import os
from collections.abc import Iterator
from pathlib import Path

from fashion_core.errors import PictureError, StorageError
from fashion_core.vision.picture_sources import is_hidden, is_picture_name


def list_pictures(source: Path, output: Path, *, must_be_writable: bool = False) -> Iterator[Path]:
    """The pictures and zips in ``source`` and its sub-folders, in no order, but not those below ``output``.

    Hidden files and folders and links to folders are skipped. Raises ``StorageError`` for a folder that cannot be read
    or, if it ``must_be_writable``, not be changed.
    """
    if source.is_file():
        yield source
        return
    folders, skipped = [source], os.path.realpath(output)
    while folders:
        folder = folders.pop()
        if must_be_writable and not os.access(folder, os.W_OK | os.X_OK):
            raise StorageError(f"Pictures cannot be moved out of {folder}: it is read-only. Use --mode copy.")
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if is_hidden(entry.name):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        if os.path.realpath(entry.path) != skipped:
                            folders.append(Path(entry.path))
                    elif _is_listed(entry):
                        yield Path(entry.path)
        except OSError as error:
            raise StorageError(f"{folder} cannot be read ({error.strerror}). Change that, or move it away.") from error


def _is_listed(entry: os.DirEntry[str]) -> bool:
    """A pipe or a device is listed too, to say that it cannot be read; not so a link to a folder or to nothing."""
    return is_listed_name(entry.name) and (entry.is_file() or not entry.is_symlink())


def is_listed_name(name: str) -> bool:
    """Whether a file with this name is a picture or a zip, by its suffix, and isn't hidden."""
    return not is_hidden(name) and (is_picture_name(name) or name.lower().endswith(".zip"))


def refuse_zip() -> bytes:
    """In place of reading a zip, which is listed to say why it is not sorted."""
    raise PictureError("This is a zip. Unpack it and sort the folder.")
