"""The SQLite file of saved garments: its table, transactions, and errors that say what to do.

WAL mode lets one window read while another writes (https://sqlite.org/wal.html). A file that is damaged, from another
program or from a newer version is never written to, and nothing in it is ever unpickled.
"""

import errno
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from fashion_core.errors import DamagedGarmentsError, SavedGarmentsError, StorageError
from fashion_core.storage.access import check_change
from fashion_core.storage.locks import lock

DATABASE_SCHEMA_VERSION = 1  # in SQLite's user_version
SQLITE_APPLICATION_ID = 0x46476172  # in SQLite's application_id: "FGar"
DATABASE_FILE_SUFFIXES = ("", "-wal", "-shm")  # one database, three files
LOCKED_ERROR_CODES = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
ACCESS_ERROR_CODES = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_AUTH}
DAMAGE_ERROR_CODES = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT, sqlite3.SQLITE_ERROR}
# SavedGarment explains the columns. kept_at is in UTC. An id is never reused, so that no window deletes another
# garment. The picture comes last, so that counting rows need not read it.
CREATE_TABLE_SQL = """
CREATE TABLE garments (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    fingerprint VARCHAR NOT NULL UNIQUE,
    kept_at DATETIME NOT NULL,
    kind VARCHAR NOT NULL,
    label INTEGER NOT NULL CHECK (label BETWEEN 0 AND 9),
    confidence FLOAT NOT NULL CHECK (confidence BETWEEN 0 AND 1),
    strangeness FLOAT,
    correction INTEGER CHECK (correction BETWEEN -1 AND 9),
    models JSON NOT NULL,
    result BLOB NOT NULL,
    picture BLOB NOT NULL
)
"""


class GarmentDatabase:
    """The database at ``path``, which need not exist. ``lock_timeout``: seconds to wait for another writer.

    Each operation opens a connection and closes it, so that the file can be copied or moved at any time.
    """

    def __init__(self, path: Path, lock_timeout: float) -> None:
        self.path, self.lock_timeout = path, lock_timeout

    @property
    def existing_files(self) -> list[Path]:
        """Those of the database's files that exist."""
        files = [self.path.with_name(self.path.name + suffix) for suffix in DATABASE_FILE_SUFFIXES]
        return [file for file in files if file.exists()]

    @contextmanager
    def transaction(self, *, writes: bool = False) -> Iterator[sqlite3.Connection]:
        """All changes are saved, or none when ``SavedGarmentsError`` is raised. Reads see one state of the file.

        Before it ``writes``, it creates a missing file and checks the whole file, as a file that is partly damaged must
        not be written to.
        """
        with self._translate_errors():
            if writes:
                check_change()
                self._create_if_missing()
            with closing(self._connect(self.path)) as connection:
                # a writer takes the lock at once, as SQLite may refuse to upgrade a reader's
                connection.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
                with connection:
                    self._check_schema(connection)
                    if writes:
                        self._check_pages(connection)
                    yield connection

    def erase_deleted(self, *, vacuum: bool) -> None:
        """Remove deleted data from the disk: from the write-ahead log and, with ``vacuum``, from the file."""
        try:
            with self._translate_errors(), closing(self._connect(self.path)) as connection:
                if vacuum:
                    connection.execute("VACUUM")
                is_busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
                if is_busy:
                    raise SavedGarmentsError(self._in_use_message())
        except SavedGarmentsError as error:
            raise SavedGarmentsError(f"It is deleted, but not yet erased from the disk. {error}") from error

    def check_integrity(self) -> None:
        """Raises ``DamagedGarmentsError`` when any part of the database can't be read."""
        if self._exists():
            with self.transaction() as connection:
                self._check_pages(connection)
        elif any(file != self.path for file in self.existing_files):
            raise self._damaged_error()  # SQLite would apply a log without its database to the new one

    def rename(self, name: str) -> Path:
        """Rename the database to ``name``, which must be free, in its folder; returns the new path."""
        check_change()
        new_path = self.path.with_name(name)
        with self._translate_errors():
            for file in self.existing_files:
                file.rename(new_path.with_name(name + file.name.removeprefix(self.path.name)))
        return new_path

    def _exists(self) -> bool:
        """An empty file doesn't count: a failed creation leaves one."""
        return self.path.exists() and (not self.path.is_file() or self.path.stat().st_size > 0)

    def _connect(self, path: Path) -> sqlite3.Connection:
        # without mode=rw SQLite would create a missing file, without the schema; transactions begin in ``transaction``
        address = f"{path.absolute().as_uri()}?mode=rw"
        connection = sqlite3.connect(address, uri=True, timeout=self.lock_timeout, isolation_level=None)
        try:
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten with zeros
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA cell_size_check = ON")
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _create_if_missing(self) -> None:
        """Create a complete file atomically, under a lock, so that two windows can't both create it."""
        if self._exists():
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with lock(self.path.with_name(f".{self.path.name}.lock"), timeout=self.lock_timeout):
            if self._exists():
                return
            self.check_integrity()
            handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")
            os.close(handle)
            try:
                with closing(self._connect(Path(name))) as connection:
                    connection.execute(CREATE_TABLE_SQL)
                    connection.execute(f"PRAGMA application_id = {SQLITE_APPLICATION_ID}")
                    connection.execute(f"PRAGMA user_version = {DATABASE_SCHEMA_VERSION}")
                    connection.execute("PRAGMA journal_mode = WAL")
                os.replace(name, self.path)
            finally:
                Path(name).unlink(missing_ok=True)

    def _check_schema(self, connection: sqlite3.Connection) -> None:
        [application_id] = connection.execute("PRAGMA application_id").fetchone()
        [version] = connection.execute("PRAGMA user_version").fetchone()
        if application_id != SQLITE_APPLICATION_ID or version < 1:
            raise self._damaged_error()
        if version > DATABASE_SCHEMA_VERSION:
            raise SavedGarmentsError(
                f"{self.path} was written by a newer version of this program; nothing was changed. "
                "Install that version, or set FASHION_HOME to another folder."
            )

    def _check_pages(self, connection: sqlite3.Connection) -> None:
        if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise self._damaged_error()

    @contextmanager
    def _translate_errors(self) -> Iterator[None]:
        try:
            yield
        except StorageError as error:
            raise SavedGarmentsError(str(error)) from error
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise SavedGarmentsError(self._disk_full_message()) from error
            raise SavedGarmentsError(self._no_access_message(error.strerror or str(error))) from error
        except sqlite3.DatabaseError as error:
            translated = self._translate_code(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF, error)
            if translated is None or isinstance(error, sqlite3.ProgrammingError):
                raise  # a bug in this program
            raise translated from error

    def _translate_code(self, code: int, error: sqlite3.Error) -> SavedGarmentsError | None:
        if code in LOCKED_ERROR_CODES:
            return SavedGarmentsError(self._in_use_message())
        if code == sqlite3.SQLITE_FULL:
            return SavedGarmentsError(self._disk_full_message())
        if code in ACCESS_ERROR_CODES:
            return SavedGarmentsError(self._no_access_message(str(error)))
        if code == sqlite3.SQLITE_IOERR:
            return SavedGarmentsError(f"{self.path} cannot be read or written ({error}). Check the disk and try again.")
        return self._damaged_error() if code in DAMAGE_ERROR_CODES else None

    def _in_use_message(self) -> str:
        return f"{self.path} is in use by another window or program. Try again in a moment, or close the other one."

    def _disk_full_message(self) -> str:
        return f"There is no space left for {self.path}. Free some and try again."

    def _no_access_message(self, reason: str) -> str:
        return (
            f"{self.path} cannot be opened or written ({reason}). "
            "Make the file and its folder writable, or set FASHION_HOME to a folder that is."
        )

    def _damaged_error(self) -> DamagedGarmentsError:
        return DamagedGarmentsError(
            f"{self.path} is damaged, or is not a file of saved garments; nothing was changed. "
            "Replace it with a backup, or set it aside to start a new one."
        )
