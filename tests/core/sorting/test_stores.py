"""Folders of pictures anywhere: on this machine, in memory, in a zip; and stores that fail."""

import builtins
import os
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from fashion_core.errors import ConfigError, PictureError, StorageError
from fashion_core.sorting.stores import Store, open_store
from fashion_core.vision.decode import MAX_PICTURE_BYTES

NAMES = ("1.png", "a/2.JPG", "a/b/3.webp")
SKIPPED = ("notes.txt", ".hidden.png", ".cache/4.png", "__MACOSX/5.png", "out/6.png")


@pytest.fixture(autouse=True)
def _empty_memory() -> Iterator[None]:
    yield
    MemoryFileSystem.store.clear()
    MemoryFileSystem.pseudo_dirs[:] = [""]


def fill(url: str) -> Store:
    """A store with three pictures and files that are skipped."""
    filesystem, root = fsspec.url_to_fs(url)
    for name in (*NAMES, *SKIPPED):
        filesystem.makedirs(f"{root}/{name}".rpartition("/")[0], exist_ok=True)
        filesystem.pipe_file(f"{root}/{name}", name.encode())
    return open_store(url)


def contents(store: Store, output: Store) -> dict[bytes, bytes]:
    return {picture.address: store.make_source(picture.address).read() for picture in store.list_pictures(output)}


@pytest.mark.parametrize("prefix", ["", "file://", "memory:/"])
def test_pictures_are_listed_and_read(tmp_path: Path, prefix: str) -> None:
    url = f"{prefix}{tmp_path}/shop"
    store = fill(url)
    found = contents(store, open_store(f"{url}/out"))
    shown = url.replace("file://", "").replace("memory:/", "memory://")
    assert found == {f"{shown}/{name}".encode(): name.encode() for name in NAMES}


def test_pictures_in_a_zip_are_listed_and_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(tmp_path / "shop.zip", "w") as archive:
        for name in (*NAMES, *SKIPPED):
            archive.writestr(name, name)
    monkeypatch.chdir(tmp_path)
    store = open_store("zip://::shop.zip")
    found = contents(store, open_store(str(tmp_path / "out")))
    assert found == {f"zip://{name}::{tmp_path}/shop.zip".encode(): name.encode() for name in (*NAMES, "out/6.png")}


def test_one_file_is_a_source(tmp_path: Path) -> None:
    fill(f"memory:/{tmp_path}/shop")
    store = open_store(f"memory:/{tmp_path}/shop/1.png")
    assert list(contents(store, open_store(str(tmp_path))).values()) == [b"1.png"]


def test_a_changed_file_has_another_version(tmp_path: Path) -> None:
    for url in (str(tmp_path / "shop"), "memory://shop"):
        store = fill(url)
        before = {p.address: p for p in store.list_pictures(store)}
        path = f"{store.root}/1.png"
        store.filesystem.pipe_file(path, b"other")
        after = {p.address: p for p in store.list_pictures(store)}
        assert [p.rpartition(b"/")[2] for p in after if after[p] != before[p]] == [b"1.png"]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems' names are Unicode")
def test_a_name_in_latin_1_is_read(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/caf\xe9.png"
    with open(path, "wb") as file:
        file.write(b"content")
    store = open_store(str(tmp_path))
    assert contents(store, store) == {path: b"content"}


def test_no_more_of_a_file_is_read_than_a_picture_may_have() -> None:
    store = open_store("memory://shop")
    store.filesystem.pipe_file("/shop/1.png", bytes(MAX_PICTURE_BYTES + 100))
    assert len(store.make_source(b"memory:///shop/1.png").read()) == MAX_PICTURE_BYTES + 1


def test_a_zip_beside_pictures_is_refused() -> None:
    for url in ("memory://shop", "/shop"):
        with pytest.raises(PictureError, match="Unpack it"):
            open_store(url).make_source(f"{url}/a.zip".encode()).read()


def test_a_file_that_is_gone_is_a_fault_of_the_picture() -> None:
    with pytest.raises(PictureError, match="cannot be read"):
        open_store("memory://shop").make_source(b"memory:///shop/1.png").read()


def test_a_store_that_fails_is_no_fault_of_the_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    store = fill("memory://shop")

    def fail(*arguments: object, **more: object) -> None:
        raise TimeoutError("no answer for 60 s")

    monkeypatch.setattr(MemoryFileSystem, "_open", fail)
    with pytest.raises(StorageError, match=r"memory://shop cannot be read .no answer for 60 s."):
        store.make_source(b"memory:///shop/1.png").read()
    monkeypatch.setattr(MemoryFileSystem, "ls", fail)
    with pytest.raises(StorageError, match="no answer"):
        list(store.list_pictures(store))
    with pytest.raises(StorageError, match="no answer"):
        store.list_names("table")


def test_a_result_appears_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for url in (str(tmp_path / "out"), "memory://out"):
        store = open_store(url)
        assert store.list_names("table") == []
        store.write("table/1.parquet", b"first")
        store.write("table/1.parquet", b"second")
        assert (store.list_names("table"), store.read("table/1.parquet")) == (["1.parquet"], b"second")

        def fail(*arguments: object, **more: object) -> None:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patched:
            patched.setattr(type(store.filesystem), "mv", fail)
            with pytest.raises(StorageError, match=r"written .No space left on device.*continues there"):
                store.write("table/2.parquet", b"third")
        assert store.list_names("table") == ["1.parquet"]
        store.remove_unfinished()
        assert store.list_names(".unfinished") == []


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def refuse(name: str, *arguments: Any, **more: Any) -> Any:
        if name.split(".")[0] == "s3fs":
            raise ImportError("No module named 's3fs'")
        return real(name, *arguments, **more)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(ConfigError, match="A package is missing for s3://: Install s3fs"):
        open_store("s3://bucket/pictures")


@pytest.mark.parametrize(
    ("url", "error", "reason"),
    [
        ("nothing://bucket", ConfigError, "no store that fsspec knows"),
        ("zip://::/nowhere/shop.zip", StorageError, "cannot be reached .No such file"),
    ],
)
def test_an_address_that_leads_nowhere_is_one_sentence(url: str, error: type[Exception], reason: str) -> None:
    with pytest.raises(error, match=reason):
        open_store(url)
