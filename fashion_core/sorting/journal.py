"""What was decided for each picture and whether its file is where it belongs: a SQLite file in the output folder.

The decision on a picture, with the path it will get, is on disk before its file is touched, and that the file is there
afterwards. A run that was killed leaves pictures that are ``planned``; ``transfer`` finishes each of them exactly once.
Paths are stored as bytes, because a file name need not be valid in any encoding.
"""

import os
import secrets
import sqlite3
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from fashion_core.data.classes import ClassList
from fashion_core.errors import StorageError
from fashion_core.sorting.decision import CHECK_FOLDER, NONE_FOLDER, SortedPicture, class_folder_names
from fashion_core.sorting.promise import SortingPromise
from fashion_core.sorting.transfer import Mode

JOURNAL_NAME = ".sorted.sqlite3"
APPLICATION_ID = 0x46536F72  # in SQLite's application_id: "FSor"
LISTED_PER_PAGE = 1000
MAX_NAME_BYTES = 255  # of a file, on most file systems
MAX_SUFFIX_BYTES = 100
DAMAGED_MESSAGE = "{} is damaged. Move it away, and sort into another folder with --out."
# A picture is known by path and hash; its target by a key that ignores case, as some file systems do. In reviews, an
# answer is a class, "" for none of the classes, or NULL if the person isn't sure; a picture's first answer counts.
SCHEMA = """
CREATE TABLE IF NOT EXISTS promises (
    id INTEGER PRIMARY KEY, run TEXT NOT NULL, target REAL NOT NULL, temperature REAL NOT NULL, threshold REAL,
    n INTEGER NOT NULL, n_automated INTEGER NOT NULL, n_correct INTEGER, reference TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS classes (name TEXT PRIMARY KEY, folder TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS pictures (
    id INTEGER PRIMARY KEY, path BLOB NOT NULL, sha256 TEXT NOT NULL, decision TEXT NOT NULL, class TEXT NOT NULL,
    second TEXT NOT NULL, third TEXT NOT NULL, probability REAL, promise INTEGER NOT NULL REFERENCES promises,
    decided_by TEXT NOT NULL, mode TEXT NOT NULL, target BLOB NOT NULL, target_key BLOB UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('planned', 'done', 'failed')), error TEXT NOT NULL, UNIQUE (path, sha256)
);
CREATE INDEX IF NOT EXISTS pictures_by_state ON pictures (state) WHERE state = 'planned';
CREATE INDEX IF NOT EXISTS pictures_to_check ON pictures (probability) WHERE decision = 'check';
CREATE INDEX IF NOT EXISTS pictures_of_none ON pictures (probability) WHERE decision = 'none';
CREATE INDEX IF NOT EXISTS pictures_to_audit ON pictures (sha256) WHERE decision = 'automatic';
CREATE TABLE IF NOT EXISTS leases (
    id INTEGER PRIMARY KEY, picture INTEGER NOT NULL, person TEXT NOT NULL, until REAL NOT NULL,
    UNIQUE (picture, person)
);
CREATE TABLE IF NOT EXISTS reviews (
    id INTEGER PRIMARY KEY, picture INTEGER NOT NULL, person TEXT NOT NULL, answer TEXT, at REAL NOT NULL,
    UNIQUE (picture, person)
);
CREATE TABLE IF NOT EXISTS moves (picture INTEGER PRIMARY KEY, source BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS added (picture INTEGER NOT NULL, catalogue TEXT NOT NULL, PRIMARY KEY (picture, catalogue));
CREATE TEMP TABLE listed (path BLOB PRIMARY KEY) WITHOUT ROWID;
"""


@dataclass(frozen=True)
class PlannedPicture:
    """A picture whose file is to be transferred: from ``path`` to ``target`` in the output folder."""

    id: int
    path: Path
    sha256: str
    mode: Mode
    target: Path


class Journal:
    """The journal of one output folder; only one process at a time changes it, see ``open_journal``."""

    def __init__(self, connection: sqlite3.Connection, folder: Path) -> None:
        self.folder = folder
        self.connection = connection

    @property
    def identity(self) -> int:
        """A random number of this journal: another one in the same folder, after an undo, has other pictures."""
        return int(self.connection.execute("PRAGMA user_version").fetchone()[0])

    def add_promise(self, promise: SortingPromise, classes: ClassList) -> int:
        """Store the promise under which pictures are sorted from now on, and the classes; returns the promise's id."""
        columns = ", ".join(field.name for field in fields(promise))
        values = astuple(promise)
        with self.connection:
            rows = zip(classes.names, class_folder_names(classes), strict=True)
            self.connection.executemany("INSERT OR REPLACE INTO classes VALUES (?, ?)", rows)
            row = self.connection.execute(
                f"INSERT INTO promises ({columns}) VALUES ({', '.join('?' * len(values))})", values
            )
        assert row.lastrowid is not None
        return row.lastrowid

    def list_paths(self, paths: Iterable[Path]) -> int:
        """Remember the pictures to sort, on disk and for this connection alone; returns how many there are."""
        with self.connection:
            self.connection.execute("DELETE FROM listed")
            rows = ((os.fsencode(path),) for path in paths)
            self.connection.executemany("INSERT OR IGNORE INTO listed VALUES (?)", rows)
        return int(self.connection.execute("SELECT count(*) FROM listed").fetchone()[0])

    def listed_paths(self) -> Iterator[Path]:
        """The pictures to sort, by path."""
        last = b""
        query = "SELECT path FROM listed WHERE path > ? ORDER BY path LIMIT ?"
        while page := self.connection.execute(query, (last, LISTED_PER_PAGE)).fetchall():
            yield from (Path(os.fsdecode(path)) for (path,) in page)
            last = page[-1][0]

    def has_pictures(self) -> bool:
        """Whether anything was ever sorted into the folder."""
        return self.connection.execute("SELECT 1 FROM pictures LIMIT 1").fetchone() is not None

    def known_hashes(self, path: Path, mode: Mode) -> list[str]:
        """Hashes of the contents of ``path`` that are sorted; in a table alone only if it is only to be a table."""
        query = (
            "SELECT sha256 FROM pictures WHERE path = ? AND state != 'failed' "
            "AND (mode != 'table' OR ? = 'table' OR decision = 'unreadable')"
        )
        return [row[0] for row in self.connection.execute(query, (os.fsencode(path), mode))]

    def plan(
        self, pictures: Sequence[tuple[Path, str, SortedPicture]], promise: int, mode: Mode
    ) -> list[PlannedPicture]:
        """Store the decisions on pictures, given with path and hash; returns those whose files are to be transferred.

        What is said about a picture that failed, or was only listed in a table, is replaced. What a person said about
        it stays.
        """
        with self.connection:
            return [p for picture in pictures if (p := self._plan_one(*picture, promise, mode)) is not None]

    def _plan_one(
        self, path: Path, sha256: str, picture: SortedPicture, promise: int, mode: Mode
    ) -> PlannedPicture | None:
        encoded = os.fsencode(path)
        identifier = self._replace(encoded, sha256)
        moves = mode != "table" and picture.decision != "unreadable"
        folder = picture.folder if identifier is None else self._reviewed_folder(identifier) or picture.folder
        target = self.find_free_target(folder, path.name, sha256) if moves else None
        state = "planned" if moves else "done" if sha256 else "failed"
        names = (*picture.candidates, "", "", "")[:3]
        row = self.connection.execute(
            "INSERT INTO pictures (id, path, sha256, decision, class, second, third, probability, promise, decided_by, "
            "mode, target, target_key, state, error) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'model', ?, ?, ?, ?, ?)",
            (identifier, encoded, sha256, picture.decision, *names, picture.probability, promise, mode)
            + ((b"", None) if target is None else (os.fsencode(target), target_key(target)))
            + (state, picture.error),
        )
        if target is None:
            return None
        assert row.lastrowid is not None
        return PlannedPicture(row.lastrowid, path, sha256, mode, self.folder / target)

    def _replace(self, path: bytes, sha256: str) -> int | None:
        """Remove what is known about a picture that is planned again; returns its id if that is of the same content."""
        query = "SELECT id, sha256 FROM pictures WHERE path = ? AND (state = 'failed' OR sha256 = ?)"
        rows = self.connection.execute(query, (path, sha256)).fetchall()
        kept = next((identifier for identifier, known in rows if known == sha256), None)
        for identifier, _ in rows:
            self.connection.execute("DELETE FROM pictures WHERE id = ?", (identifier,))
            if identifier != kept:
                self._forget_reviews(identifier)
        return kept

    def find_folder(self, picture: int) -> str:
        """The folder that a picture belongs into: by the first answer of a person, or else by the model's decision."""
        query = "SELECT decision, folder FROM pictures LEFT JOIN classes ON name = class WHERE id = ?"
        decision, class_folder = self.connection.execute(query, (picture,)).fetchone()
        of_model = {"check": CHECK_FOLDER, "none": NONE_FOLDER}.get(decision) or class_folder
        return self._reviewed_folder(picture) or str(of_model)

    def _reviewed_folder(self, picture: int) -> str | None:
        row = self.connection.execute(
            "SELECT answer, folder FROM reviews LEFT JOIN classes ON name = answer "
            "WHERE picture = ? AND answer IS NOT NULL ORDER BY reviews.id LIMIT 1",
            (picture,),
        ).fetchone()
        return None if row is None else NONE_FOLDER if row[0] == "" else str(row[1])

    def choose_other_target(self, picture: PlannedPicture) -> PlannedPicture:
        """Plan another target, because somebody has put another file there since."""
        target = self.find_free_target(picture.target.parent.name, picture.path.name, picture.sha256)
        with self.connection:
            self.connection.execute(
                "UPDATE pictures SET target = ?, target_key = ? WHERE id = ?",
                (os.fsencode(target), target_key(target), picture.id),
            )
        return PlannedPicture(picture.id, picture.path, picture.sha256, picture.mode, self.folder / target)

    def planned(self) -> list[PlannedPicture]:
        """What an interrupted run left, at most one batch."""
        return [self._to_planned(row) for row in self.connection.execute(f"{_PLANNED} WHERE state = 'planned'")]

    def transferred(self) -> Iterator[PlannedPicture]:
        """Every picture that has a target, the newest first."""
        last = 2**62
        query = f"{_PLANNED} WHERE id < ? AND target_key IS NOT NULL ORDER BY id DESC LIMIT ?"
        while page := self.connection.execute(query, (last, LISTED_PER_PAGE)).fetchall():
            yield from map(self._to_planned, page)
            last = page[-1][0]

    def finish(self, errors: Iterable[tuple[int, str]]) -> None:
        """Pictures by id with the error that kept their files where they were, or with an empty one."""
        with self.connection:
            for identifier, error in errors:
                if error:
                    self.connection.execute(
                        "UPDATE pictures SET state = 'failed', decision = 'unreadable', error = ?, target = x'', "
                        "target_key = NULL WHERE id = ?",
                        (error, identifier),
                    )
                else:
                    self.connection.execute("UPDATE pictures SET state = 'done' WHERE id = ?", (identifier,))

    def forget(self, identifiers: Iterable[int]) -> None:
        """Remove pictures from the journal."""
        with self.connection:
            for identifier in identifiers:
                self.connection.execute("DELETE FROM pictures WHERE id = ?", (identifier,))
                self._forget_reviews(identifier)

    def _forget_reviews(self, picture: int) -> None:
        for table in ("leases", "reviews", "added"):
            self.connection.execute(f"DELETE FROM {table} WHERE picture = ?", (picture,))

    def forget_listed_only(self) -> None:
        """Remove the pictures that have no file in the folder: unreadable ones, and those of a table alone."""
        with self.connection:
            rows = self.connection.execute("SELECT id FROM pictures WHERE target_key IS NULL").fetchall()
        self.forget(identifier for (identifier,) in rows)

    def find_free_target(self, folder: str, name: str, sha256: str) -> Path:
        """A path relative to the output folder that no picture has and where no file lies."""
        stem, suffix = os.path.splitext(name)
        if len(os.fsencode(suffix)) > MAX_SUFFIX_BYTES:
            stem, suffix = name, ""
        number = 0
        while True:
            number += 1
            mark = "" if number == 1 else f"-{sha256[:8]}" if number == 2 else f"-{sha256[:8]}-{number - 1}"
            room = MAX_NAME_BYTES - len(os.fsencode(mark + suffix))
            while len(os.fsencode(stem)) > room:
                stem = stem[:-1]
            target = self.check_inside(Path(folder, stem + mark + suffix))
            query = "SELECT 1 FROM pictures WHERE target_key = ?"
            is_planned = self.connection.execute(query, (target_key(target),)).fetchone()
            if not is_planned and not os.path.lexists(self.folder / target):
                return target

    def check_inside(self, path: str | Path) -> Path:
        """A path in the output folder, as the journal has it. This program writes none that leads out of the folder.

        Raises ``StorageError`` for such a path: somebody else made the journal, and files elsewhere must stay.
        """
        path = Path(path)
        if path.anchor or ".." in path.parts:
            raise StorageError(DAMAGED_MESSAGE.format(self.folder / JOURNAL_NAME))
        return path

    def _to_planned(self, row: tuple[int, bytes, str, Mode, bytes]) -> PlannedPicture:
        identifier, path, sha256, mode, encoded = row
        target = self.folder / self.check_inside(os.fsdecode(encoded))
        return PlannedPicture(identifier, Path(os.fsdecode(path)), sha256, mode, target)


_PLANNED = "SELECT id, path, sha256, mode, target FROM pictures"


def target_key(target: Path) -> bytes:
    """Equal for two paths that some file system takes for the same: in two cases, or two forms of Unicode."""
    return os.fsencode(unicodedata.normalize("NFC", unicodedata.normalize("NFC", str(target)).casefold()))


@contextmanager
def open_journal(folder: Path) -> Iterator[Journal]:
    """The journal in ``folder``, which is created if it is missing.

    Raises ``StorageError`` when it is damaged, of another program, or cannot be written: also inside the context.
    """
    path = folder / JOURNAL_NAME
    try:
        with closing(sqlite3.connect(path)) as connection:
            found = connection.execute("PRAGMA application_id").fetchone()[0]
            if found not in (0, APPLICATION_ID):
                raise StorageError(f"{path} belongs to another program. Choose another folder with --out.")
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute("PRAGMA synchronous = FULL")
            if not connection.execute("PRAGMA user_version").fetchone()[0]:
                connection.execute(f"PRAGMA user_version = {1 + secrets.randbelow(2**31 - 1)}")
            connection.executescript(SCHEMA)
            yield Journal(connection, folder)
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)  # text that isn't UTF-8 has none
        if code == sqlite3.SQLITE_FULL:
            message = (
                f"There is no space left for {path}. Free some and run the same command again: it continues there."
            )
        elif code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR):
            message = DAMAGED_MESSAGE.format(path)
        else:
            message = f"{path} cannot be used ({error}). Change that, or choose another folder with --out."
        raise StorageError(message) from error
