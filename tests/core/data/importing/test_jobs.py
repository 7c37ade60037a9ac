"""Imports in the background: progress, cancelled, killed, started twice, one after the other."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from fashion_core.data.catalogue_list import find_catalogue, list_catalogues
from fashion_core.data.importing import jobs
from fashion_core.errors import DataError
from fashion_core.storage.folder import user_data_folder
from tests.core.data.importing.picture_folders import class_files, write_files, zip_files

pytestmark = pytest.mark.slow


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 90
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture(name="large")
def _large(tmp_path: Path) -> Path:
    """A folder that takes many seconds to import."""
    files = class_files({"a": 4, "b": 4})
    copies = {f"{name[:2]}{i}.png": content + bytes([i]) * 20 for i in range(250) for name, content in files.items()}
    return write_files(tmp_path / "large", copies)


def unfinished() -> list[Path]:
    return list(user_data_folder().rglob(".new-*"))


def test_an_upload_is_imported_and_deleted(tmp_path: Path) -> None:
    upload = zip_files(tmp_path / "upload.zip", class_files({"a": 5, "b": 5}))
    entry = jobs.queue_import(upload, "Mine", delete_source=True)
    assert (entry.name, entry.title) == ("mine", "Mine")
    wait_until(lambda: jobs.import_status(entry).state == "absent")
    assert find_catalogue("mine").n_pictures == 10
    assert not upload.exists()
    assert unfinished() == []


def test_the_same_import_is_refused_and_another_waits_its_turn(large: Path, tmp_path: Path) -> None:
    first = jobs.queue_import(large, "Large")
    with pytest.raises(DataError, match="being imported already"):
        jobs.queue_import(large, "LARGE")
    with pytest.raises(DataError, match="being imported already"):
        jobs.import_in_foreground(large, "Large", report=lambda fraction, message: None)
    small = write_files(tmp_path / "small", class_files({"a": 3}))
    second = jobs.queue_import(small, "Small")
    assert second.job.status().state == "waiting"
    assert [entry.name for entry in jobs.list_imports()] == ["large", "small"]
    wait_until(lambda: first.job.status().fraction > 0)
    jobs.cancel_import(first)
    wait_until(lambda: jobs.import_status(second).state == "absent")
    assert [entry.name for entry in list_catalogues()] == ["small"]
    assert unfinished() == []


@pytest.mark.exhaustive
def test_a_killed_import_is_no_catalogue_and_can_be_started_again(large: Path, tmp_path: Path) -> None:
    entry = jobs.queue_import(large, "Mine")
    wait_until(lambda: entry.job.status().fraction > 0)
    process = entry.job.process()
    assert process is not None
    process.kill()
    wait_until(lambda: entry.job.status().state == "interrupted")
    assert list_catalogues() == []
    small = write_files(tmp_path / "small", class_files({"a": 3}))
    waiting = jobs.queue_import(small, "Other")
    assert list(entry.job.folder.glob(".new-*")) == []
    wait_until(lambda: jobs.import_status(waiting).state == "absent")
    again = jobs.queue_import(small, "Mine")
    wait_until(lambda: jobs.import_status(again).state == "absent")
    assert find_catalogue("mine").n_pictures == 3
    assert unfinished() == []


def test_a_failed_import_says_why_until_it_is_discarded(tmp_path: Path) -> None:
    upload = zip_files(tmp_path / "upload.zip", {"notes.txt": b"x"})
    entry = jobs.queue_import(upload, "Mine", delete_source=True)
    wait_until(lambda: not entry.job.status().is_active)
    status = entry.job.status()
    assert status.state == "failed"
    assert "no pictures" in status.message
    jobs.discard_import(entry)
    assert jobs.list_imports() == []
    assert not upload.exists()


def test_a_foreground_import_leaves_no_job(tmp_path: Path) -> None:
    source = write_files(tmp_path / "a", class_files({"a": 3}))
    jobs.import_in_foreground(source, "Mine", report=lambda fraction, message: None)
    assert jobs.list_imports() == []
    with pytest.raises(DataError, match="already"):
        jobs.import_in_foreground(source, "Mine", report=lambda fraction, message: None)
