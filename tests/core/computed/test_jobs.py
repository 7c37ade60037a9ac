import os
import signal
import threading
import time
from pathlib import Path

import pytest
from filelock import FileLock

from fashion_core.computed import jobs, store
from fashion_core.computed.clustering import Clustering
from fashion_core.computed.computation import Computation
from fashion_core.computed.projection import Projection
from fashion_core.data.stand_in import StandIn
from fashion_core.errors import RunError

SHORT = Clustering("PCA-50", 3, 1)
LONG = Projection("umap", "all", neighbours=200)  # loading UMAP alone takes seconds


def wait_for(condition, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def folder(computation: Computation) -> Path:
    return store.folder() / "jobs" / computation.key(StandIn().fingerprint)


@pytest.fixture(scope="module")
def data() -> StandIn:
    return StandIn()


def test_a_computation_runs_elsewhere_and_leaves_its_result_alone(data: StandIn) -> None:
    assert jobs.status(SHORT, data.fingerprint).state == "absent"
    jobs.start(SHORT, data)
    assert jobs.status(SHORT, data.fingerprint).state == "running"
    jobs.start(SHORT, data)  # a second wish changes nothing
    wait_for(lambda: jobs.status(SHORT, data.fingerprint).state != "running")
    assert jobs.status(SHORT, data.fingerprint).state == "absent"
    wait_for(lambda: not folder(SHORT).exists())  # the result is told before the process has tidied up
    kept = store.load(SHORT, data.fingerprint)
    assert kept is not None
    assert kept["clusters"].max() == 2


def test_only_who_has_to_wait_says_so(data: StandIn) -> None:
    jobs_folder = store.folder() / "jobs"
    jobs_folder.mkdir(parents=True, exist_ok=True)
    with FileLock(jobs_folder / jobs.TURN):
        jobs.start(SHORT, data)
        wait_for(lambda: "waiting" in jobs.status(SHORT, data.fingerprint).text)
    wait_for(lambda: jobs.status(SHORT, data.fingerprint).state != "running")
    assert store.load(SHORT, data.fingerprint) is not None
    other = Clustering("PCA-50", 4, 1)
    jobs.start(other, data)
    said = set()
    while (status := jobs.status(other, data.fingerprint)).state == "running":
        said.add(status.text)
        time.sleep(0.02)
    assert said
    assert not any("waiting" in text for text in said)


def test_a_cancelled_computation_ends_and_leaves_nothing(data: StandIn) -> None:
    jobs.start(LONG, data)
    wait_for(lambda: (folder(LONG) / jobs.PROGRESS).exists())
    process = int((folder(LONG) / jobs.PID).read_text())
    jobs.cancel(LONG, data.fingerprint)
    assert jobs.status(LONG, data.fingerprint).state == "absent"
    assert store.load(LONG, data.fingerprint) is None

    def gone() -> bool:
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        return False

    wait_for(gone)


def test_a_killed_computation_is_interrupted_and_can_be_started_again(data: StandIn) -> None:
    jobs.start(LONG, data)
    wait_for(lambda: (folder(LONG) / jobs.PROGRESS).exists())
    os.kill(int((folder(LONG) / jobs.PID).read_text()), signal.SIGKILL)
    wait_for(lambda: jobs.status(LONG, data.fingerprint).state == "interrupted")
    jobs.start(LONG, data)
    assert jobs.status(LONG, data.fingerprint).state == "running"
    jobs.cancel(LONG, data.fingerprint)


class Replaced(StandIn):
    """Data that the worker will not find."""

    fingerprint = "f" * 16


def test_a_computation_that_fails_says_why() -> None:
    wanted = Clustering("PCA-50", 3, 2)
    jobs.start(wanted, Replaced())
    wait_for(lambda: jobs.status(wanted, "f" * 16).state == "failed")
    assert "The data was replaced" in jobs.status(wanted, "f" * 16).text
    jobs.discard(wanted, "f" * 16)
    assert jobs.status(wanted, "f" * 16).state == "absent"


def test_a_folder_that_cannot_be_written_is_named(data: StandIn, monkeypatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("FASHION_HOME", str(tmp_path / "file" / "home"))
    with pytest.raises(RunError, match="Set FASHION_HOME to a folder that can"):
        jobs.start(SHORT, data)


def test_two_browsers_that_start_at_once_start_one_process(data: StandIn) -> None:
    failures: list[BaseException] = []
    together = threading.Barrier(6)

    def start() -> None:
        together.wait()
        try:
            jobs.start(LONG, data)
        except BaseException as error:  # noqa: BLE001 -- whatever it is, the test says so
            failures.append(error)

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    wait_for(lambda: (folder(LONG) / jobs.PROGRESS).exists())
    name = str(folder(LONG).resolve())
    processes = [p for p in Path("/proc").glob("[0-9]*/cmdline") if name in _read(p)]
    assert len(processes) == 1
    jobs.cancel(LONG, data.fingerprint)


def test_a_computation_is_cancelled_while_it_is_starting(data: StandIn) -> None:
    jobs.start(LONG, data)
    jobs.cancel(LONG, data.fingerprint)
    assert jobs.status(LONG, data.fingerprint).state == "absent"
    time.sleep(3)  # longer than a worker takes to begin
    assert not folder(LONG).exists()


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode(errors="replace").replace("\0", " ")
    except OSError:
        return ""
