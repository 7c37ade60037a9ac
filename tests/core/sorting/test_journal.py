"""Journals that this program did not write, or that somebody changed: nothing outside their folder moves."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from fashion_core.errors import StorageError
from fashion_core.sorting.journal import JOURNAL_NAME, open_journal
from fashion_core.sorting.review import draw_pictures, open_review, save_answers
from fashion_core.sorting.sort import sort_folder
from fashion_core.sorting.undo import undo_sort
from tests.core.sorting.folders import files_below, write_pictures
from tests.core.sorting.sort_process import make_model

TARGET = "UPDATE pictures SET mode = 'move', target = CAST('{}' AS BLOB)"
MOVE = "INSERT INTO moves SELECT id, CAST('{}' AS BLOB) FROM pictures"


def open_and_close(folder: Path) -> None:
    with open_review(folder):
        pass


def change_journal(tmp_path: Path, *statements: str) -> Path:
    """A folder into which a picture was sorted, with a journal that somebody changed, beside a file of the user."""
    write_pictures(tmp_path / "in", 1)
    (tmp_path / "secret.txt").write_bytes(b"secret")
    sort_folder(make_model(None), tmp_path / "in", tmp_path / "out")
    with closing(sqlite3.connect(tmp_path / "out" / JOURNAL_NAME)) as connection, connection:
        for statement in statements:
            connection.execute(statement.replace("ABSOLUTE", str(tmp_path)))
    return tmp_path / "out"


@pytest.mark.parametrize(
    ("action", "statements"),
    [
        (open_and_close, [MOVE.format("../secret.txt")]),
        (open_and_close, [MOVE.format("ABSOLUTE/secret.txt")]),
        (open_and_close, [MOVE.format("check/000.png"), TARGET.format("check/../../public.png")]),
        (open_and_close, [TARGET.format("../public.png"), "UPDATE pictures SET state = 'planned'"]),
        (undo_sort, [MOVE.format("../secret.txt")]),
        (undo_sort, [TARGET.format("../secret.txt"), "UPDATE pictures SET path = CAST('ABSOLUTE/x' AS BLOB)"]),
        (undo_sort, [TARGET.format("ABSOLUTE/secret.txt"), "UPDATE pictures SET path = CAST('ABSOLUTE/x' AS BLOB)"]),
    ],
)
def test_a_path_that_leads_out_of_the_folder_is_refused_and_nothing_moves(
    action: Callable[[Path], object], statements: list[str], tmp_path: Path
) -> None:
    output = change_journal(tmp_path, *statements)
    before = files_below(tmp_path)
    with pytest.raises(StorageError, match="is damaged"):
        action(output)
    assert files_below(tmp_path) == before


def test_a_class_whose_folder_lies_elsewhere_is_refused_and_nothing_moves(tmp_path: Path) -> None:
    output = change_journal(tmp_path, "UPDATE classes SET folder = '../elsewhere'")
    before = files_below(tmp_path)
    with open_review(output) as journal:
        pictures = draw_pictures(journal, "Ann", "uncertain", 1, 0.0)
        with pytest.raises(StorageError, match="is damaged"):
            save_answers(journal, "Ann", dict.fromkeys(pictures, "Dress"), 0.0)
    assert files_below(tmp_path) == before
    open_and_close(output)


def test_text_that_is_not_utf_8_is_a_sentence(tmp_path: Path) -> None:
    output = change_journal(tmp_path, "UPDATE pictures SET sha256 = CAST(x'ff' AS TEXT), state = 'planned'")
    with pytest.raises(StorageError, match="is damaged"):
        open_and_close(output)


@pytest.mark.parametrize("name", ["a." + "b" * 250, "." + "b" * 254, "a" * 250 + ".png"])
def test_a_name_without_room_for_a_mark_is_shortened(name: str, tmp_path: Path) -> None:
    with open_journal(tmp_path) as journal:
        for _ in range(3):
            target = journal.find_free_target("dress", name, "0" * 64)
            assert len(target.name) <= 255
            (tmp_path / target).parent.mkdir(exist_ok=True)
            (tmp_path / target).touch(exist_ok=False)
