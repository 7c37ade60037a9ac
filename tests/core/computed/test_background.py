import os
import signal
import threading
import time
from pathlib import Path

import pytest
from filelock import FileLock

from fashion_core.computed import background, store
from fashion_core.computed.clustering import KMeansClustering
from fashion_core.computed.computation import Computation
from fashion_core.computed.projection import Projection
from fashion_core.data.sample_data import SampleDataset
from fashion_core.errors import RunError

SHORT = KMeansClustering("PCA-50", 3, 1)
LONG = Projection("umap", "all", neighbours=200)  # loading UMAP alone takes seconds


def wait_for(condition, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def folder(computation: Computation) -> Path:
    return store.results_folder() / "jobs" / computation.key(SampleDataset().fingerprint)


@pytest.fixture(scope="module")
def data() -> SampleDataset:
    return SampleDataset()


def test_a_computation_runs_elsewhere_and_leaves_its_result_alone(data: SampleDataset) -> None:
    assert background.computation_status(SHORT, data.fingerprint).state == "absent"
    background.start_computation(SHORT, data)
    assert background.computation_status(SHORT, data.fingerprint).state == "running"
    background.start_computation(SHORT, data)  # a second wish changes nothing
    wait_for(lambda: background.computation_status(SHORT, data.fingerprint).state != "running")
    assert background.computation_status(SHORT, data.fingerprint).state == "absent"
    wait_for(lambda: not folder(SHORT).exists())  # the result is told before the process has tidied up
    kept = store.load_result(SHORT, data.fingerprint)
    assert kept is not None
    assert kept["clusters"].max() == 2


@pytest.mark.slow
def test_only_who_has_to_wait_says_so(data: SampleDataset) -> None:
    jobs_folder = store.results_folder() / "jobs"
    jobs_folder.mkdir(parents=True, exist_ok=True)
    with FileLock(jobs_folder / background.TURN):
        background.start_computation(SHORT, data)
        wait_for(lambda: "waiting" in background.computation_status(SHORT, data.fingerprint).message)
    wait_for(lambda: background.computation_status(SHORT, data.fingerprint).state != "running")
    assert store.load_result(SHORT, data.fingerprint) is not None
    other = KMeansClustering("PCA-50", 4, 1)
    background.start_computation(other, data)
    said = set()
    while (status := background.computation_status(other, data.fingerprint)).state == "running":
        said.add(status.message)
        time.sleep(0.02)
    assert said
    assert not any("waiting" in text for text in said)


@pytest.mark.slow
def test_a_cancelled_computation_ends_and_leaves_nothing(data: SampleDataset) -> None:
    background.start_computation(LONG, data)
    wait_for(lambda: (folder(LONG) / background.PROGRESS).exists())
    process = int((folder(LONG) / background.PID).read_text())
    background.cancel_computation(LONG, data.fingerprint)
    assert background.computation_status(LONG, data.fingerprint).state == "absent"
    assert store.load_result(LONG, data.fingerprint) is None

    def gone() -> bool:
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        return False

    wait_for(gone)


@pytest.mark.slow
def test_a_killed_computation_is_interrupted_and_can_be_started_again(data: SampleDataset) -> None:
    background.start_computation(LONG, data)
    wait_for(lambda: (folder(LONG) / background.PROGRESS).exists())
    os.kill(int((folder(LONG) / background.PID).read_text()), signal.SIGKILL)
    wait_for(lambda: background.computation_status(LONG, data.fingerprint).state == "interrupted")
    background.start_computation(LONG, data)
    assert background.computation_status(LONG, data.fingerprint).state == "running"
    background.cancel_computation(LONG, data.fingerprint)


class Replaced(SampleDataset):
    """Data that the worker will not find."""

    fingerprint = "f" * 16


def test_a_computation_that_fails_says_why() -> None:
    wanted = KMeansClustering("PCA-50", 3, 2)
    background.start_computation(wanted, Replaced())
    wait_for(lambda: background.computation_status(wanted, "f" * 16).state == "failed")
    assert "The data was replaced" in background.computation_status(wanted, "f" * 16).message
    background.discard_computation(wanted, "f" * 16)
    assert background.computation_status(wanted, "f" * 16).state == "absent"


def test_a_folder_that_cannot_be_written_is_named(data: SampleDataset, monkeypatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("FASHION_HOME", str(tmp_path / "file" / "home"))
    with pytest.raises(RunError, match="Set FASHION_HOME to a folder that can"):
        background.start_computation(SHORT, data)


@pytest.mark.slow
def test_two_browsers_that_start_at_once_start_one_process(data: SampleDataset) -> None:
    failures: list[BaseException] = []
    together = threading.Barrier(6)

    def start() -> None:
        together.wait()
        try:
            background.start_computation(LONG, data)
        except BaseException as error:  # noqa: BLE001 -- whatever it is, the test says so
            failures.append(error)

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    wait_for(lambda: (folder(LONG) / background.PROGRESS).exists())
    name = str(folder(LONG).resolve())
    processes = [p for p in Path("/proc").glob("[0-9]*/cmdline") if name in _read(p)]
    assert len(processes) == 1
    background.cancel_computation(LONG, data.fingerprint)


@pytest.mark.slow
def test_a_computation_is_cancelled_while_it_is_starting(data: SampleDataset) -> None:
    background.start_computation(LONG, data)
    background.cancel_computation(LONG, data.fingerprint)
    assert background.computation_status(LONG, data.fingerprint).state == "absent"
    time.sleep(3)  # longer than a worker takes to begin
    assert not folder(LONG).exists()


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode(errors="replace").replace("\0", " ")
    except OSError:
        return ""
