"""Undo a sort: put moved pictures back, and remove copies that nobody changed."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fashion_core.errors import ConfigError, PictureError
from fashion_core.sorting.journal import JOURNAL_NAME, Journal, PlannedPicture
from fashion_core.sorting.known_folders import forget_sorted_folder
from fashion_core.sorting.moves import finish_moves
from fashion_core.sorting.output import LOCK_NAME, open_output
from fashion_core.sorting.sort import PICTURES_PER_COMMIT
from fashion_core.sorting.table import CSV_NAME, PARQUET_NAME, write_tables
from fashion_core.sorting.transfer import has_content, hash_file, transfer

MAX_KEPT_NAMED = 10


@dataclass
class UndoResult:
    """``n_restored`` files were moved back or removed, ``n_missing`` were not there any more. ``n_kept`` stay: changed
    or the only ones left with their content, or, after a move, because another file lies at their old place; ``kept``
    are the first of them."""

    n_restored: int = 0
    n_missing: int = 0
    n_kept: int = 0
    kept: tuple[Path, ...] = ()


def undo_sort(output: Path) -> UndoResult:
    """Undo everything that was sorted into ``output``; what is kept stays in its table. It can be interrupted.

    Raises ``ConfigError`` when nothing was sorted into it, ``StorageError`` when a folder cannot be written.
    """
    output = Path(os.path.abspath(output))
    if not (output / JOURNAL_NAME).is_file():
        raise ConfigError(f"Nothing was sorted into {output}, so there is nothing to undo. Give another folder.")
    result = UndoResult()
    with open_output(output) as journal:
        finish_moves(journal)
        for batch in _batches(journal):
            journal.forget([picture.id for picture in batch if _undo_one(picture, result)])
        journal.forget_listed_only()
        for folder in (path for path in output.iterdir() if path.is_dir() and not path.is_symlink()):
            _remove_if_empty(folder)
        if result.n_kept:
            write_tables(journal, parquet=False)
            return result
    for name in (CSV_NAME, PARQUET_NAME, JOURNAL_NAME, LOCK_NAME):
        (output / name).unlink(missing_ok=True)
    _remove_if_empty(output)
    forget_sorted_folder(output)
    return result


def _batches(journal: Journal) -> Iterator[list[PlannedPicture]]:
    batch: list[PlannedPicture] = []
    for picture in journal.transferred():
        batch.append(picture)
        if len(batch) == PICTURES_PER_COMMIT:
            yield batch
            batch = []
    yield batch


def _undo_one(picture: PlannedPicture, result: UndoResult) -> bool:
    """Whether the picture is not sorted any more."""
    target = picture.target
    if not os.path.lexists(target):
        result.n_missing += not has_content(picture.path, picture.sha256)
        result.n_restored += has_content(picture.path, picture.sha256)
        return True
    if _restore(picture):
        result.n_restored += 1
        return True
    result.n_kept += 1
    result.kept = (*result.kept, target)[:MAX_KEPT_NAMED]
    return False


def _restore(picture: PlannedPicture) -> bool:
    if picture.mode == "move":
        try:
            transfer("move", picture.target, picture.path, hash_file(picture.target))
        except (FileExistsError, PictureError):
            return False
        return True
    # the original may be gone since: then this is the only copy
    if has_content(picture.target, picture.sha256) and has_content(picture.path, picture.sha256):
        picture.target.unlink()
        return True
    return False


def _remove_if_empty(folder: Path) -> None:
    if not any(folder.iterdir()):
        folder.rmdir()
