"""Uploaded pictures, whose predictions exist, are sorted into a folder, reviewed and added to a catalogue."""

import io
import zipfile
from pathlib import Path

import pytest

from fashion_core.data.catalogue_list import find_catalogue
from fashion_core.data.classes import FASHION_CLASSES
from fashion_core.errors import AccessError, ConfigError, StorageError
from fashion_core.recognition.batch import PictureResult, predict_sources
from fashion_core.sorting import uploads
from fashion_core.sorting.additions import add_decided_pictures, list_decided_pictures
from fashion_core.sorting.known_folders import list_sorted_folders
from fashion_core.sorting.review import draw_pictures, open_review, save_answers
from fashion_core.sorting.undo import undo_sort
from fashion_core.sorting.uploads import delete_sorted_uploads, fits_into_zip, sort_uploads, zip_sorted_folder
from fashion_core.storage.folder import user_data_folder
from fashion_core.storage.visitors import Amounts, Visitor, acting_as
from fashion_core.vision.picture_sources import PictureSource
from tests.core.sorting.folders import files_below, read_table, write_pictures
from tests.core.sorting.sort_process import make_model
from tests.ui.catalogues import write_catalogue

NAMES = ("a.zip/mine/x.png", "a.zip/mine/x.png", "../../etc/x.png", "/.ssh/.x.png", "C:\\x.png", "é" * 300 + ".png")


def sort_pictures(tmp_path: Path, threshold: float | None = 0.75) -> tuple[Path, list[bytes], list[PictureResult]]:
    contents = [*write_pictures(tmp_path, len(NAMES)).values(), b"nothing"]
    sources = [
        PictureSource(name, (), lambda content=content: content)  # type: ignore[misc]
        for name, content in zip((*NAMES, "broken.png"), contents, strict=True)
    ]
    model = make_model(threshold)
    results = list(predict_sources(model.recognizer, sources, model.options))
    output, progress = sort_uploads(sources, results, FASHION_CLASSES, model.promise)
    assert progress.decisions.total() == len(NAMES) + 1
    return output, contents, results


def test_every_readable_upload_is_sorted_and_nothing_is_written_elsewhere(tmp_path: Path) -> None:
    output, contents, _ = sort_pictures(tmp_path)
    assert output.parent == user_data_folder() / "sorted"
    assert list_sorted_folders() == [output]
    visible = {name: content for name, content in files_below(output).items() if not name.startswith(".")}
    assert sorted(visible.values()) == sorted(contents[:-1])
    rows = read_table(output)
    assert len(rows) == len(NAMES) + 1
    assert all(Path(row["path"]).is_relative_to(output / ".uploads") for row in rows)
    assert {row["decision"] for row in rows} >= {"automatic", "unreadable"}
    with zipfile.ZipFile(io.BytesIO(zip_sorted_folder(output))) as archive:
        assert {*archive.namelist()} == {*visible, "sorted.csv"}
    again, *_ = sort_pictures(tmp_path)
    assert again != output


def test_unpacked_pictures_count_against_a_visitor_s_quota(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MEGABYTES_BETWEEN_CHECKS", 0)
    visitor = Visitor("a" * 20, quota=Amounts(megabytes=0.2))
    content = next(iter(write_pictures(tmp_path, 1).values()))
    reads: list[bytes] = []

    def read() -> bytes:
        reads.append(content + bytes(2**16))  # as unpacked
        return reads[-1]

    model = make_model(0.75)
    [result] = predict_sources(model.recognizer, [PictureSource("x.png", (), lambda: content)], model.options)
    sources = [PictureSource(f"{i}.png", (), read) for i in range(9)]
    with acting_as(visitor):
        with pytest.raises(AccessError, match="megabytes"):
            sort_uploads(sources, [result] * 9, FASHION_CLASSES, model.promise, megabytes=0.1)
        assert len(reads) < 5
        assert list_sorted_folders() == []
        assert not list((user_data_folder() / "sorted").iterdir())


def test_a_zip_that_the_server_would_hold_in_memory_is_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    output, *_ = sort_pictures(tmp_path)
    assert fits_into_zip(output)
    monkeypatch.setattr(uploads, "MAX_ZIP_MEGABYTES", 0.001)
    assert not fits_into_zip(output)
    with pytest.raises(StorageError, match="Sort fewer"):
        zip_sorted_folder(output)


def test_undo_puts_uploads_back_to_where_they_were_stored(tmp_path: Path) -> None:
    output, contents, _ = sort_pictures(tmp_path)
    assert undo_sort(output).n_restored == len(NAMES)
    assert sorted(files_below(output / ".uploads").values()) == sorted(contents[:-1])


def test_decided_pictures_are_added_to_a_catalogue_once(tmp_path: Path) -> None:
    write_catalogue("shop", 2, names=("Dress", "Mug"))
    output, _, _ = sort_pictures(tmp_path, threshold=None)
    with open_review(output) as journal:
        first, second, third, *_ = draw_pictures(journal, "Ann", "uncertain", 6, 1e6)
        save_answers(journal, "Ann", {first: "Dress", second: "", third: None}, 1e6)
    (decided,) = list_decided_pictures(output, "shop")
    assert (decided.class_name, decided.path.parent.name) == ("Dress", "dress")
    before = find_catalogue("shop").n_pictures
    added = add_decided_pictures(output, find_catalogue("shop"))
    assert added.n_added == 1
    assert find_catalogue("shop").n_pictures == before + 1
    assert list_decided_pictures(output, "shop") == []
    assert len(list_decided_pictures(output, "other")) == 1


def test_only_sorted_uploads_are_deleted_with_their_pictures(tmp_path: Path) -> None:
    output, *_ = sort_pictures(tmp_path / "in")
    delete_sorted_uploads(output)
    assert not output.exists()
    assert list_sorted_folders() == []
    for folder in (tmp_path / "in", output.parent / "..", user_data_folder()):
        with pytest.raises(ConfigError, match="was not sorted on Try it"):
            delete_sorted_uploads(folder)
    assert len(files_below(tmp_path / "in")) == len(NAMES)
