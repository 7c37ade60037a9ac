"""Uploaded files, written to a folder of their own until they are imported."""

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Protocol

from fashion_core.errors import DataError, StorageError
from fashion_core.storage.access import check_change
from fashion_core.storage.folder import user_data_folder

MAX_UPLOAD_MEGABYTES = 200  # of one file; also the server's limit
MAX_TOTAL_MEGABYTES = 2_000
MAX_UPLOADED_FILES = 20_000
MAX_PATH_PARTS, MAX_NAME_LENGTH = 10, 80  # of a path; 80 characters are at most 240 bytes of Chinese


class Upload(Protocol):
    """A file from a browser: ``name`` includes its folders, ``size`` is in bytes."""

    name: str
    size: int

    def read(self, n: int = -1, /) -> bytes: ...

    def seek(self, position: int, /) -> int: ...


def uploads_folder() -> Path:
    """Where uploads lie until they are imported."""
    return user_data_folder() / "uploads"


def save_uploads(uploads: Sequence[Upload]) -> Path:
    """Write ``uploads`` into a new folder. Returns the file if there is only one, else the folder.

    Raises ``DataError`` when they are too many or too large, and ``StorageError`` when they can't be written; then
    nothing is left.
    """
    check_change(megabytes=sum(upload.size for upload in uploads) / 2**20)
    _check_sizes(uploads)
    folder = None
    try:
        uploads_folder().mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=uploads_folder()))
        paths = [folder.joinpath(*_safe_parts(upload.name)) for upload in uploads]
        for upload, path in zip(uploads, paths, strict=True):
            path.parent.mkdir(parents=True, exist_ok=True)
            upload.seek(0)
            with path.open("wb") as file:
                shutil.copyfileobj(upload, file)
    except OSError as error:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
        raise StorageError(
            f"The files cannot be written to {uploads_folder()} ({error.strerror}). Free some space, and try again."
        ) from error
    return paths[0] if len(paths) == 1 else folder


def _check_sizes(uploads: Sequence[Upload]) -> None:
    if not uploads:
        raise DataError("There are no files. Choose some.")
    if len(uploads) > MAX_UPLOADED_FILES:
        raise DataError(f"There are more than {MAX_UPLOADED_FILES:,} files. Put them into a zip.")
    if any(upload.size > MAX_UPLOAD_MEGABYTES * 2**20 for upload in uploads):
        raise DataError(f"A file is larger than {MAX_UPLOAD_MEGABYTES} MB. Give the path of the folder instead.")
    if sum(upload.size for upload in uploads) > MAX_TOTAL_MEGABYTES * 2**20:
        raise DataError(f"The files are larger than {MAX_TOTAL_MEGABYTES:,} MB. Give the path of the folder instead.")


def _safe_parts(name: str) -> list[str]:
    """The parts of a path that a browser sent, such that they stay inside the folder they are joined to."""
    parts = [part for part in PurePosixPath(name.replace("\\", "/").replace("\0", "")).parts if part.strip("/. ")]
    return [f"{part[:MAX_NAME_LENGTH]}{_suffix_cut_off(part)}" for part in parts[-MAX_PATH_PARTS:]] or ["file"]


def _suffix_cut_off(part: str) -> str:
    """The suffix of a name that is too long to be kept whole."""
    return PurePosixPath(part).suffix[:10] if len(part) > MAX_NAME_LENGTH else ""
