"""The SQLite file of saved garments: its table, sessions, and errors that say what to do.

WAL mode lets one window read while another writes (https://sqlite.org/wal.html). A file that is damaged, from another
program or from a newer version is never written to, and nothing in it is ever unpickled.
"""

import errno
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Connection, create_engine, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.pool import NullPool

from fashion_core.errors import DamagedGarmentsError, SavedGarmentsError, StorageError
from fashion_core.storage.locks import lock

DATABASE_SCHEMA_VERSION = 1  # in SQLite's user_version
SQLITE_APPLICATION_ID = 0x46476172  # in SQLite's application_id: "FGar"
DATABASE_FILE_SUFFIXES = ("", "-wal", "-shm")  # one database, three files
LOCKED_ERROR_CODES = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
ACCESS_ERROR_CODES = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_AUTH}
DAMAGE_ERROR_CODES = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT, sqlite3.SQLITE_ERROR}


class DatabaseBase(DeclarativeBase):
    """Base of the only table."""


class GarmentRow(DatabaseBase):
    """One saved garment; ``SavedGarment`` explains the columns."""

    __tablename__ = "garments"
    __table_args__ = (
        CheckConstraint("label BETWEEN 0 AND 9"),
        CheckConstraint("correction BETWEEN -1 AND 9"),
        CheckConstraint("confidence BETWEEN 0 AND 1"),
        {"sqlite_autoincrement": True},  # an id is never reused, so that no window deletes another garment
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fingerprint: Mapped[str] = mapped_column(unique=True)
    kept_at: Mapped[datetime]  # UTC; SQLite has no time zones
    kind: Mapped[str]
    label: Mapped[int]
    confidence: Mapped[float]
    strangeness: Mapped[float | None]
    correction: Mapped[int | None]
    models: Mapped[dict[str, Any]] = mapped_column(JSON)
    result: Mapped[bytes]
    picture: Mapped[bytes]  # last, so that counting rows need not read it


class GarmentDatabase:
    """The database at ``path``, which need not exist. ``lock_timeout``: seconds to wait for another writer.

    Each operation opens a connection and closes it, so that the file can be copied or moved at any time.
    """

    def __init__(self, path: Path, lock_timeout: float) -> None:
        self.path, self.lock_timeout = path, lock_timeout
        self._engine = create_engine("sqlite+pysqlite://", creator=self._connect, poolclass=NullPool)
        event.listen(self._engine, "begin", _begin_transaction)

    @property
    def existing_files(self) -> list[Path]:
        """Those of the database's files that exist."""
        files = [self.path.with_name(self.path.name + suffix) for suffix in DATABASE_FILE_SUFFIXES]
        return [file for file in files if file.exists()]

    @contextmanager
    def read_session(self) -> Iterator[Session]:
        """A session that reads one state of the file; raises ``SavedGarmentsError``."""
        with self._translate_database_errors(), Session(self._engine) as session, session.begin():
            self._check_schema(session)
            yield session

    @contextmanager
    def write_session(self) -> Iterator[Session]:
        """A transaction: all of its changes are saved, or none when ``SavedGarmentsError`` is raised.

        Checks the whole file first, as a file that is partly damaged must not be written to.
        """
        with self._translate_database_errors(), self._translate_file_errors():
            self._create_if_missing()
        writer = self._engine.execution_options(writes=True)
        with self._translate_database_errors(), Session(writer) as session, session.begin():
            self._check_schema(session)
            if session.execute(text("PRAGMA quick_check(1)")).scalar() != "ok":
                raise self._damaged_error()
            yield session

    def erase_deleted(self, *, vacuum: bool) -> None:
        """Remove deleted data from the disk: from the write-ahead log and, with ``vacuum``, from the file."""
        try:
            with self._translate_database_errors(), closing(self._connect()) as connection:
                if vacuum:
                    connection.execute("VACUUM")
                busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                if busy:
                    raise SavedGarmentsError(self._in_use_message())
        except SavedGarmentsError as error:
            raise SavedGarmentsError(f"It is deleted, but not yet erased from the disk. {error}") from error

    def check_integrity(self) -> None:
        """Raises ``DamagedGarments`` when any part of the database cannot be read."""
        if not self._exists():
            if any(file != self.path for file in self.existing_files):
                raise self._damaged_error()  # SQLite would apply a log without its database to the new one
            return
        with self.read_session() as session:
            if session.execute(text("PRAGMA quick_check(1)")).scalar() != "ok":
                raise self._damaged_error()

    def rename(self, name: str) -> Path:
        """Rename the database to ``name``, which must be free, in its folder; returns the new path."""
        new_path = self.path.with_name(name)
        with self._translate_file_errors():
            for file in self.existing_files:
                file.rename(new_path.with_name(name + file.name.removeprefix(self.path.name)))
        return new_path

    def _exists(self) -> bool:
        """An empty file doesn't count: a failed creation leaves one."""
        return self.path.exists() and (not self.path.is_file() or self.path.stat().st_size > 0)

    def _connect(self) -> sqlite3.Connection:
        return self._open(self.path)

    def _open(self, path: Path) -> sqlite3.Connection:
        # without mode=rw SQLite would create a missing file, without the schema
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=self.lock_timeout)
        try:
            connection.isolation_level = None  # transactions begin in _begin_transaction
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
                self._create_tables(Path(name))
                os.replace(name, self.path)
            finally:
                Path(name).unlink(missing_ok=True)

    def _create_tables(self, path: Path) -> None:
        engine = create_engine("sqlite+pysqlite://", creator=lambda: self._open(path), poolclass=NullPool)
        with engine.connect() as connection:
            DatabaseBase.metadata.create_all(connection)
            connection.exec_driver_sql(f"PRAGMA application_id = {SQLITE_APPLICATION_ID}")
            connection.exec_driver_sql(f"PRAGMA user_version = {DATABASE_SCHEMA_VERSION}")
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")

    def _check_schema(self, session: Session) -> None:
        application = session.execute(text("PRAGMA application_id")).scalar_one()
        version = session.execute(text("PRAGMA user_version")).scalar_one()
        if application != SQLITE_APPLICATION_ID or version < 1:
            raise self._damaged_error()
        if version > DATABASE_SCHEMA_VERSION:
            raise SavedGarmentsError(
                f"{self.path} was written by a newer version of this program; nothing was changed. "
                "Install that version, or set FASHION_HOME to another folder."
            )

    @contextmanager
    def _translate_file_errors(self) -> Iterator[None]:
        try:
            yield
        except StorageError as error:
            raise SavedGarmentsError(str(error)) from error
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise SavedGarmentsError(self._disk_full_message()) from error
            raise SavedGarmentsError(self._no_access_message(error.strerror or str(error))) from error

    @contextmanager
    def _translate_database_errors(self) -> Iterator[None]:
        try:
            yield
        except (DBAPIError, sqlite3.Error) as error:
            cause = error.orig if isinstance(error, DBAPIError) else error
            if isinstance(cause, sqlite3.ProgrammingError | sqlite3.InterfaceError):
                raise  # a bug in this program
            translated = self._error_for_code(
                getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF, str(cause)
            )
            if translated is None:
                raise
            raise translated from error

    def _error_for_code(self, code: int, reason: str) -> SavedGarmentsError | None:
        if code in LOCKED_ERROR_CODES:
            return SavedGarmentsError(self._in_use_message())
        if code == sqlite3.SQLITE_FULL:
            return SavedGarmentsError(self._disk_full_message())
        if code in ACCESS_ERROR_CODES:
            return SavedGarmentsError(self._no_access_message(reason))
        if code == sqlite3.SQLITE_IOERR:
            return SavedGarmentsError(
                f"{self.path} cannot be read or written ({reason}). Check the disk and try again."
            )
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


def _begin_transaction(connection: Connection) -> None:
    # a writer takes the lock at once, as SQLite may refuse to upgrade a reader's
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
