"""Pictures from any mix of files, folders and zips, found before one is read. Nothing is written to disk."""

import io
import os
import struct
import unicodedata
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO

from fashion_core.errors import PictureError
from fashion_core.runs.store import READ_ERRORS
from fashion_core.vision.decode import MAX_PICTURE_BYTES

PICTURE_SUFFIXES = {".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff"}
MAX_ZIP_ENTRIES = 10_000  # in one zip
MAX_ZIP_DIRECTORY_BYTES = (
    4 * 2**20
)  # of a zip's list of contents, which is read whole before its entries can be counted
MAX_UNZIPPED_BYTES = 8 * 2**30  # of all entries of a zip together, as it declares them
MAX_COMPRESSION_RATIO = 100  # of a zip's unpacked size to its own; pictures are packed already
COMPRESSION_RATIO_MIN_BYTES = 50 * 2**20  # unpacked bytes up to which any ratio is harmless
MAX_OPEN_ZIPS = 100  # zips open at once
ZIP_ENCRYPTED_FLAG = 0x1  # bit of a zip entry's flags


@dataclass(frozen=True)
class PictureSource:
    """A picture that was found but not read. ``name``: as it is shown, its path; ``folders``: the folders that it lies
    in below what was given, outermost first."""

    name: str
    folders: tuple[str, ...]
    _read: Callable[[], bytes]

    def read(self) -> bytes:
        """The file's content, at most one byte more than ``open_picture`` takes; raises ``PictureError`` with why it
        cannot be had."""
        return self._read()


@dataclass(frozen=True)
class UploadedFile:
    """A file that a browser sent: ``name`` with its folders where a whole folder was chosen, and its content, which is
    never copied."""

    name: str
    file: IO[bytes]


@contextmanager
def list_picture_sources(inputs: Sequence[Path | UploadedFile]) -> Iterator[list[PictureSource]]:
    """Every picture in ``given``: files, folders with all below them, and zips. Readable while the context lasts.

    What cannot be opened is a source too, whose ``read`` says why. In folders and zips, hidden files, ``__MACOSX`` and
    what is named neither as a picture nor as a zip is passed over.
    """
    with ExitStack() as archives:
        found = _SourceCollector(archives)
        for item in inputs:
            if isinstance(item, UploadedFile):
                found.add_upload(item)
            elif item.is_dir():
                found.add_folder(item)
            else:
                found.add_file(item, ())
        yield found.sources


class _SourceCollector:
    """Collects sources; zips stay open until ``archives`` closes."""

    def __init__(self, archives: ExitStack) -> None:
        self.sources: list[PictureSource] = []
        self._archives = archives
        self._n_archives = 0

    def add_folder(self, folder: Path) -> None:
        """All pictures and zips below ``folder``, by name; links to folders are not followed."""

        def unreadable(error: OSError) -> None:
            path = Path(error.filename)
            self._add_unreadable(str(path), path.relative_to(folder).parts, _no_access_message(error))

        for here, below, files in os.walk(folder, onerror=unreadable):
            below[:] = sorted(name for name in below if not _is_hidden(name))
            inner = Path(here).relative_to(folder).parts
            for name in sorted(files):
                path = Path(here, name)
                if _is_picture_or_zip(name) and path.is_file():
                    self.add_file(path, inner)

    def add_file(self, path: Path, folders: tuple[str, ...]) -> None:
        """One file, whatever it is called."""
        if path.suffix.lower() != ".zip":
            self.sources.append(
                PictureSource(replace_control_characters(str(path)), folders, partial(_read_path, path))
            )
            return
        try:
            self._add_zip(str(path), folders, self._archives.enter_context(path.open("rb")))
        except OSError as error:
            self._add_unreadable(str(path), folders, _no_access_message(error))

    def add_upload(self, upload: UploadedFile) -> None:
        """A file from a browser."""
        path = PurePosixPath(upload.name.replace("\\", "/"))
        if len(path.parts) > 1 and (any(map(_is_hidden, path.parts)) or not _is_picture_or_zip(path.name)):
            return  # came along with a folder
        if path.suffix.lower() == ".zip":
            self._add_zip(upload.name, path.parts[:-1], upload.file)
        else:
            self.sources.append(
                PictureSource(
                    replace_control_characters(upload.name), path.parts[:-1], partial(_read_upload, upload.file)
                )
            )

    def _add_zip(self, name: str, folders: tuple[str, ...], file: IO[bytes]) -> None:
        try:
            if self._n_archives == MAX_OPEN_ZIPS:
                raise PictureError(f"These are more than {MAX_OPEN_ZIPS} zips. Give the others on their own.")
            self._n_archives += 1
            archive = self._archives.enter_context(_open_zip(file))
        except PictureError as error:
            self._add_unreadable(name, folders, str(error))
            return
        before = len(self.sources)
        for entry in archive.infolist():
            inner = PurePosixPath(entry.filename.replace("\\", "/"))
            if (
                entry.is_dir()
                or not inner.parts
                or any(map(_is_hidden, inner.parts))
                or not _is_picture_or_zip(inner.name)
            ):
                continue
            self.sources.append(
                PictureSource(
                    replace_control_characters(f"{name}/{inner}"),
                    (*folders, *inner.parts[:-1]),
                    partial(_read_entry, archive, entry, inner),
                )
            )
        if len(self.sources) == before:
            self._add_unreadable(name, folders, "There are no pictures in this zip. Choose another.")

    def _add_unreadable(self, name: str, folders: tuple[str, ...], why: str) -> None:
        self.sources.append(
            PictureSource(replace_control_characters(name), folders, partial(_raise_picture_error, why))
        )


def replace_control_characters(name: str) -> str:
    """``name`` without what would steer a terminal or cannot be written as UTF-8."""
    return "".join(c if _is_printable(c) else "\N{REPLACEMENT CHARACTER}" for c in name)


def _is_printable(sign: str) -> bool:
    if sign in "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}":  # Persian, Hindi and emoji are written with them
        return True
    return unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Zl", "Zp")


def _is_hidden(part: str) -> bool:
    return part == "__MACOSX" or (part.startswith(".") and part != "..")


def _is_picture_or_zip(name: str) -> bool:
    suffix = PurePosixPath(name).suffix.lower()
    return not _is_hidden(name) and (suffix in PICTURE_SUFFIXES or suffix == ".zip")


def _raise_picture_error(why: str) -> bytes:
    raise PictureError(why)


def _no_access_message(error: OSError) -> str:
    return f"The file cannot be read ({error.strerror})."


def _read_path(path: Path) -> bytes:
    if path.exists() and not path.is_file():
        raise PictureError("This is no file. Choose a picture.")
    try:
        with path.open("rb") as file:
            return file.read(MAX_PICTURE_BYTES + 1)  # one more than is taken, so that the size is told
    except OSError as error:
        raise PictureError(_no_access_message(error)) from error


def _read_upload(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read(MAX_PICTURE_BYTES + 1)


class _BoundedReader:
    """A binary file whose single reads are bounded while ``most`` is set: ``zipfile`` reads a zip's whole list of
    contents at once, as long as the file says that it is."""

    def __init__(self, file: IO[bytes]) -> None:
        self.max_read: int | None = MAX_ZIP_DIRECTORY_BYTES
        self.seek, self.tell, self._file = file.seek, file.tell, file

    def seekable(self) -> bool:
        return True

    def read(self, n: int = -1) -> bytes:
        if self.max_read is not None and n > self.max_read:
            raise PictureError(f"This zip holds more than {MAX_ZIP_ENTRIES:,} files. Split it into smaller ones.")
        return self._file.read(n)


def _open_zip(file: IO[bytes]) -> zipfile.ZipFile:
    """Raises ``PictureError`` for what is no zip, or one that nobody would make of pictures."""
    guarded = _BoundedReader(file)
    try:
        file.seek(0, io.SEEK_END)
        size = file.tell()
        archive = zipfile.ZipFile(guarded)
    except (*READ_ERRORS, LookupError, struct.error) as error:
        raise PictureError("This zip cannot be read, or is only part of one. Make it anew.") from error
    guarded.max_read = None
    entries = archive.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    why = ""
    if len(entries) > MAX_ZIP_ENTRIES:
        why = f"This zip holds more than {MAX_ZIP_ENTRIES:,} files. Split it into smaller ones."
    elif unpacked > MAX_UNZIPPED_BYTES:
        why = f"This zip unpacks to more than {MAX_UNZIPPED_BYTES // 2**30} GB. Split it into smaller ones."
    elif unpacked > max(COMPRESSION_RATIO_MIN_BYTES, MAX_COMPRESSION_RATIO * size):
        why = f"This zip unpacks to more than {MAX_COMPRESSION_RATIO} times its size. Give the pictures themselves."
    if why:
        archive.close()
        raise PictureError(why)
    return archive


def _read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, inner: PurePosixPath) -> bytes:
    if PureWindowsPath(entry.filename).anchor or ".." in inner.parts:  # sees an absolute POSIX path too
        raise PictureError("This file's name in the zip leads out of it. Make the zip anew, without such names.")
    if inner.suffix.lower() == ".zip":
        raise PictureError("This is a zip inside a zip, which is not opened. Unpack it first.")
    if entry.flag_bits & ZIP_ENCRYPTED_FLAG:
        raise PictureError("This file is locked with a password. Make the zip anew without one.")
    if entry.file_size > MAX_PICTURE_BYTES:
        raise PictureError(
            f"This file has more than {MAX_PICTURE_BYTES // 2**20} MB. Make the picture smaller and try again."
        )
    try:
        with archive.open(entry) as file:
            return file.read(MAX_PICTURE_BYTES + 1)
    except (*READ_ERRORS, LookupError, struct.error) as error:
        raise PictureError("This file is damaged in the zip, or packed in a way that is not known.") from error
