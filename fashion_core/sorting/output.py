"""The output folder of a sort: one process at a time changes it, and what a killed one left is finished first."""

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fashion_core.errors import PictureError, StorageError
from fashion_core.sorting.journal import Journal, PlannedPicture, open_journal
from fashion_core.sorting.moves import finish_moves
from fashion_core.sorting.transfer import transfer
from fashion_core.storage.access import check_change
from fashion_core.storage.locks import lock

LOCK_NAME = ".sorted.lock"
LOCK_TIMEOUT = 1.0  # seconds to wait for another run into the same folder
N_TRANSFER_THREADS = 8  # that wait for the disk: it writes several files at once in little more time than one


@dataclass(frozen=True)
class FinishedTransfers:
    """Of ``n`` files, ``n_failed`` disappeared or changed meanwhile, or cannot be removed."""

    n: int
    n_failed: int


@contextmanager
def open_output(output: Path, *, timeout: float = LOCK_TIMEOUT) -> Iterator[Journal]:
    """The journal of an output folder, which no other process can open meanwhile; see ``lock_output``."""
    with lock_output(output, timeout=timeout), open_journal(output) as journal:
        yield journal


@contextmanager
def lock_output(output: Path, *, timeout: float = LOCK_TIMEOUT) -> Iterator[None]:
    """Keep other processes from changing an output folder, which is created.

    Waits for ``timeout`` seconds if it is in use. Raises ``LockedError`` when it still is, and ``StorageError`` when it
    cannot be written.
    """
    check_change()
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"{output} cannot be created ({error.strerror}). Choose another with --out.") from error
    if not os.access(output, os.W_OK | os.X_OK):
        raise StorageError(f"{output} cannot be written. Choose another folder with --out.")
    with lock(output / LOCK_NAME, timeout=timeout):
        yield


def finish_interrupted(journal: Journal) -> FinishedTransfers:
    """Finish what a killed process left: files on their way into the folder, and those on their way within it."""
    finish_moves(journal)
    return transfer_all(journal, journal.planned())


def transfer_all(journal: Journal, planned: Iterable[PlannedPicture]) -> FinishedTransfers:
    """Transfer files; what is done before an error is in the journal."""
    finished: list[tuple[int, str]] = []
    failure: StorageError | None = None
    try:
        with ThreadPoolExecutor(N_TRANSFER_THREADS, thread_name_prefix="transfer") as pool:
            running = [(picture, pool.submit(_transfer_one, picture)) for picture in planned]
            for picture, future in running:
                try:
                    error = future.result()
                    while error is None:
                        picture = journal.choose_other_target(picture)
                        error = _transfer_one(picture)
                    finished.append((picture.id, error))
                except StorageError as storage_error:  # the others may be done nevertheless
                    failure = storage_error
    finally:
        journal.finish(finished)
    if failure is not None:
        raise failure
    return FinishedTransfers(len(finished), sum(bool(error) for _, error in finished))


def _transfer_one(picture: PlannedPicture) -> str | None:
    """Why the file stays where it is, empty if it doesn't; None if another file lies at its target."""
    try:
        transfer(picture.mode, picture.path, picture.target, picture.sha256)
    except FileExistsError:
        return None
    except PictureError as error:
        return str(error)
    return ""
