"""The list of sorted folders."""

from pathlib import Path

import pytest

from fashion_core.errors import StorageError
from fashion_core.sorting.known_folders import LIST_NAME, list_sorted_folders, note_sorted_folder
from fashion_core.sorting.sort import sort_folder
from fashion_core.sorting.undo import undo_sort
from fashion_core.storage.folder import user_data_folder
from tests.core.sorting.folders import write_pictures
from tests.core.sorting.sort_process import make_model


def test_folders_are_listed_while_something_is_sorted_into_them_the_latest_first(tmp_path: Path) -> None:
    write_pictures(tmp_path / "in", 1)
    names = ["a", "caf\udce9", "c"]  # one in Latin-1
    for name in names:
        sort_folder(make_model(), tmp_path / "in", tmp_path / name)
    sort_folder(make_model(), tmp_path / "in", tmp_path / "a")
    note_sorted_folder(tmp_path / "gone")
    assert list_sorted_folders() == [tmp_path / name for name in ("a", "c", "caf\udce9")]
    undo_sort(tmp_path / "c")
    assert list_sorted_folders() == [tmp_path / name for name in ("a", "caf\udce9")]


@pytest.mark.parametrize("content", ["{", '["relative"]', "[1]", "{}"])
def test_a_damaged_list_is_a_sentence(content: str) -> None:
    user_data_folder().mkdir(parents=True, exist_ok=True)
    (user_data_folder() / LIST_NAME).write_text(content)
    with pytest.raises(StorageError, match="is damaged"):
        list_sorted_folders()
