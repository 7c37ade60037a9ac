"""What an import found, kept beside the catalogue; ``fashion_core.wording.catalogue`` puts it into sentences."""

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fashion_core.data.catalogue import REPORT_FILE
from fashion_core.storage.files import write_atomically

MAX_LISTED = 1_000  # of each kind of finding; the counts are complete
MAX_REPORT_BYTES = 16 * 2**20

Pair = tuple[str, str]


@dataclass(frozen=True)
class Findings:
    """``n`` findings of one kind and the first thousand, each a pair of texts such as a file and what is wrong."""

    n: int = 0
    listed: tuple[Pair, ...] = ()


def make_findings(pairs: list[Pair]) -> Findings:
    """All of ``pairs`` counted, and the first of them."""
    return Findings(len(pairs), tuple(pairs[:MAX_LISTED]))


@dataclass(frozen=True)
class ImportReport:
    """What an import found, in the words of the source: names of files and classes.

    ``unreadable``: file and why; ``missing``: file that a table names, and the table; ``skipped``: file that is no
    picture or has no class, and why; ``exact_duplicates`` and ``near_duplicates``: file and the one it repeats (an
    exact duplicate in the same class is left out); ``two_classes``: file and the equal one of another class;
    ``renamed``: name of a class as it came, and as it is now; ``ignored_columns``: column and table.
    ``small_classes``: class and its number of pictures, below ten; ``untested_classes``: class without pictures in the
    test split, and why; ``suspected_label_errors``: file, and the class that the pictures most like it have, with its
    own; ``similar_classes``: two classes. ``n_leaked``: test pictures with a near duplicate in training, in a split
    that the source brought. ``n_folds``: of cross-validation, in which test pictures are in train and validation too;
    0 without. ``kinds``: number of pictures prepared as each kind.
    """

    source: str
    n_pictures: int
    n_classes: int
    split_sizes: tuple[int, int, int]
    n_folds: int = 0
    split_is_given: bool = False
    n_leaked: int = 0
    seconds: float = 0.0
    kinds: tuple[tuple[str, int], ...] = ()
    unreadable: Findings = Findings()
    missing: Findings = Findings()
    skipped: Findings = Findings()
    exact_duplicates: Findings = Findings()
    near_duplicates: Findings = Findings()
    two_classes: Findings = Findings()
    renamed: Findings = Findings()
    ignored_columns: Findings = Findings()
    small_classes: Findings = Findings()
    untested_classes: Findings = Findings()
    suspected_label_errors: Findings = Findings()
    similar_classes: Findings = Findings()


def save_report(folder: Path, report: ImportReport) -> None:
    """Write the report of the catalogue in ``folder``; raises ``StorageError``."""
    content = json.dumps(dataclasses.asdict(report), indent=1)
    write_atomically(folder / REPORT_FILE, content.encode())


def load_report(folder: Path) -> ImportReport | None:
    """The report of the catalogue in ``folder``; None when there is none that can be read."""
    try:
        with (folder / REPORT_FILE).open("rb") as file:
            values = json.loads(file.read(MAX_REPORT_BYTES))
        return _report_from_values(values)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError):
        return None


def _report_from_values(values: dict[str, Any]) -> ImportReport:
    """Raises ``TypeError``, ``ValueError`` or ``KeyError`` when a field is missing or of another type."""
    fields: dict[str, Any] = {}
    for field in dataclasses.fields(ImportReport):
        value = values.get(field.name, 0) if field.name == "n_folds" else values[field.name]  # earlier ones lack it
        if field.type is Findings:
            listed = tuple((str(a), str(b)) for a, b in value["listed"][:MAX_LISTED])
            fields[field.name] = Findings(int(value["n"]), listed)
        elif field.name == "kinds":
            fields[field.name] = tuple((str(kind), int(n)) for kind, n in value)
        elif field.name == "split_sizes":
            n_train, n_validation, n_test = map(int, value)
            fields[field.name] = (n_train, n_validation, n_test)
        else:
            convert = {"source": str, "split_is_given": bool, "seconds": float}.get(field.name, int)
            fields[field.name] = convert(value)
    return ImportReport(**fields)
