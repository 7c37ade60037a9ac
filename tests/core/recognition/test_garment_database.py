"""The file of the saved garments: locked, damaged, of a newer version, on a full disk, in a read-only folder."""

import os
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest

from fashion_core.errors import DamagedGarmentsError, SavedGarmentsError
from fashion_core.recognition.garment_database import DATABASE_SCHEMA_VERSION
from fashion_core.recognition.garment_store import DATABASE_FILE_NAME, GarmentStore
from tests.core.recognition.garments import OPERATIONS, WRITERS, contents, save

NOBODY = 65534


@pytest.fixture
def store(tmp_path: Path) -> GarmentStore:
    return GarmentStore(tmp_path / DATABASE_FILE_NAME, lock_timeout=0.05)


def test_two_windows_can_create_and_write_the_file_at_once(tmp_path: Path) -> None:
    failures: list[BaseException] = []
    start = threading.Barrier(4)

    def write(first: int) -> None:
        try:
            start.wait()
            store = GarmentStore(tmp_path / DATABASE_FILE_NAME, lock_timeout=60)
            for seed in range(first, first + 10):
                store.set_user_correction(save(store, seed), 2)
                store.compute_accuracy()
        except BaseException as error:  # noqa: BLE001 - the assertion below shows it
            failures.append(error)

    threads = [threading.Thread(target=write, args=(first,)) for first in (0, 0, 100, 200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    store = GarmentStore(tmp_path / DATABASE_FILE_NAME)
    assert (store.count(), store.compute_accuracy().n) == (30, 30)


@pytest.mark.parametrize("name", WRITERS)
def test_a_locked_file_gives_an_error_and_nothing_is_lost(store: GarmentStore, name: str) -> None:
    save(store)
    with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(SavedGarmentsError, match="in use by another window or program"):
            OPERATIONS[name](store)
        assert store.load_page(1, 10)[0].correction is None  # reading goes on
    assert store.count() == 1
    OPERATIONS[name](store)


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_file_locked_exclusively_by_another_program_gives_an_error(store: GarmentStore, name: str) -> None:
    save(store)
    with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(SavedGarmentsError, match="in use"):
            OPERATIONS[name](store)
    assert store.count() == 1


def noise(content: bytes) -> bytes:
    return np.random.default_rng(0).bytes(len(content))


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "noise": noise,
    "a picture": lambda content: b"\x89PNG\r\n\x1a\n" + content,
    "cut in half": lambda content: content[: len(content) // 2],
    "one page": lambda content: content[:20],
    "pages of nothing": lambda content: content[:4096] + bytes(len(content) - 4096),
    "noise after the first page": lambda content: content[:4096] + noise(content[4096:]),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_never_written_to_and_can_be_renamed(store: GarmentStore, damage: str) -> None:
    for seed in range(3):
        save(store, seed)
    store.path.write_bytes(DAMAGE[damage](store.path.read_bytes()))
    before = contents(store.path.parent)
    for name in WRITERS:
        with pytest.raises(DamagedGarmentsError, match="set it aside"):
            OPERATIONS[name](store)
        assert contents(store.path.parent) == before
    for operation in OPERATIONS.values():
        try:
            operation(store)
        except DamagedGarmentsError:
            continue
    assert contents(store.path.parent) == before
    aside = store.rename_if_damaged()
    assert aside is not None
    assert aside.read_bytes() == before[DATABASE_FILE_NAME]
    assert (store.count(), save(store, 7)) == (0, 1)
    assert aside.read_bytes() == before[DATABASE_FILE_NAME]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE garments SET models = 'no json'",
        'UPDATE garments SET models = \'{"MLP": {"class": 12}}\'',
        "UPDATE garments SET models = '[1]'",
        "UPDATE garments SET kept_at = 'yesterday'",
        "UPDATE garments SET kind = 'spell'",
        "UPDATE garments SET models = CAST(x'ff00ff' AS TEXT)",
        "ALTER TABLE garments RENAME TO clothes",
        "ALTER TABLE garments DROP COLUMN kind",
        "PRAGMA application_id = 7",
        "PRAGMA user_version = 0",
    ],
)
def test_invalid_content_written_by_another_program_counts_as_damage(store: GarmentStore, change: str) -> None:
    save(store)
    with closing(sqlite3.connect(store.path)) as other, other:
        other.execute(change)
    with pytest.raises(DamagedGarmentsError, match="set it aside"):
        store.load_page(1, 10)
    assert store.rename_if_damaged() is not None
    assert store.load_page(1, 10) == []


def test_an_intact_file_is_not_renamed(store: GarmentStore) -> None:
    assert store.rename_if_damaged() is None
    save(store)
    assert store.rename_if_damaged() is None
    assert store.count() == 1


def test_a_log_without_its_database_is_not_applied_to_a_new_one(store: GarmentStore) -> None:
    save(store, 0)
    with closing(sqlite3.connect(store.path)) as other:
        other.execute("SELECT count(*) FROM garments").fetchone()
        save(store, 1)
        log = store.path.with_name(f"{DATABASE_FILE_NAME}-wal").read_bytes()
    store.path.unlink()
    store.path.with_name(f"{DATABASE_FILE_NAME}-wal").write_bytes(log)
    with pytest.raises(DamagedGarmentsError):
        save(store, 2)
    aside = store.rename_if_damaged()
    assert aside is not None
    assert aside.with_name(f"{aside.name}-wal").read_bytes() == log
    assert save(store, 2) == 1


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_file_of_a_newer_version_is_not_changed(store: GarmentStore, name: str) -> None:
    save(store)
    with closing(sqlite3.connect(store.path)) as other, other:
        other.execute(f"PRAGMA user_version = {DATABASE_SCHEMA_VERSION + 1}")
        other.execute("ALTER TABLE garments ADD COLUMN colour TEXT")
    before = contents(store.path.parent)
    with pytest.raises(SavedGarmentsError, match="newer version") as raised:
        OPERATIONS[name](store)
    assert not isinstance(raised.value, DamagedGarmentsError)
    assert contents(store.path.parent) == before


@contextmanager
def full_disk(pages: int) -> Iterator[None]:
    """Limits the number of pages of every database opened inside."""
    connect = sqlite3.connect

    def connect_with_limit(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection = connect(*arguments, **options)
        connection.execute(f"PRAGMA max_page_count = {pages}")
        return connection

    with patch.object(sqlite3, "connect", connect_with_limit):
        yield


def test_a_full_disk_gives_an_error_and_nothing_is_lost(store: GarmentStore) -> None:
    with full_disk(2), pytest.raises(SavedGarmentsError, match="no space left"):
        save(store, 0)
    assert contents(store.path.parent) == {}
    save(store, 0)
    with full_disk(60), pytest.raises(SavedGarmentsError, match="no space left"):
        save(store, 1)
    assert [g.id for g in store.load_page(1, 10)] == [1]
    save(store, 1)
    assert store.count() == 2


@pytest.fixture
def read_only(store: GarmentStore) -> Iterator[GarmentStore]:
    """A store with one garment in a folder that the program may read but not write to."""
    save(store)
    folder = Path(tempfile.mkdtemp())
    shutil.copy(store.path, folder / DATABASE_FILE_NAME)
    (folder / DATABASE_FILE_NAME).chmod(0o444)
    folder.chmod(0o555)
    root = os.geteuid() == 0  # who may write everywhere
    try:
        if root:
            os.seteuid(NOBODY)
        yield GarmentStore(folder / DATABASE_FILE_NAME, lock_timeout=0.05)
    finally:
        if root:
            os.seteuid(0)
        folder.chmod(0o700)
        shutil.rmtree(folder)


@pytest.mark.skipif(os.name == "nt", reason="folders have other rights there")
@pytest.mark.parametrize("name", OPERATIONS)
def test_a_read_only_folder_gives_an_error(read_only: GarmentStore, name: str) -> None:
    before = read_only.path.read_bytes()
    with pytest.raises(SavedGarmentsError, match=r"[Ss]et FASHION_HOME"):
        OPERATIONS[name](read_only)
    assert read_only.path.read_bytes() == before
    with pytest.raises(SavedGarmentsError, match=r"[Ss]et FASHION_HOME"):
        save(GarmentStore(read_only.path.with_name("new.sqlite3"), lock_timeout=0.05))


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_home_that_is_a_file_or_a_file_that_is_a_folder_gives_an_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "home").write_text("mine")
    with pytest.raises(SavedGarmentsError, match="FASHION_HOME"):
        OPERATIONS[name](GarmentStore(tmp_path / "home" / DATABASE_FILE_NAME))
    (tmp_path / DATABASE_FILE_NAME).mkdir()
    with pytest.raises(SavedGarmentsError, match="FASHION_HOME"):
        OPERATIONS[name](GarmentStore(tmp_path / DATABASE_FILE_NAME))
    assert (tmp_path / "home").read_text() == "mine"
    assert (tmp_path / DATABASE_FILE_NAME).is_dir()
