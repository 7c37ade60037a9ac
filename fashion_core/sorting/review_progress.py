"""How far the review of a sorted folder is, what it says about the promise, and whether people agree."""

from collections.abc import Collection
from dataclasses import astuple, dataclass, fields
from itertools import pairwise

from fashion_core.sorting.journal import Journal
from fashion_core.sorting.promise import SortingPromise

N_TIMED_ANSWERS = 50  # of a person, the latest
MIN_TIMED_ANSWERS = 5
LONGEST_PAUSE = 60.0  # seconds; longer ones count as so long
ACTIVE_SECONDS = 600.0  # since the last answer of a person who still works
_LEFT_TO_PEOPLE = "decision IN ('check', 'none')"
_FIRST_ANSWER = """reviews.id = (
    SELECT min(id) FROM reviews WHERE picture = pictures.id AND answer IS NOT NULL)"""


@dataclass(frozen=True)
class ReviewProgress:
    """Of ``n_to_check`` pictures that the model left to people or took for none of the classes, ``n_checked`` have an
    answer, and other people are shown ``n_shown_to_others`` now. ``n_reviewed``: pictures with an answer, also those
    that the model sorted. ``people``: who answered. ``seconds_left``: at the speed of those who answered lately; None
    if there are too few answers to tell.
    """

    n_to_check: int
    n_checked: int
    n_shown_to_others: int
    n_reviewed: int
    people: tuple[str, ...]
    seconds_left: float | None


@dataclass(frozen=True)
class SortingOutcome:
    """What became of the ``n`` pictures that were sorted under ``promise``: the model sorted ``n_automated``, of which
    people reviewed ``n_audited``, drawn at random, and gave ``n_wrong`` another class."""

    promise: SortingPromise
    n: int
    n_automated: int
    n_audited: int
    n_wrong: int


def measure_progress(journal: Journal, person: str, now: float) -> ReviewProgress:
    """How far the review is at ``now``, seconds since 1970."""
    execute = journal.connection.execute
    (n_to_check,) = execute(f"SELECT count(*) FROM pictures WHERE {_LEFT_TO_PEOPLE} AND state = 'done'").fetchone()
    (n_checked, n_reviewed) = execute(
        f"SELECT count(DISTINCT CASE WHEN {_LEFT_TO_PEOPLE} THEN picture END), count(DISTINCT picture) "
        "FROM reviews JOIN pictures ON pictures.id = picture WHERE answer IS NOT NULL"
    ).fetchone()
    (n_shown,) = execute(
        "SELECT count(DISTINCT picture) FROM leases JOIN pictures ON pictures.id = picture "
        f"WHERE {_LEFT_TO_PEOPLE} AND person != ? AND until > ?",
        (person, now),
    ).fetchone()
    latest = execute("SELECT person, max(at) FROM reviews GROUP BY person ORDER BY person").fetchall()
    active = [name for name, at in latest if at > now - ACTIVE_SECONDS]
    seconds_left = _seconds_left(journal, active, n_to_check - n_checked)
    return ReviewProgress(n_to_check, n_checked, n_shown, n_reviewed, tuple(name for name, _ in latest), seconds_left)


def _seconds_left(journal: Journal, people: Collection[str], n_left: int) -> float | None:
    """For ``n_left`` pictures, at the speed of these people together."""
    per_second = 0.0
    for person in people:
        query = "SELECT at FROM reviews WHERE person = ? ORDER BY at DESC LIMIT ?"
        times = [at for (at,) in journal.connection.execute(query, (person, N_TIMED_ANSWERS))]
        if len(times) < MIN_TIMED_ANSWERS:
            continue
        seconds = sum(min(later - earlier, LONGEST_PAUSE) for later, earlier in pairwise(times))
        per_second += (len(times) - 1) / max(seconds, 1.0)
    return n_left / per_second if per_second else None


def measure_outcome(journal: Journal) -> SortingOutcome | None:
    """What became of the pictures sorted under the latest promise, which several runs may have repeated; None if the
    model sorted none of them."""
    columns = ", ".join(field.name for field in fields(SortingPromise))
    same = " AND ".join(f"{field.name} IS ?" for field in fields(SortingPromise))
    row = journal.connection.execute(
        f"SELECT {columns} FROM promises WHERE id = (SELECT max(promise) FROM pictures WHERE decision = 'automatic')"
    ).fetchone()
    if row is None:
        return None
    promise = SortingPromise(*row)
    counts = journal.connection.execute(
        "SELECT count(*), total(decision = 'automatic'), total(decision = 'automatic' AND answer IS NOT NULL), "
        f"total(decision = 'automatic' AND answer != class) FROM pictures LEFT JOIN reviews ON {_FIRST_ANSWER} "
        f"WHERE decision IN ('automatic', 'check', 'none') AND promise IN (SELECT id FROM promises WHERE {same})",
        astuple(promise),
    ).fetchone()
    return SortingOutcome(promise, *map(int, counts))


def list_answer_pairs(journal: Journal) -> list[tuple[str, str]]:
    """The first and the second answer to each picture that two people answered; "" for none of the classes."""
    rows = journal.connection.execute(
        "SELECT first.answer, second.answer FROM reviews first JOIN reviews second ON first.picture = second.picture "
        "AND first.id < second.id AND first.answer IS NOT NULL AND second.answer IS NOT NULL ORDER BY second.id"
    )
    return [(first, second) for first, second in rows]
