"""The table of an output folder: what was decided for each picture, and by whom."""

import csv
import io
import math
import os
import time
from collections.abc import Iterator
from typing import Any

from fashion_core.errors import StorageError
from fashion_core.recognition.results_table import escape_spreadsheet_formula
from fashion_core.sorting.journal import Journal

CSV_NAME, PARQUET_NAME = "sorted.csv", "sorted.parquet"
COLUMNS = (
    "path", "sha256", "class", "probability", "threshold", "run", "decision", "decided_by", "target", "predicted",
    "second", "third", "error",
)  # fmt: skip
NUMBER_COLUMNS = ("probability", "threshold")
ROWS_PER_BLOCK = 5000
MAX_WRITTEN_AT_ONCE = 10_000  # pictures: a quarter of a second
PICTURES_PER_SECOND_OF_AGE = 1000  # of more pictures: a table of 100,000 is written every 100 seconds at most
QUERY = """
SELECT pictures.id, path, sha256, coalesce(answer, class), probability, threshold, run, decision,
    coalesce(person, decided_by), pictures.target, class, second, third, error
FROM pictures JOIN promises ON promises.id = pictures.promise LEFT JOIN reviews ON reviews.id =
    (SELECT min(id) FROM reviews WHERE picture = pictures.id AND answer IS NOT NULL)
WHERE pictures.id > ? ORDER BY pictures.id LIMIT ?
"""


def path_to_text(path: bytes) -> str:
    """A path as text: bytes that are not UTF-8, as in old Latin-1 names, become such as ``\\xe9``."""
    return path.decode("utf-8", "backslashreplace")


def read_rows(journal: Journal) -> Iterator[list[dict[str, Any]]]:
    """The rows of the table in blocks, by ``COLUMNS``; ``path`` is absolute, ``target`` relative to the folder."""
    last = 0
    while page := journal.connection.execute(QUERY, (last, ROWS_PER_BLOCK)).fetchall():
        rows = [dict(zip(COLUMNS, row[1:], strict=True)) for row in page]
        for row in rows:
            row |= {"path": path_to_text(row["path"]), "target": path_to_text(row["target"])}
        yield rows
        last = page[-1][0]


def write_tables(journal: Journal, *, parquet: bool) -> None:
    """Write ``sorted.csv`` and, if it is wanted or there is one, ``sorted.parquet``: whole or not at all.

    Raises ``StorageError`` when they cannot be written.
    """
    _write(journal, CSV_NAME, _write_csv)
    if parquet or (journal.folder / PARQUET_NAME).exists():
        _write(journal, PARQUET_NAME, _write_parquet)


def write_tables_if_due(journal: Journal) -> None:
    """``write_tables`` after an answer: of many pictures only if they are old, because it takes its time."""
    (n_pictures,) = journal.connection.execute("SELECT max(id) FROM pictures").fetchone()
    table = journal.folder / CSV_NAME
    age = time.time() - table.stat().st_mtime if table.exists() else math.inf
    if n_pictures <= MAX_WRITTEN_AT_ONCE or age > n_pictures / PICTURES_PER_SECOND_OF_AGE:
        write_tables(journal, parquet=False)


def _write(journal: Journal, name: str, write: Any) -> None:
    temporary = journal.folder / f".{name}"
    try:
        with temporary.open("wb") as file:
            write(journal, file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(journal.folder / name)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise StorageError(
            f"{journal.folder / name} cannot be written ({error.strerror}). Free some space and run the same command "
            "again: it continues there."
        ) from error


def _write_csv(journal: Journal, file: io.BufferedWriter) -> None:
    text = io.TextIOWrapper(file, "utf-8-sig", newline="", write_through=True)  # spreadsheets recognise the mark
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for rows in read_rows(journal):
        writer.writerows([_to_cell(row[column]) for column in COLUMNS] for row in rows)
    text.detach()


def _to_cell(value: Any) -> Any:
    return escape_spreadsheet_formula(value) if isinstance(value, str) else value


def make_parquet_schema() -> Any:
    """The columns of the table, as pyarrow's schema."""
    import pyarrow as pa

    return pa.schema([(column, pa.float64() if column in NUMBER_COLUMNS else pa.string()) for column in COLUMNS])


def _write_parquet(journal: Journal, file: io.BufferedWriter) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    schema = make_parquet_schema()
    with parquet.ParquetWriter(file, schema) as writer:
        for rows in read_rows(journal):
            writer.write_table(pa.Table.from_pylist(rows, schema))
