"""No page fails on a full or read-only disk, with a clock that was set, a stuck lock, or two servers on one folder."""

import dataclasses
import errno
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from filelock import FileLock
from streamlit.testing.v1 import AppTest

from fashion_core.config.train_config import TrainConfig
from fashion_core.data.sample_data import SampleDataset
from fashion_core.jobs.job import JOB_FILE, JOB_START_LOCK_FILE, PROCESS_FILE, process_to_json
from fashion_core.jobs.process import find_process
from fashion_core.runs import queue
from fashion_core.runs.execute import new_run_record
from fashion_core.runs.store import RunStore
from fashion_core.storage.folder import user_data_folder
from tests.conftest import PROJECT
from ui.shell import PAGE_TITLES

pytestmark = pytest.mark.slow
WRITING_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT
CHANGES = ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.chmod", "os.utime", "os.truncate")
CHANGES_THAT_TAKE_SPACE = ("os.mkdir", "os.rename")
MAX_SECONDS = 30.0  # of a page, on a busy machine


class _Disk:
    """Refuses changes below a folder as the system would: Python asks it before it opens, creates or deletes a file."""

    def __init__(self) -> None:
        self.folder, self.error, self.refused = "", 0, 0
        self.changes: tuple[str, ...] = ()

    def check(self, event: str, arguments: tuple[object, ...]) -> None:
        if not self.error or not arguments or not str(arguments[0]).startswith(self.folder):
            return
        if event == "sqlite3.connect" and not Path(str(arguments[0])).exists():
            raise sqlite3.OperationalError("unable to open database file")
        is_writing = event == "open" and isinstance(arguments[2], int) and bool(arguments[2] & WRITING_FLAGS)
        if is_writing or event in self.changes:
            self.refused += 1
            raise OSError(self.error, os.strerror(self.error), str(arguments[0]))


DISK = _Disk()


@pytest.fixture(scope="module", autouse=True)
def _hook() -> None:
    sys.addaudithook(DISK.check)  # stays until the process ends, and does nothing without an error


@pytest.fixture
def disk() -> Iterator[_Disk]:
    """The disk that the user's folder is on."""
    DISK.folder, DISK.refused = str(user_data_folder()), 0
    yield DISK
    DISK.error = 0


@pytest.fixture(autouse=True)
def _runs(started: list[str]) -> None:
    """A run that waits, one whose process ended before it was done, and a damaged one."""
    store, dataset = RunStore(), SampleDataset()
    job = {JOB_FILE: queue.training_job_spec(dataset).to_json()}
    record = new_run_record(TrainConfig("mlp", 1), dataset, run_id="dead")
    with subprocess.Popen([sys.executable, "-c", ""], stdin=subprocess.PIPE) as process:
        identity = find_process(process.pid)
    running = dataclasses.replace(record, state="running")
    store.create_run(running, {**job, PROCESS_FILE: process_to_json(identity, waiting=False)})
    store.create_run(dataclasses.replace(record, id="waiting"), job)
    (store.runs_folder / "damaged").mkdir()
    (store.runs_folder / "damaged" / "run.json").write_text("{")


def assert_readable(name: str) -> None:
    """The page shows its title, and more than errors."""
    start = time.monotonic()
    test = AppTest.from_file(str(PROJECT / "pages" / f"{name}.py"), default_timeout=120).run()
    assert time.monotonic() - start < MAX_SECONDS
    assert not test.exception
    assert test.title[0].value == PAGE_TITLES[name]
    assert [error.value for error in test.error] == []


@pytest.mark.parametrize("name", PAGE_TITLES)
def test_a_page_is_readable_when_nothing_can_be_written(name: str, disk: _Disk) -> None:
    disk.error, disk.changes = errno.EROFS, CHANGES
    assert_readable(name)
    assert disk.refused  # as the run that waits can't be started


@pytest.mark.parametrize("name", PAGE_TITLES)
def test_a_page_is_readable_when_the_disk_is_full(name: str, disk: _Disk) -> None:
    disk.error, disk.changes = errno.ENOSPC, CHANGES_THAT_TAKE_SPACE
    assert_readable(name)


@pytest.mark.parametrize("days", [-1, pytest.param(1, marks=pytest.mark.exhaustive)])
@pytest.mark.parametrize("name", PAGE_TITLES)
def test_a_page_works_when_the_clock_was_set(name: str, days: int) -> None:
    moment = datetime.now(UTC) + timedelta(days=days)
    for path in [*user_data_folder().rglob("*")]:
        os.utime(path, (moment.timestamp(),) * 2)
    for entry in RunStore().entries():
        if entry.origin == "mine" and entry.record is not None:
            RunStore.update_record(entry.path, created=moment.isoformat())
    assert_readable(name)


@pytest.mark.parametrize("name", PAGE_TITLES)
def test_a_page_does_not_wait_for_a_stuck_lock(name: str) -> None:
    folder = user_data_folder()
    paths = [folder / place / JOB_START_LOCK_FILE for place in ("runs", "imports", "jobs", "computed", "datasets")]
    with ExitStack() as locks:
        for path in [*paths, folder / ".garments.sqlite3.lock"]:
            path.parent.mkdir(parents=True, exist_ok=True)
            locks.enter_context(FileLock(path))
        assert_readable(name)


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", PAGE_TITLES)
def test_a_page_works_while_another_server_on_its_folder_creates_and_deletes_runs(name: str) -> None:
    code = (
        "from fashion_core.config.train_config import TrainConfig\n"
        "from fashion_core.data.sample_data import SampleDataset\n"
        "from fashion_core.runs.execute import new_run_record\n"
        "from fashion_core.runs.store import RunStore\n"
        "record = new_run_record(TrainConfig('mlp', 1), SampleDataset(), run_id='other')\n"
        "while True:\n"
        "    RunStore().delete_entry(RunStore().create_run(record))\n"
        "    print(flush=True)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=PROJECT) as other:
        assert other.stdout is not None
        other.stdout.readline()
        try:
            assert_readable(name)
            assert other.poll() is None
        finally:
            other.kill()
