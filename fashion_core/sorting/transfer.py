"""Copy, move or link one file so that a repetition after an interruption changes nothing that is done already.

A copy appears whole or not at all: it is written under a temporary name in the folder it belongs to. Nothing is ever
overwritten. A file counts as transferred when one with its content lies at its target.
"""

import errno
import hashlib
import os
import stat
from pathlib import Path
from typing import Literal

from fashion_core.errors import PictureError, StorageError
from fashion_core.vision.decode import MAX_PICTURE_BYTES

Mode = Literal["copy", "move", "link", "table"]
MODES: tuple[Mode, ...] = ("copy", "move", "link", "table")
TEMPORARY_PREFIX = ".sorting-"
# what a file system that has no hard links, or forbids them, answers to os.link
NO_HARD_LINK_ERRORS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV}


def transfer(mode: Mode, source: Path, target: Path, sha256: str) -> None:
    """Bring ``source``, whose content has the hash ``sha256``, to ``target``.

    Raises ``FileExistsError`` when another file lies at ``target``, ``PictureError`` when ``source`` is gone, was
    changed, or cannot be removed, and ``StorageError`` when the folder of ``target`` is full or cannot be written.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _temporary_path(target).unlink(missing_ok=True)
    except OSError as error:
        raise _write_error(target.parent, error) from error
    if not has_content(target, sha256):
        if mode == "copy":
            _copy(source, target, sha256)
        else:
            _link(mode, source, target, sha256)
    if mode == "move":
        _remove(source, target, sha256)


def _temporary_path(target: Path) -> Path:
    """Another one for each target in a folder, and the same when the transfer is repeated."""
    return target.with_name(TEMPORARY_PREFIX + hashlib.sha256(os.fsencode(target.name)).hexdigest()[:32])


def hash_file(path: Path) -> str:
    """SHA-256 of the file, hexadecimal; raises ``OSError``."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def has_content(path: Path, sha256: str) -> bool:
    """Whether a file, and not a link, with this hash lies at ``path``."""
    try:
        return stat.S_ISREG(path.lstat().st_mode) and hash_file(path) == sha256
    except OSError:
        return False


def _copy(source: Path, target: Path, sha256: str) -> None:
    content, times = _read(source, sha256)
    temporary = _temporary_path(target)
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.utime(temporary, ns=times)
        try:
            os.link(temporary, target)
        except FileExistsError:
            raise
        except OSError as error:
            if error.errno not in NO_HARD_LINK_ERRORS:
                raise
            _rename(temporary, target)
    except FileExistsError:
        raise
    except OSError as error:
        raise _write_error(target.parent, error) from error
    finally:
        temporary.unlink(missing_ok=True)


def _read(source: Path, sha256: str) -> tuple[bytes, tuple[int, int]]:
    """The content of a picture, and its times of access and change in ns."""
    try:
        with source.open("rb") as file:
            times = os.fstat(file.fileno())
            content = file.read(MAX_PICTURE_BYTES + 1)
    except OSError as error:
        raise _source_error(error) from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise PictureError("The file was changed while it was sorted. Run the command again.")
    return content, (times.st_atime_ns, times.st_mtime_ns)


def _link(mode: Mode, source: Path, target: Path, sha256: str) -> None:
    _read(source, sha256)
    if mode == "move" and source.is_symlink():
        raise PictureError("This is a link to another file and stays where it is. Use --mode copy for it.")
    try:
        os.link(source.resolve(), target)
    except FileExistsError:
        raise
    except FileNotFoundError as error:
        raise _source_error(error) from error
    except OSError as error:
        if error.errno not in NO_HARD_LINK_ERRORS:
            raise _write_error(target.parent, error) from error
        if mode == "link":
            raise StorageError(
                f"Pictures cannot be linked into {target.parent} ({error.strerror}). Use --mode copy."
            ) from error
        _copy(source, target, sha256)


def _rename(temporary: Path, target: Path) -> None:
    """For file systems without hard links, where only other programs could use the name in between."""
    if os.path.lexists(target):
        raise FileExistsError(target)
    temporary.rename(target)


def _remove(source: Path, target: Path, sha256: str) -> None:
    """Remove what was moved, unless it is another file by now."""
    if not has_content(source, sha256):
        return
    try:
        source.unlink(missing_ok=True)  # gone by now: then the target is the only copy
    except OSError as error:
        target.unlink(missing_ok=True)
        raise PictureError(
            f"The file cannot be removed from its folder ({error.strerror}). Use --mode copy."
        ) from error


def _source_error(error: OSError) -> PictureError:
    if isinstance(error, FileNotFoundError):
        return PictureError("The file disappeared while it was sorted.")
    return PictureError(f"The file cannot be read ({error.strerror}).")


def _write_error(folder: Path, error: OSError) -> StorageError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageError(
            f"There is no space left for {folder}. Free some and run the same command again: it continues there."
        )
    return StorageError(
        f"{folder} cannot be written ({error.strerror}). Change that, or choose another folder with --out."
    )
