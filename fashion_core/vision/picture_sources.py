"""List the pictures in files, folders and zips, and read them one at a time. Nothing is written to disk."""

import io
import os
import unicodedata
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO

from fashion_core.errors import PictureError, StorageError
from fashion_core.storage.zips import ZIP_ERRORS, open_bounded_zip, read_zip_member
from fashion_core.vision.decode import MAX_PICTURE_BYTES

PICTURE_SUFFIXES = {
    ".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".heic", ".heif", ".hif", ".avif", ".gif", ".webp", ".bmp", ".tif",
    ".tiff",
}  # fmt: skip
MAX_ZIP_ENTRIES = 50_000  # in one zip
MAX_ZIP_DIRECTORY_BYTES = 8 * 2**20  # of a zip's list of entries
MAX_UNZIPPED_BYTES = 8 * 2**30  # of all entries of a zip, as it declares them
MAX_COMPRESSION_RATIO = 100  # of a zip's unpacked size to its own; picture formats are compressed already
COMPRESSION_RATIO_MIN_BYTES = 50 * 2**20  # any ratio is harmless up to this unpacked size
MAX_OPEN_ZIPS = 100
MAX_ENTRIES_OF_OPEN_ZIPS = 200_000  # about 1 kB of memory each


@dataclass(frozen=True)
class PictureSource:
    """A picture that is listed but not read yet. ``name``: its path, to show; ``folders``: those inside the input that
    contain it, outermost first.

    ``read()`` returns the file's content, at most one byte more than ``decode_picture`` accepts. It raises
    ``PictureError`` when the file can't be read.
    """

    name: str
    folders: tuple[str, ...]
    read: Callable[[], bytes]


@dataclass(frozen=True)
class UploadedFile:
    """A file from a browser; ``name`` includes its folders if a folder was chosen. The content is never copied."""

    name: str
    file: IO[bytes]


@contextmanager
def open_picture_sources(
    inputs: Sequence[Path | UploadedFile], *, with_other_files: bool = False
) -> Iterator[list[PictureSource]]:
    """List every picture in files, folders (with their sub-folders) and zips; they can be read inside the context.

    An input that can't be opened is listed as a source whose ``read`` raises the reason. In folders and zips, hidden
    files, ``__MACOSX`` and, unless ``with_other_files``, those that are neither pictures nor zips by their suffix are
    skipped.
    """
    with ExitStack() as archives:
        collector = _SourceCollector(archives, with_other_files)
        for item in inputs:
            if isinstance(item, UploadedFile):
                collector.add_upload(item)
            elif os.path.isdir(item):  # pathlib raises for a folder that may not be looked into
                collector.add_folder(item)
            else:
                collector.add_file(item, ())
        yield collector.sources


def make_file_source(path: Path, folders: tuple[str, ...] = ()) -> PictureSource:
    """One file, which is taken for a picture."""
    return PictureSource(replace_control_characters(str(path)), folders, partial(_read_path, path))


class _SourceCollector:
    """Collects sources; zips stay open until ``archives`` closes."""

    def __init__(self, archives: ExitStack, with_other_files: bool) -> None:
        self.sources: list[PictureSource] = []
        self._archives = archives
        self._with_other_files = with_other_files
        self._n_archives = self._n_entries = 0

    def add_folder(self, folder: Path) -> None:
        """All pictures and zips below ``folder``, sorted by name; links to folders are not followed."""

        def add_unreadable_folder(error: OSError) -> None:
            path = Path(error.filename)
            self._add_unreadable(str(path), path.relative_to(folder).parts, _no_access_message(error))

        for parent, subfolders, files in os.walk(folder, onerror=add_unreadable_folder):
            subfolders[:] = sorted(name for name in subfolders if not is_hidden(name))
            for path in (Path(parent, name) for name in sorted(files)):
                if self._is_listed(path.name) and not _is_special(path):
                    self.add_file(path, path.relative_to(folder).parts[:-1])

    def add_file(self, path: Path, folders: tuple[str, ...]) -> None:
        """One file with any suffix."""
        if path.suffix.lower() == ".zip":
            self._add_zip(str(path), folders, partial(_open_path, path))
        else:
            self.sources.append(make_file_source(path, folders))

    def add_upload(self, upload: UploadedFile) -> None:
        """A file from a browser."""
        path = PurePosixPath(upload.name.replace("\\", "/"))
        if len(path.parts) > 1 and (any(map(is_hidden, path.parts)) or not self._is_listed(path.name)):
            return  # part of a folder
        if path.suffix.lower() == ".zip":
            self._add_zip(upload.name, path.parts[:-1], lambda: nullcontext(upload.file))
        else:
            self._add(upload.name, path.parts[:-1], partial(_read_upload, upload.file))

    def _add_zip(
        self, name: str, folders: tuple[str, ...], open_file: Callable[[], AbstractContextManager[IO[bytes]]]
    ) -> None:
        try:
            if self._n_archives == MAX_OPEN_ZIPS:
                raise PictureError(f"There are more than {MAX_OPEN_ZIPS} zips. Open the others separately.")
            with ExitStack() as opened:
                archive = opened.enter_context(open_zip(opened.enter_context(open_file())))
                n_entries = self._n_entries + len(archive.infolist())
                if n_entries > MAX_ENTRIES_OF_OPEN_ZIPS:
                    raise PictureError(
                        f"All zips hold more than {MAX_ENTRIES_OF_OPEN_ZIPS:,} files. Open the others separately."
                    )
                self._archives.enter_context(opened.pop_all())  # a zip that is refused is closed instead
        except PictureError as error:
            self._add_unreadable(name, folders, str(error))
            return
        self._n_archives, self._n_entries = self._n_archives + 1, n_entries
        n_before = len(self.sources)
        for entry in archive.infolist():
            path = PurePosixPath(entry.filename.replace("\\", "/"))
            is_listed = path.parts and not any(map(is_hidden, path.parts)) and self._is_listed(path.name)
            if is_listed and not entry.is_dir():
                read = partial(_read_entry, archive, entry, path)
                self._add(f"{name}/{path}", (*folders, *path.parts[:-1]), read)
        if len(self.sources) == n_before:
            self._add_unreadable(name, folders, "There are no pictures in this zip. Choose another.")

    def _is_listed(self, name: str) -> bool:
        return not is_hidden(name) and (
            self._with_other_files or is_picture_name(name) or name.lower().endswith(".zip")
        )

    def _add(self, name: str, folders: tuple[str, ...], read: Callable[[], bytes]) -> None:
        self.sources.append(PictureSource(replace_control_characters(name), folders, read))

    def _add_unreadable(self, name: str, folders: tuple[str, ...], reason: str) -> None:
        self._add(name, folders, partial(_raise_picture_error, reason))


def replace_control_characters(name: str) -> str:
    """Replace characters that control a terminal or can't be encoded as UTF-8."""
    return "".join(c if _is_printable(c) else "\N{REPLACEMENT CHARACTER}" for c in name)


def _is_printable(character: str) -> bool:
    if character in "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}":  # part of Persian, Hindi and emoji
        return True
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp")


def is_hidden(part: str) -> bool:
    """Whether a file or folder with this name is skipped."""
    return part == "__MACOSX" or (part.startswith(".") and part != "..")


def is_picture_name(name: str) -> bool:
    """Whether a file with this name is taken for a picture, by its suffix."""
    return PurePosixPath(name).suffix.lower() in PICTURE_SUFFIXES


def _raise_picture_error(reason: str) -> bytes:
    raise PictureError(reason)


def _no_access_message(error: OSError) -> str:
    return f"The file cannot be read ({error.strerror})."


def _is_special(path: Path) -> bool:
    """Whether ``path`` is a pipe, a device, a folder or a link to nothing; False where the system doesn't tell."""
    return not os.path.isfile(path) and (os.path.exists(path) or os.path.islink(path))


def _open_path(path: Path) -> IO[bytes]:
    if _is_special(path):  # opening it would wait for whatever writes to it
        raise PictureError("This is not a file. Choose a picture or a zip.")
    try:
        return path.open("rb")
    except OSError as error:
        raise PictureError(_no_access_message(error)) from error


def _read_path(path: Path) -> bytes:
    with _open_path(path) as file:
        try:
            return file.read(MAX_PICTURE_BYTES + 1)  # one more than allowed, for decode_picture to refuse it
        except OSError as error:
            raise PictureError(_no_access_message(error)) from error


def _read_upload(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read(MAX_PICTURE_BYTES + 1)


def open_zip(file: IO[bytes]) -> zipfile.ZipFile:
    """Open a zip; raises ``PictureError`` when it is damaged or too large."""
    too_many = f"This zip holds more than {MAX_ZIP_ENTRIES:,} files. Split it into smaller ones."
    try:
        file.seek(0, io.SEEK_END)
        size = file.tell()
        archive = open_bounded_zip(file, MAX_ZIP_DIRECTORY_BYTES)
    except StorageError as error:
        raise PictureError(too_many) from error
    except ZIP_ERRORS as error:
        raise PictureError("This zip cannot be read, or is only part of one. Create it again.") from error
    entries = archive.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    problem = ""
    if len(entries) > MAX_ZIP_ENTRIES:
        problem = too_many
    elif unpacked > MAX_UNZIPPED_BYTES:
        problem = f"This zip unpacks to more than {MAX_UNZIPPED_BYTES // 2**30} GB. Split it into smaller ones."
    elif unpacked > max(COMPRESSION_RATIO_MIN_BYTES, MAX_COMPRESSION_RATIO * size):
        problem = (
            f"This zip unpacks to more than {MAX_COMPRESSION_RATIO} times its size. Upload the pictures themselves."
        )
    if problem:
        archive.close()
        raise PictureError(problem)
    return archive


def _read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: PurePosixPath) -> bytes:
    if PureWindowsPath(entry.filename).anchor or ".." in path.parts:  # an absolute POSIX path has an anchor too
        raise PictureError("This file's name in the zip leads out of it. Create the zip again without such names.")
    if path.suffix.lower() == ".zip":
        raise PictureError("This is a zip inside a zip. Unpack it first.")
    try:
        return read_zip_member(archive, entry, MAX_PICTURE_BYTES)
    except StorageError as error:
        raise PictureError(str(error)) from error
