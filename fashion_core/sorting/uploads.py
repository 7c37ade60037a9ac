"""Sort uploaded pictures, whose predictions exist already, into a folder of the per-user folder."""

import io
import time
import zipfile
from collections.abc import Callable, Collection, Sequence
from pathlib import Path, PurePosixPath

from fashion_core.data.classes import ClassList
from fashion_core.errors import AccessError, ConfigError, StorageError
from fashion_core.recognition.batch import PictureResult
from fashion_core.sorting.known_folders import forget_sorted_folder, note_sorted_folder
from fashion_core.sorting.output import open_output
from fashion_core.sorting.promise import SortingPromise
from fashion_core.sorting.sort import PICTURES_PER_COMMIT, SortProgress, sort_batch
from fashion_core.sorting.table import write_tables
from fashion_core.storage.access import check_change
from fashion_core.storage.files import delete_folder, file_size, write_new_file
from fashion_core.storage.folder import user_data_folder
from fashion_core.vision.picture_sources import PictureSource, is_hidden

SORTED_FOLDER = "sorted"
MAX_NAME_LENGTH = 60  # letters, of at most four bytes each
MEGABYTES_BETWEEN_CHECKS = 16  # measuring all that a visitor has takes a while
MAX_ZIP_MEGABYTES = 200  # which the server holds in memory
UPLOADS_FOLDER = ".uploads"  # of the output folder: pictures are moved from there, and back when the sort is undone


def sort_uploads(
    sources: Sequence[PictureSource],
    results: Sequence[PictureResult],
    classes: ClassList,
    promise: SortingPromise,
    *,
    megabytes: float = 0,
    report: Callable[[SortProgress], None] = lambda progress: None,
) -> tuple[Path, SortProgress]:
    """Sort the pictures ``sources`` by their ``results`` into a new folder; returns it, and how many went where.

    ``megabytes``: of the uploads, which may be packed. Raises ``AccessError`` when the visitor may not, or has no room
    for them, also once they are unpacked; then nothing is left. Raises ``StorageError`` when the folder cannot be
    written.
    """
    check_change(megabytes=megabytes)
    output, progress = _unused_folder(), SortProgress(n=len(results))
    quota = _QuotaCheck()
    paths: dict[Path, None] = {}  # in their order
    try:
        with open_output(output) as journal:
            note_sorted_folder(output)
            promise_id = journal.add_promise(promise, classes)
            for start in range(0, len(results), PICTURES_PER_COMMIT):
                batch = results[start : start + PICTURES_PER_COMMIT]
                for source, result in zip(sources[start:], batch, strict=False):
                    paths[_store(output / UPLOADS_FOLDER, source, result, paths, quota)] = None
                sort_batch(journal, batch, list(paths)[start:], classes, promise, promise_id, "move", progress)
                report(progress)
            write_tables(journal, parquet=False)
    except AccessError:
        delete_sorted_uploads(output)
        raise
    return output, progress


class _QuotaCheck:
    """Raises ``AccessError`` once a visitor has no room for what is unpacked."""

    _unchecked_megabytes = 0.0

    def check(self, content: bytes) -> None:
        """To be called before ``content`` is written; what was before is on the disk."""
        megabytes = len(content) / 2**20
        self._unchecked_megabytes += megabytes
        if self._unchecked_megabytes > MEGABYTES_BETWEEN_CHECKS:
            check_change(megabytes=megabytes)
            self._unchecked_megabytes = 0.0


def _unused_folder() -> Path:
    """Named after the time; a number is added to a second one."""
    name, number = time.strftime("%Y-%m-%d %H.%M.%S"), 1
    while True:
        folder = user_data_folder() / SORTED_FOLDER / (name if number == 1 else f"{name} ({number})")
        try:
            folder.mkdir(parents=True)
            return folder
        except FileExistsError:
            number += 1
        except OSError as error:
            raise StorageError(f"{folder} cannot be created ({error.strerror}). Free some space.") from error


def _store(
    folder: Path, source: PictureSource, result: PictureResult, taken: Collection[Path], quota: _QuotaCheck
) -> Path:
    """Write the upload below ``folder``, in the folders that it was uploaded in; an unreadable one only gets a path."""
    parts = [part for part in PurePosixPath(source.name.replace("\\", "/")).parts if part.strip("/.")]
    *folders, name = [part[-MAX_NAME_LENGTH:].lstrip(".") or "_" for part in parts] or ["picture"]
    path, number = folder.joinpath(*folders, name), 1
    while path in taken:
        number += 1
        path = folder.joinpath(*folders, f"copy {number}", name)
    if result.prediction is not None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(f"{path.parent} cannot be created ({error.strerror}). Free some space.") from error
        content = source.read()
        quota.check(content)
        write_new_file(path, content)
    return path


def holds_sorted_uploads(folder: Path) -> bool:
    """Whether a folder was made by ``sort_uploads``, so that its pictures are copies of uploads."""
    return folder.parent == user_data_folder() / SORTED_FOLDER and folder.name != ".."


def delete_sorted_uploads(folder: Path) -> None:
    """Delete a folder that ``sort_uploads`` made, with its pictures.

    Raises ``ConfigError`` for another folder, ``AccessError`` when the visitor may not, and ``StorageError`` when it
    cannot be deleted.
    """
    check_change()
    if not holds_sorted_uploads(folder):
        raise ConfigError(f"{folder} was not sorted on Try it. Use fashion sort --undo for it.")
    forget_sorted_folder(folder)
    delete_folder(folder)


def fits_into_zip(folder: Path) -> bool:
    """Whether a sorted folder has at most ``MAX_ZIP_MEGABYTES``."""
    return _fits(_visible_files(folder))


def _fits(files: Sequence[Path]) -> bool:
    return sum(map(file_size, files)) <= MAX_ZIP_MEGABYTES * 2**20


def zip_sorted_folder(folder: Path) -> bytes:
    """A zip of what a user sees of a sorted folder: its pictures and the table.

    Raises ``StorageError`` unless ``fits_into_zip(folder)``.
    """
    files = _visible_files(folder)
    if not _fits(files):
        raise StorageError(f"{folder} has more than {MAX_ZIP_MEGABYTES} MB. Sort fewer pictures at once.")
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:  # pictures are compressed already
        for path in files:
            archive.write(path, path.relative_to(folder))
    return content.getvalue()


def _visible_files(folder: Path) -> list[Path]:
    return [
        path
        for path in sorted(folder.rglob("*"))
        if not any(map(is_hidden, path.relative_to(folder).parts)) and path.is_file() and not path.is_symlink()
    ]
