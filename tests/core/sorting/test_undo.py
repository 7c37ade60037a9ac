"""Undoing a sort: everything is as before, but for what the user changed."""

import os
import shutil
from pathlib import Path

import pytest

from fashion_core.errors import ConfigError
from fashion_core.sorting import transfer
from fashion_core.sorting.sort import sort_folder
from fashion_core.sorting.undo import undo_sort
from tests.core.sorting.folders import files_below, read_table, write_pictures
from tests.core.sorting.sort_process import make_model

MODES = pytest.mark.parametrize("mode", ["copy", "move", "link"])


@MODES
def test_everything_is_as_before_and_can_be_sorted_again(tmp_path: Path, mode: transfer.Mode) -> None:
    write_pictures(tmp_path / "in", 80)
    (tmp_path / "in" / "bad.png").write_bytes(b"nothing")
    before = files_below(tmp_path / "in")
    for _ in range(2):
        sort_folder(make_model(), tmp_path / "in", tmp_path / "out", mode=mode, parquet=True)
        first = files_below(tmp_path / "out")
        result = undo_sort(tmp_path / "out")
        assert (result.n_restored, result.n_missing, result.n_kept) == (80, 0, 0)
        assert files_below(tmp_path / "in") == before
        assert not (tmp_path / "out").exists()
    assert len(first) == 80


@MODES
def test_what_the_user_changed_is_never_deleted(tmp_path: Path, mode: transfer.Mode) -> None:
    source, output = tmp_path / "in", tmp_path / "out"
    contents = write_pictures(source, 6)
    sort_folder(make_model(), source, output, mode=mode)
    changed, missing, replaced, *_ = read_table(output)
    (output / changed["target"]).unlink()
    (output / changed["target"]).write_bytes(b"changed")
    (output / missing["target"]).rename(tmp_path / "elsewhere.png")
    Path(replaced["path"]).unlink(missing_ok=True)
    if mode == "move":
        Path(replaced["path"]).write_bytes(b"another")
    (output / "check").mkdir(exist_ok=True)
    (output / "check" / "notes.txt").write_bytes(b"of the user")
    result = undo_sort(output)
    left = files_below(output)
    assert left["check/notes.txt"] == b"of the user"
    assert left[replaced["target"]] == contents[Path(replaced["path"])]
    if mode == "move":
        assert Path(changed["path"]).read_bytes() == b"changed"
        assert Path(replaced["path"]).read_bytes() == b"another"
        assert (result.n_restored, result.n_missing, result.n_kept) == (4, 1, 1)
        assert result.kept == (output / replaced["target"],)
    else:
        assert left[changed["target"]] == b"changed"
        assert (result.n_restored, result.n_kept) == (4, 2)
    assert len(left) == 1 + result.n_kept
    assert {row["target"] for row in read_table(output)} == set(left) - {"check/notes.txt"}
    assert undo_sort(output).n_kept == result.n_kept


@MODES
def test_an_interrupted_undo_continues(tmp_path: Path, mode: transfer.Mode, monkeypatch: pytest.MonkeyPatch) -> None:
    write_pictures(tmp_path / "in", 30)
    before = files_below(tmp_path / "in")
    sort_folder(make_model(), tmp_path / "in", tmp_path / "out", mode=mode)
    original = os.unlink
    calls = iter(range(10))

    def unlink(path: Path) -> None:
        if next(calls, None) is None:
            raise KeyboardInterrupt
        original(path)

    with monkeypatch.context() as patched:
        patched.setattr(os, "unlink", unlink)
        with pytest.raises(KeyboardInterrupt):
            undo_sort(tmp_path / "out")
    undo_sort(tmp_path / "out")
    assert files_below(tmp_path / "in") == before
    assert not (tmp_path / "out").exists()


def test_moved_pictures_come_back_although_their_folder_is_gone(tmp_path: Path) -> None:
    write_pictures(tmp_path / "in", 3)
    before = files_below(tmp_path / "in")
    sort_folder(make_model(), tmp_path / "in", tmp_path / "out", mode="move")
    shutil.rmtree(tmp_path / "in")
    undo_sort(tmp_path / "out")
    assert files_below(tmp_path / "in") == before


def test_a_folder_that_nothing_was_sorted_into_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nothing to undo"):
        undo_sort(tmp_path)
