"""A table that says which class, group or split each picture has: CSV with a header, as spreadsheets write it."""

import csv
import io
import unicodedata
from dataclasses import dataclass

from fashion_core.data.class_names import clean_class_name
from fashion_core.errors import DataError
from fashion_core.vision.decode import MAX_PICTURE_BYTES

MAX_TABLE_BYTES = MAX_PICTURE_BYTES  # what a source reads at most
MAX_HEADER_LENGTH = 10_000  # characters of the first line
MAX_PATH_LENGTH = 4096  # characters; of a longer path only its start is used: normalising takes quadratic time
SEPARATORS = (",", ";", "\t")
COLUMN_NAMES = {
    "file": ("file", "filename", "file_name", "image", "path"),
    "label": ("label", "class", "category"),
    "group": ("group", "person"),
    "split": ("split",),
}


@dataclass(frozen=True)
class TableRow:
    """What a table says about one picture; "" where it says nothing. ``file``: its path, with slashes."""

    file: str
    label: str
    group: str
    split: str


@dataclass(frozen=True)
class PictureTable:
    """The rows of a table, the columns it has of those that are known, and the names of the others."""

    rows: tuple[TableRow, ...]
    columns: frozenset[str]
    ignored_columns: tuple[str, ...]


def read_table(content: bytes, name: str) -> PictureTable | None:
    """The table in a file called ``name``; None unless its first line names a column ``file`` and another known one.

    It is UTF-8, UTF-16 or Latin-1, separated by commas, semicolons or tabs. Every cell is only text. Raises
    ``DataError`` when the file is too large or no table.
    """
    if len(content) > MAX_TABLE_BYTES:
        raise DataError(f"The table {name} is larger than {MAX_TABLE_BYTES // 2**20} MB. Split it into smaller ones.")
    text = _decode(content)
    header = text[:MAX_HEADER_LENGTH].split("\n", 1)[0]
    separator = max(SEPARATORS, key=header.count)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        names = [cell.strip() for cell in next(reader, [])]
        position = {
            column: next((i for i, cell in enumerate(names) if cell.casefold() in known), None)
            for column, known in COLUMN_NAMES.items()
        }
        columns = frozenset(column for column, i in position.items() if i is not None)
        if "file" not in columns or len(columns) < 2:
            return None
        rows = tuple(_row(cells, position) for cells in reader if any(cell.strip() for cell in cells))
    except csv.Error as error:
        raise DataError(f"The table {name} is damaged ({error}). Save it again as CSV.") from error
    ignored = [clean_class_name(cell) for i, cell in enumerate(names) if i not in position.values() and cell]
    return PictureTable(rows, columns, tuple(ignored))


def normalise_path(path: str) -> str:
    """A path as it is looked up: with slashes, in NFC, without a leading ``./``."""
    return unicodedata.normalize("NFC", path[:MAX_PATH_LENGTH].replace("\\", "/")).removeprefix("./")


def _row(cells: list[str], position: dict[str, int | None]) -> TableRow:
    def cell(column: str) -> str:
        i = position[column]
        return cells[i].strip() if i is not None and i < len(cells) else ""

    return TableRow(normalise_path(cell("file")), cell("label"), cell("group"), cell("split"))


def _decode(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")
