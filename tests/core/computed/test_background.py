"""Computations, really started in processes of their own, watched, cancelled and killed."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from fashion_core.computed import background, store
from fashion_core.computed.clustering import KMeansClustering
from fashion_core.computed.computation import Computation
from fashion_core.computed.image_statistics import ImageStatistics
from fashion_core.computed.projection import Projection
from fashion_core.computed.registry import computation_to_dict
from fashion_core.data.loading import dataset_location
from fashion_core.data.sample_data import SampleDataset
from fashion_core.errors import AccessError, StorageError
from fashion_core.jobs.job import JOB_FILE, Job, JobSpec, JobState
from fashion_core.jobs.worker import RunningJob
from fashion_core.storage.visitors import Amounts, Visitor, acting_as
from tests.core.waiting import jobs_held_at_start, wait_until

SHORT = KMeansClustering("PCA-50", 3, 1)
LONG = Projection("umap", "all", neighbours=200)  # loading UMAP alone takes seconds
FINGERPRINT = SampleDataset().fingerprint


@pytest.fixture(scope="module")
def data() -> SampleDataset:
    return SampleDataset()


@pytest.fixture(autouse=True)
def _nothing_left_running() -> Iterator[None]:
    yield
    background.cancel_computation(LONG, FINGERPRINT)


def job_of(computation: Computation) -> Job:
    return Job(store.results_folder() / "jobs" / computation.key(FINGERPRINT))


def state_of(computation: Computation) -> JobState:
    return background.computation_status(computation, FINGERPRINT).state


def started(computation: Computation, data: SampleDataset) -> Job:
    """The computation's job, once its process is at work."""
    background.queue_computation(computation, data)
    job = job_of(computation)
    wait_until(lambda: job.progress().update)
    return job


@pytest.mark.slow
def test_a_computation_runs_in_a_process_and_leaves_its_result_alone(data: SampleDataset) -> None:
    assert state_of(SHORT) == "absent"
    with jobs_held_at_start():
        background.queue_computation(SHORT, data)
        assert state_of(SHORT) == "running"
        background.queue_computation(SHORT, data)  # a second start changes nothing
    wait_until(lambda: state_of(SHORT) == "absent")
    assert not job_of(SHORT).folder.exists()
    arrays = store.load_result(SHORT, data.fingerprint)
    assert arrays is not None
    assert arrays["clusters"].max() == 2


@pytest.mark.slow
def test_one_computation_runs_at_a_time_and_the_next_one_follows_it(data: SampleDataset) -> None:
    started(LONG, data)
    background.queue_computation(SHORT, data)
    status = background.computation_status(SHORT, data.fingerprint)
    assert (status.state, status.message) == ("waiting", "waiting for another to end")
    background.cancel_computation(LONG, data.fingerprint)
    wait_until(lambda: store.load_result(SHORT, data.fingerprint) is not None)


@pytest.mark.slow
def test_a_cancelled_computation_ends_and_leaves_nothing(data: SampleDataset) -> None:
    process = started(LONG, data).process()
    assert process is not None
    background.cancel_computation(LONG, data.fingerprint)
    assert state_of(LONG) == "absent"
    assert store.load_result(LONG, data.fingerprint) is None
    wait_until(lambda: not process.is_running())


@pytest.mark.slow
def test_a_killed_computation_is_interrupted_and_can_be_started_again(data: SampleDataset) -> None:
    process = started(LONG, data).process()
    assert process is not None
    process.kill()
    wait_until(lambda: state_of(LONG) == "interrupted")
    background.queue_computation(LONG, data)
    assert state_of(LONG) == "running"


@pytest.mark.slow
def test_a_killed_computation_does_not_keep_the_next_one_waiting(data: SampleDataset) -> None:
    process = started(LONG, data).process()
    assert process is not None
    background.queue_computation(SHORT, data)
    process.kill()
    wait_until(lambda: state_of(SHORT) == "absent")
    assert store.load_result(SHORT, data.fingerprint) is not None


@pytest.mark.slow
def test_a_damaged_job_file_is_a_failed_computation_and_blocks_no_other(data: SampleDataset) -> None:
    damaged = job_of(LONG)
    damaged.folder.mkdir(parents=True)
    (damaged.folder / JOB_FILE).write_text("{")
    background.queue_computation(SHORT, data)
    wait_until(lambda: store.load_result(SHORT, data.fingerprint) is not None)
    assert state_of(LONG) == "failed"
    background.discard_computation(LONG, data.fingerprint)
    assert state_of(LONG) == "absent"


class ReplacedDataset(SampleDataset):
    """Data that the process will not find."""

    fingerprint = "f" * 16


def test_a_computation_that_fails_says_why() -> None:
    background.queue_computation(SHORT, ReplacedDataset())
    wait_until(lambda: background.computation_status(SHORT, "f" * 16).state == "failed")
    assert "The data was replaced" in background.computation_status(SHORT, "f" * 16).message


def test_a_job_fails_when_there_is_no_room_for_its_result(data: SampleDataset, tmp_path: Path) -> None:
    arguments = {**computation_to_dict(ImageStatistics()), "fingerprint": FINGERPRINT, "data": dataset_location(data)}
    running = RunningJob(Job(tmp_path), JobSpec(arguments=arguments))
    with acting_as(Visitor("a" * 20, quota=Amounts())), pytest.raises(AccessError, match="megabytes"):
        background.run_computation(running)


def test_a_folder_that_cannot_be_written_is_named(
    data: SampleDataset, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    with monkeypatch.context() as patched:
        patched.setenv("FASHION_HOME", str(tmp_path / "file" / "home"))
        with pytest.raises(StorageError, match="Set FASHION_HOME to a folder that can"):
            background.queue_computation(SHORT, data)


@pytest.mark.slow
def test_browsers_that_start_at_once_start_one_process(data: SampleDataset, monkeypatch: pytest.MonkeyPatch) -> None:
    launched: list[str] = []
    launch = Job.launch
    monkeypatch.setattr(Job, "launch", lambda job: (launched.append(job.folder.name), launch(job)))
    barrier = threading.Barrier(6)

    def start() -> None:
        barrier.wait()
        background.queue_computation(LONG, data)

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert launched == [LONG.key(data.fingerprint)]


@pytest.mark.slow
def test_a_computation_is_cancelled_while_its_process_starts(data: SampleDataset) -> None:
    background.queue_computation(LONG, data)
    process = job_of(LONG).process()
    assert process is not None
    background.cancel_computation(LONG, data.fingerprint)
    assert state_of(LONG) == "absent"
    wait_until(lambda: not process.is_running())
    assert not job_of(LONG).folder.exists()
