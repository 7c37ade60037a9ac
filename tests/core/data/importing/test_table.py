"""Tables beside pictures: separators, encodings, unknown columns, and cells that are only text."""

import pytest

from fashion_core.data.importing.table import MAX_TABLE_BYTES, read_table
from fashion_core.errors import DataError


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_every_separator_and_encoding_is_read(separator: str, encoding: str) -> None:
    text = f"file{separator}label\r\na.png{separator}Mäntel\r\n\r\nb.png{separator}Kleid\r\n"
    table = read_table(text.encode(encoding), "labels.csv")
    assert table is not None
    assert [(row.file, row.label) for row in table.rows] == [("a.png", "Mäntel"), ("b.png", "Kleid")]


def test_quoted_cells_hold_separators_lines_and_formulas_as_text() -> None:
    table = read_table(b'file,label,note\n"a, b.png","=cmd|\' /C calc\'!A0",x\n"c.png","two\nlines",\n', "labels.csv")
    assert table is not None
    assert [row.label for row in table.rows] == ["=cmd|' /C calc'!A0", "two\nlines"]
    assert table.rows[0].file == "a, b.png"
    assert table.ignored_columns == ("note",)


def test_other_names_of_columns_and_short_rows() -> None:
    table = read_table(b"Split;Class;FileName;Person\ntrain;coat;.\\x\\1.png\n", "t.csv")
    assert table is not None
    row = table.rows[0]
    assert (row.file, row.label, row.split, row.group) == ("x/1.png", "coat", "train", "")
    assert table.columns == {"file", "label", "split", "group"}


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"file\na.png\n", b"\x00\x01\x02", b"label\ncoat\n"])
def test_what_names_no_files_is_no_table_of_pictures(content: bytes) -> None:
    assert read_table(content, "t.csv") is None


def test_a_table_that_is_too_large_or_damaged_is_refused() -> None:
    with pytest.raises(DataError, match="larger than"):
        read_table(b"x" * (MAX_TABLE_BYTES + 1), "t.csv")
    with pytest.raises(DataError, match="damaged"):
        read_table(b"file,label\na," + b"x" * 200_000, "t.csv")
