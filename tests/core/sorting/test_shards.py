"""Sorting into a table of Parquet files without a cluster: what is new, what is missing, what fails."""

import io
import os
import tracemalloc
from collections import Counter
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from fashion_core.data.classes import FASHION_CLASSES
from fashion_core.errors import ConfigError, PictureError, StorageError
from fashion_core.recognition.promises import load_reference_predictions
from fashion_core.recognition.shipped_recognizer import load_shipped_recognizer
from fashion_core.runs.store import RunStore
from fashion_core.runs.summary import RECOGNITION_RUN_IDS
from fashion_core.sorting import manifests
from fashion_core.sorting.manifests import add_manifests, read_manifest
from fashion_core.sorting.packed_model import pack_model, unpack_model
from fashion_core.sorting.promise import make_promise
from fashion_core.sorting.shards import ManifestResult, ManifestSorter, read_result, sort_here, sort_to_shards
from fashion_core.sorting.sort import SortingModel, SortProgress, sort_folder
from fashion_core.sorting.stores import ListedPicture, Store, open_store
from fashion_core.sorting.table import COLUMNS
from fashion_core.vision.preparation import PreparationOptions
from tests.core.sorting.folders import read_table, write_pictures
from tests.core.sorting.sort_process import Brightness, make_model


@pytest.fixture(autouse=True)
def _small_manifests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifests, "PICTURES_PER_MANIFEST", 8)


def read_shards(output: Path | str) -> list[dict[str, Any]]:
    store = open_store(str(output))
    contents = [store.read(f"table/{name}") for name in store.list_names("table")]
    return [row for content in contents for row in parquet.read_table(io.BytesIO(content)).to_pylist()]


def sort(source: Path | str, output: Path | str, sorter: ManifestSorter | None = None, **more: Any) -> SortProgress:
    return sort_to_shards(open_store(str(source)), open_store(str(output)), sorter or sort_here(make_model()), **more)


def stop_after(n: int) -> ManifestSorter:
    """A sorter whose process is killed after ``n`` manifests, and in the middle of the next."""

    def sort_manifests(output: Store, names: list[str]) -> Generator[ManifestResult]:
        yield from sort_here(make_model())(output, names[:n])
        (Path(output.root) / ".unfinished" / "half").write_bytes(b"half")
        raise KeyboardInterrupt

    return sort_manifests


def test_the_table_says_what_sorting_a_folder_says(tmp_path: Path) -> None:
    contents = write_pictures(tmp_path / "in", 20)
    (tmp_path / "in" / "bad.png").write_bytes(b"nothing")
    (tmp_path / "in" / "more.zip").write_bytes(b"PK")
    reports: list[int] = []
    progress = sort(tmp_path / "in", tmp_path / "out", report=lambda now: reports.append(now.n_handled))
    assert sort_folder(make_model(), tmp_path / "in", tmp_path / "folders", mode="table").n == progress.n == 22
    assert reports == [0, 8, 16, 22]
    found = {row["path"]: row for row in read_shards(tmp_path / "out")}
    expected = {row["path"]: row for row in read_table(tmp_path / "folders")}
    assert found.keys() == expected.keys() >= {str(path) for path in contents}
    for path, row in found.items():
        assert tuple(row) == COLUMNS
        as_text = {column: "" if value is None else str(value) for column, value in row.items()}
        assert as_text == expected[path]


def test_a_store_is_sorted_into_a_store(tmp_path: Path) -> None:
    contents = write_pictures(tmp_path / "in", 10)
    source = open_store("memory://shop")
    for path, content in contents.items():
        source.filesystem.pipe_file(f"/shop/{path.name}", content)
    assert sort("memory://shop", "memory://shop/out").n == 10
    assert {row["path"] for row in read_shards("memory://shop/out")} == {f"memory:///shop/{p.name}" for p in contents}
    assert sort("memory://shop", "memory://shop/out").n_known == 10
    source.filesystem.rm("/shop", recursive=True)


def test_an_interrupted_sort_continues(tmp_path: Path) -> None:
    write_pictures(tmp_path / "in", 30)
    with pytest.raises(KeyboardInterrupt):
        sort(tmp_path / "in", tmp_path / "out", stop_after(2))
    before = {path: path.read_bytes() for path in (tmp_path / "out" / "table").iterdir()}
    assert len(before) == 2
    progress = sort(tmp_path / "in", tmp_path / "out")
    assert (progress.n, progress.n_known, progress.decisions.total()) == (30, 16, 14)
    assert {path: path.read_bytes() for path in before} == before
    assert Counter(row["path"] for row in read_shards(tmp_path / "out")).most_common(1)[0][1] == 1
    assert len(read_shards(tmp_path / "out")) == 30
    assert list((tmp_path / "out" / ".unfinished").iterdir()) == []


def test_an_interrupted_listing_continues(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_pictures(tmp_path / "in", 30)
    write = Store.write

    def stop(store: Store, name: str, content: bytes) -> None:
        if name == "manifest/00000002.parquet":
            raise KeyboardInterrupt
        write(store, name, content)

    with monkeypatch.context() as patched:
        patched.setattr(Store, "write", stop)
        with pytest.raises(KeyboardInterrupt):
            sort(tmp_path / "in", tmp_path / "out")
    assert sort(tmp_path / "in", tmp_path / "out").decisions.total() == 30
    assert len({row["path"] for row in read_shards(tmp_path / "out")}) == 30


def test_only_new_and_changed_pictures_are_sorted_again(tmp_path: Path) -> None:
    contents = write_pictures(tmp_path / "in", 10)
    sort(tmp_path / "in", tmp_path / "out")
    classifier = Brightness()
    changed = next(iter(contents))
    changed.write_bytes(contents[changed] + b"more")
    (tmp_path / "in" / "new.png").write_bytes(contents[changed])
    progress = sort(tmp_path / "in", tmp_path / "out", sort_here(make_model(classifier=classifier)))
    assert (progress.n, progress.n_known, classifier.n_predicted) == (12, 10, 2)
    counted = Counter(row["path"] for row in read_shards(tmp_path / "out"))
    assert {path for path, n in counted.items() if n == 2} == {str(changed)}
    assert sort(tmp_path / "in", tmp_path / "out").n_known == 12


def test_an_output_inside_the_source_is_not_sorted(tmp_path: Path) -> None:
    contents = write_pictures(tmp_path / "in", 3)
    write_pictures(tmp_path / "in" / "out" / "more", 2, seed=1)
    assert sort(tmp_path / "in", tmp_path / "in" / "out").n == len(contents)


@pytest.mark.parametrize(
    ("source", "output", "error", "reason"),
    [
        ("nowhere", "out", StorageError, "There is no folder .*nowhere"),
        ("in", "in", ConfigError, "the folder that they lie in"),
        ("in", "in/", ConfigError, "the folder that they lie in"),
        ("in", "file/out", StorageError, "file/out cannot be created .*--out"),
        ("empty", "out", PictureError, "There are no pictures in .*empty"),
    ],
)
def test_folders_that_do_not_fit_are_refused(
    tmp_path: Path, source: str, output: str, error: type[Exception], reason: str
) -> None:
    write_pictures(tmp_path / "in", 1)
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(error, match=reason):
        sort(tmp_path / source, tmp_path / output)


def test_two_commands_do_not_sort_into_one_folder(tmp_path: Path) -> None:
    write_pictures(tmp_path / "in", 3)

    def sort_beside(progress: SortProgress) -> None:
        sort(tmp_path / "in", tmp_path / "out")

    with pytest.raises(StorageError, match="locked by another process"):
        sort(tmp_path / "in", tmp_path / "out", report=sort_beside)


def test_a_machine_that_does_not_see_the_pictures_writes_nothing(tmp_path: Path) -> None:
    write_pictures(tmp_path / "in", 20)
    add_manifests(open_store(str(tmp_path / "in")), open_store(str(tmp_path / "out")))
    (tmp_path / "in").rename(tmp_path / "moved")
    (tmp_path / "in").mkdir()
    with pytest.raises(StorageError, match=r"Not one of the 8 pictures .*must see that folder"):
        sort(tmp_path / "in", tmp_path / "out")
    assert read_shards(tmp_path / "out") == []


def test_a_picture_that_vanishes_is_in_the_table(tmp_path: Path) -> None:
    contents = write_pictures(tmp_path / "in", 8)
    add_manifests(open_store(str(tmp_path / "in")), open_store(str(tmp_path / "out")))
    next(iter(contents)).unlink()
    assert sort(tmp_path / "in", tmp_path / "out").decisions["unreadable"] == 1
    (row,) = (row for row in read_shards(tmp_path / "out") if row["decision"] == "unreadable")
    assert (row["sha256"], row["probability"]) == ("", None)
    assert "No such file" in row["error"]


def test_a_damaged_manifest_is_one_sentence(tmp_path: Path) -> None:
    write_pictures(tmp_path / "in", 3)
    sort(tmp_path / "in", tmp_path / "out")
    path = tmp_path / "out" / "manifest" / "00000000.parquet"
    foreign = io.BytesIO()
    parquet.write_table(pa.table({"a": [1]}), foreign)
    for content in (path.read_bytes()[:100], b"", foreign.getvalue()):
        path.write_bytes(content)
        with pytest.raises(StorageError, match=r"00000000.parquet is damaged. Delete it"):
            sort(tmp_path / "in", tmp_path / "out")


def test_a_result_is_read_from_the_table(tmp_path: Path) -> None:
    write_pictures(tmp_path / "in", 8)
    progress = sort(tmp_path / "in", tmp_path / "out")
    result = read_result(open_store(str(tmp_path / "out")), "00000000.parquet")
    assert result == ManifestResult("00000000.parquet", dict(progress.decisions))


def test_a_model_that_is_sent_decides_alike(tmp_path: Path) -> None:
    write_pictures(tmp_path / "in", 8)
    store = RunStore()
    promise = make_promise("recognition", load_reference_predictions(store), 0.98, "validation")
    model = SortingModel(load_shipped_recognizer(store), FASHION_CLASSES, PreparationOptions("auto"), promise)
    sent = unpack_model(pack_model(model, [store.get(run) for run in RECOGNITION_RUN_IDS]), tmp_path / "runs")
    for name, each in (("own", model), ("sent", sent)):
        sort(tmp_path / "in", tmp_path / name, sort_here(each))
    assert read_shards(tmp_path / "own") == read_shards(tmp_path / "sent")
    assert (sent.promise, sent.classes, sent.options) == (model.promise, model.classes, model.options)


class Many(Store):
    """A store with ``n`` pictures that nobody reads."""

    n = 0

    def list_pictures(self, output: Store) -> Any:
        for number in range(self.n):
            yield ListedPicture(f"/shop/{number % 100}/{number:09}-a-name-of-usual-length.png".encode(), 1000, "1")


def peak_of_listing(tmp_path: Path, n: int) -> int:
    """Bytes that Python has at most while it lists; what SQLite and pyarrow have is bounded by their caches."""
    source, output = Many("/shop", None, "/shop"), open_store(str(tmp_path / str(n)))
    Many.n = n
    tracemalloc.start()
    assert sum(add_manifests(source, output).values()) == n
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


@pytest.mark.exhaustive
def test_the_memory_of_listing_does_not_depend_on_the_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifests, "PICTURES_PER_MANIFEST", 1000)
    few = peak_of_listing(tmp_path, 2000)
    assert peak_of_listing(tmp_path, 100_000) < few + 2**20
    _, pictures = read_manifest(open_store(str(tmp_path / "100000")), "00000099.parquet")
    assert os.path.basename(pictures[-1].address).startswith(b"000099999")
