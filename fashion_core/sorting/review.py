"""People decide on sorted pictures: which picture is shown to whom, and what they answer.

First come the pictures that the model left to people, then those that it takes for none of the classes. A picture is
leased to the person it is shown to. One in ten, told by its hash, is given to two people, so that their agreement can
be measured; of two answers the first counts. One in five pictures shown is one that the model sorted: those are taken
in the order of their hashes, which says nothing about what they show, and measure the model's error.
"""

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from fashion_core.data.class_names import clean_class_name
from fashion_core.errors import ConfigError, LockedError, StorageError
from fashion_core.sorting.journal import JOURNAL_NAME, Journal
from fashion_core.sorting.moves import finish_moves, plan_move
from fashion_core.sorting.output import finish_interrupted, open_output

Order = Literal["uncertain", "grouped"]
NONE_ANSWER = ""  # the picture shows none of the classes
LEASE_SECONDS = 600.0  # after which another person may get a picture that was not answered
AUDIT_EVERY = 5  # one of so many pictures shown is one that the model sorted
REVIEW_LOCK_TIMEOUT = 5.0  # seconds to wait for a sort, or for another person's answers
MAX_PERSON_LENGTH = 40
MODEL_NAME = "model"  # in the table
_ORDER_COLUMNS: dict[Order, str] = {"uncertain": "probability, id", "grouped": "class, probability, id"}
# one in ten: 0x199a of 0x10000; the end of the hash, because its beginning says which pictures are drawn
_MAX_PEOPLE = "CASE WHEN substr(sha256, -4) < '199a' THEN 2 ELSE 1 END"
_IS_FREE = f"""state = 'done' AND {_MAX_PEOPLE} > (SELECT count(*) FROM (
    SELECT person FROM reviews WHERE picture = pictures.id AND answer IS NOT NULL AND person != :person
    UNION SELECT person FROM leases WHERE picture = pictures.id AND until > :now AND person != :person))"""
_IS_NEW = """NOT EXISTS (SELECT 1 FROM reviews WHERE picture = pictures.id AND person = :person)
    AND NOT EXISTS (SELECT 1 FROM leases WHERE picture = pictures.id AND person = :person)"""


@dataclass(frozen=True)
class PictureToReview:
    """A picture for a person. ``path``: its file; ``name``: where it lay; ``candidates``: the most probable classes;
    ``probability``: as in the table. ``answer`` of this person: a class or ``NONE_ANSWER``, or None when not sure;
    it means something only if ``is_answered``."""

    id: int
    path: Path
    name: str
    candidates: tuple[str, ...]
    probability: float
    is_answered: bool
    answer: str | None


@dataclass(frozen=True)
class SavedAnswers:
    """``n_refused`` were not saved, because another person was shown the picture meanwhile. ``errors``: a sentence for
    each file that stays in its folder."""

    n_refused: int
    errors: tuple[str, ...]


@contextmanager
def open_review(folder: Path) -> Iterator[Journal]:
    """The journal of a sorted folder, for a moment: other people wait. What was interrupted is finished first.

    Raises ``ConfigError`` when nothing was sorted into the folder, and ``StorageError`` while a sort is running, or
    when it cannot be written.
    """
    if not (folder / JOURNAL_NAME).is_file():
        raise ConfigError(f"Nothing is sorted into {folder} any more. Choose another folder.")
    try:
        with open_output(folder, timeout=REVIEW_LOCK_TIMEOUT) as journal:
            finish_interrupted(journal)
            yield journal
    except LockedError as error:
        raise StorageError(f"Pictures are being sorted into {folder}. Review them when that has ended.") from error


def clean_person_name(name: str) -> str:
    """A person's name as the table shows it; "" if nothing visible is left.

    Raises ``ConfigError`` for the name that stands for the model.
    """
    cleaned = clean_class_name(name)[:MAX_PERSON_LENGTH].rstrip()
    if cleaned.casefold() == MODEL_NAME:
        raise ConfigError(f"In the table, {MODEL_NAME} stands for what the model decided. Choose another name.")
    return cleaned


def list_class_names(journal: Journal) -> list[str]:
    """The classes that pictures of the folder can have."""
    return [name for (name,) in journal.connection.execute("SELECT name FROM classes ORDER BY rowid")]


def draw_pictures(journal: Journal, person: str, order: Order, n: int, now: float) -> list[int]:
    """Ids of ``n`` pictures for ``person``, those shown before first; fewer when not so many are left.

    ``now``: seconds since 1970. They are the person's for ``LEASE_SECONDS``.
    """
    execute = journal.connection.execute
    with journal.connection:
        execute("DELETE FROM leases WHERE until <= ?", (now,))
        own = [row[0] for row in execute("SELECT picture FROM leases WHERE person = ? ORDER BY id", (person,))]
        (n_reviewed,) = execute("SELECT count(*) FROM reviews WHERE person = ?", (person,)).fetchone()
        slots = range(n_reviewed + len(own), n_reviewed + max(n, len(own)))
        new = _choose_new(journal, person, order, slots, now)
        rows = [(picture, person, now + LEASE_SECONDS) for picture in new]
        journal.connection.executemany("INSERT INTO leases (picture, person, until) VALUES (?, ?, ?)", rows)
        _renew_leases(journal, person, now)
    return own + new


def _choose_new(journal: Journal, person: str, order: Order, slots: range, now: float) -> list[int]:
    """A picture for each of the person's next ``slots``, as far as there are any: every fifth is an audit."""
    if not slots:
        return []

    def find(decision: str, columns: str) -> list[int]:
        query = (
            f"SELECT id FROM pictures WHERE decision = '{decision}' AND {_IS_FREE} AND {_IS_NEW} "
            f"ORDER BY {columns} LIMIT :n"
        )
        return [row[0] for row in journal.connection.execute(query, {"person": person, "now": now, "n": len(slots)})]

    columns = _ORDER_COLUMNS[order]
    to_check, to_audit = find("check", columns) + find("none", columns), find("automatic", "sha256")
    chosen = []
    for slot in slots:
        first, second = (to_audit, to_check) if slot % AUDIT_EVERY == AUDIT_EVERY - 1 else (to_check, to_audit)
        if first or second:
            chosen.append((first or second).pop(0))
    return chosen


def load_pictures(journal: Journal, person: str, pictures: Collection[int]) -> list[PictureToReview]:
    """The pictures with these ids, in their order; those that are gone are left out."""
    query = (
        "SELECT pictures.id, path, target, class, second, third, probability, reviews.id IS NOT NULL, answer "
        "FROM pictures LEFT JOIN reviews ON picture = pictures.id AND person = ? WHERE pictures.id = ?"
    )
    found = []
    for picture in pictures:
        row = journal.connection.execute(query, (person, picture)).fetchone()
        if row is not None:
            path, target = Path(os.fsdecode(row[1])), os.fsdecode(row[2])
            candidates = tuple(name for name in row[3:6] if name)
            file = journal.folder / target if target else path
            found.append(PictureToReview(row[0], file, path.name, candidates, row[6], bool(row[7]), row[8]))
    return found


def save_answers(
    journal: Journal,
    person: str,
    answers: Mapping[int, str | None],
    now: float,
    *,
    withdrawn: Collection[int] = (),
) -> SavedAnswers:
    """Save what a person said, by the pictures' ids, and what they take back; files move to where they belong now.

    An answer is a class, ``NONE_ANSWER``, or None for a picture left to others. Raises ``ConfigError`` for an unknown
    class, and ``StorageError`` when a folder cannot be written: then the answers are saved, and the files move later.
    """
    unknown = {answer for answer in answers.values() if answer} - set(list_class_names(journal))
    if unknown:
        raise ConfigError(f"There is no class {min(unknown)}. Choose one of the classes of the folder.")
    execute, n_refused = journal.connection.execute, 0
    with journal.connection:
        for number, (picture, answer) in enumerate(answers.items()):
            if not _may_answer(journal, person, picture, now):
                n_refused += 1
                continue
            at = now + number * 1e-6  # the order in which they came
            execute(
                "INSERT INTO reviews (picture, person, answer, at) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (picture, person) DO UPDATE SET answer = excluded.answer, at = excluded.at",
                (picture, person, answer, at),
            )
            execute("DELETE FROM leases WHERE picture = ? AND person = ?", (picture, person))
            plan_move(journal, picture)
        for picture in withdrawn:
            _withdraw(journal, person, picture, now)
        _renew_leases(journal, person, now)
    return SavedAnswers(n_refused, tuple(finish_moves(journal)))


def _may_answer(journal: Journal, person: str, picture: int, now: float) -> bool:
    query = f"SELECT 1 FROM pictures WHERE id = :id AND decision != 'unreadable' AND {_IS_FREE}"
    parameters = {"id": picture, "person": person, "now": now}
    return journal.connection.execute(query, parameters).fetchone() is not None


def _withdraw(journal: Journal, person: str, picture: int, now: float) -> None:
    execute = journal.connection.execute
    if execute("DELETE FROM reviews WHERE picture = ? AND person = ?", (picture, person)).rowcount:
        rows = (picture, person, now + LEASE_SECONDS)
        execute("INSERT OR IGNORE INTO leases (picture, person, until) VALUES (?, ?, ?)", rows)
        plan_move(journal, picture)


def _renew_leases(journal: Journal, person: str, now: float) -> None:
    journal.connection.execute("UPDATE leases SET until = ? WHERE person = ?", (now + LEASE_SECONDS, person))


def find_last_answered(journal: Journal, person: str) -> int | None:
    """The picture that a person answered last, to be withdrawn."""
    query = "SELECT picture FROM reviews WHERE person = ? ORDER BY at DESC, id DESC LIMIT 1"
    row = journal.connection.execute(query, (person,)).fetchone()
    return None if row is None else int(row[0])


def release_pictures(journal: Journal, person: str) -> None:
    """Give back the pictures that a person was shown and has not answered."""
    with journal.connection:
        journal.connection.execute("DELETE FROM leases WHERE person = ?", (person,))
