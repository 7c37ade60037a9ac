"""Training processes, really started, cancelled and killed."""

import dataclasses
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from benchmarks.kills import comparable_results, kill_run_process, resume_until_finished
from fashion_core.config.train_config import TrainConfig
from fashion_core.data.sample_data import SampleDataset
from fashion_core.errors import ConfigError, FashionError, RunError
from fashion_core.jobs.job import JOB_FILE, PROCESS_FILE, Job, process_to_json
from fashion_core.jobs.process import ProcessIdentity, this_process
from fashion_core.jobs.worker import run_job
from fashion_core.runs import queue
from fashion_core.runs import store as store_module
from fashion_core.runs.capacity import max_parallel_runs
from fashion_core.runs.execute import new_run_record
from fashion_core.runs.history_file import HISTORY_COLUMNS
from fashion_core.runs.record import RunRecord
from fashion_core.runs.store import RunEntry, RunStore
from fashion_core.runs.worker import run_training
from tests.core.datasets import ToyDataset
from tests.core.waiting import TIMEOUT, wait_until

SHORT = TrainConfig("mlp", 2, batch_size=256)
LONG = TrainConfig("mlp", 1000, batch_size=16)


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


def trains(entry: RunEntry, store: RunStore) -> bool:
    return queue.run_progress(store.get(entry.id)).fraction > 0


@pytest.mark.slow
def test_runs_wait_for_each_other_and_can_be_cancelled_waiting_or_training(store: RunStore) -> None:
    first = queue.queue_run(store, LONG, SampleDataset())
    wait_until(lambda: trains(first, store))
    second = queue.queue_run(store, SHORT, SampleDataset())
    assert queue.run_phase(store.get(second.id)) == "queued"
    assert not queue.has_process(store.get(second.id))
    with pytest.raises(RunError, match="Cancel it first"):
        queue.delete_run(store, store.get(first.id))
    queue.cancel_run(store, second)
    assert queue.run_phase(store.get(second.id)) == "cancelled"
    queue.resume_run(store, store.get(second.id), SampleDataset())
    assert queue.run_phase(store.get(second.id)) == "queued"
    queue.cancel_run(store, first)
    wait_until(lambda: queue.run_phase(store.get(first.id)) == "cancelled")
    # nobody looks after the queue here: the process that ended has started the next run
    wait_until(lambda: queue.run_phase(store.get(second.id)) == "finished")
    expect_whole_run(store, store.get(second.id))
    queue.delete_run(store, store.get(first.id))
    assert first.id not in {e.id for e in store.entries()}


def expect_whole_run(store: RunStore, done: RunEntry) -> None:
    """The results of ``SHORT`` on the sample data are all there."""
    progress = queue.run_progress(done)
    assert progress.fraction == 1
    assert list(progress.epochs["epoch"]) == [1, 2]
    assert done.record is not None
    assert done.record.data.source == "stand-in"
    assert store.load_predictions(done).labels.shape == (2000,)


@pytest.mark.slow
def test_a_run_is_cancelled_in_the_middle_of_a_long_computation(store: RunStore) -> None:
    start_of_kmeans = TrainConfig("kmeans", 1000, clusters=200)
    entry = queue.queue_run(store, start_of_kmeans, SampleDataset())
    wait_until(lambda: queue.run_phase(store.get(entry.id)) == "running")
    queue.cancel_run(store, entry)
    wait_until(lambda: queue.run_phase(store.get(entry.id)) == "cancelled")
    wait_until(lambda: not queue.has_process(store.get(entry.id)))
    queue.cancel_run(store, entry)  # a second browser
    assert queue.run_phase(store.get(entry.id)) == "cancelled"


@pytest.mark.slow
def test_a_killed_process_leaves_an_interrupted_run_and_the_next_one_trains(store: RunStore) -> None:
    first = queue.queue_run(store, LONG, SampleDataset())
    wait_until(lambda: trains(first, store))
    second = queue.queue_run(store, SHORT, SampleDataset())
    kill_run_process(store, first)
    assert queue.run_phase(store.get(first.id)) == "interrupted"
    assert queue.run_phase(queue.wait_for_run(second, store, TIMEOUT)) == "finished"
    queue.delete_run(store, store.get(first.id))


@pytest.mark.exhaustive
def test_killed_again_and_again_a_run_comes_out_as_if_left_alone(store: RunStore) -> None:
    config = dataclasses.replace(SHORT, epochs=8, batch_size=64, optimizer="muon", ema_decay=0.9, shift=1)
    begin = time.monotonic()
    whole = queue.wait_for_run(queue.queue_run(store, config, SampleDataset()), store, TIMEOUT)
    duration = time.monotonic() - begin
    rng = random.Random(7)
    entry = queue.queue_run(store, config, SampleDataset())
    for _ in range(4):
        time.sleep(rng.uniform(0, duration))
        kill_run_process(store, entry)
        if queue.run_phase(store.get(entry.id)) in queue.RESUMABLE_PHASES:
            queue.resume_run(store, store.get(entry.id), SampleDataset())
    entry = resume_until_finished(store, entry, SampleDataset())
    assert comparable_results(store, entry) == comparable_results(store, whole)


@pytest.mark.exhaustive
def test_a_server_killed_while_it_starts_runs_leaves_only_whole_ones(store: RunStore) -> None:
    code = (
        "import sys, pathlib\n"
        "from fashion_core.data.sample_data import SampleDataset\n"
        "from fashion_core.runs import queue\n"
        "from fashion_core.runs.store import RunStore\n"
        "from fashion_core.config.train_config import TrainConfig\n"
        "store = RunStore(pathlib.Path(sys.argv[1]))\n"
        "while True: queue.queue_run(store, TrainConfig('mlp', 1, batch_size=512), SampleDataset())\n"
    )
    servers = [subprocess.Popen([sys.executable, "-c", code, str(store.runs_folder)]) for _ in range(2)]
    wait_until(lambda: len(store.entries()) > 9)
    for server in servers:
        server.kill()
        server.wait()
    mine = [entry for entry in store.entries() if entry.origin == "mine"]
    assert all(entry.record is not None for entry in mine)
    assert sum(queue.has_process(store.get(entry.id)) for entry in mine) <= 1  # two servers, one run at a time
    for entry in mine[:-2]:  # newest first
        queue.cancel_run(store, entry)
    for entry in mine[-2:]:
        assert queue.run_phase(queue.wait_for_run(entry, store, TIMEOUT)) == "finished"


def test_several_that_start_waiting_runs_at_once_start_none_twice(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FASHION_WORKERS", "2")
    started: list[str] = []
    monkeypatch.setattr(Job, "launch", lambda job: (started.append(job.folder.name), job.claim()))
    for _ in range(3):
        created(store, new_run_record(SHORT, SampleDataset()))
    threads = [threading.Thread(target=queue.start_waiting_runs, args=(store,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(started) == len(set(started)) == 2


def test_two_starts_at_once_are_two_runs_of_which_one_waits(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []
    monkeypatch.setattr(Job, "launch", lambda job: (started.append(job.folder.name), job.claim()))
    together = threading.Barrier(4)

    def press() -> None:
        together.wait()
        queue.queue_run(store, SHORT, SampleDataset())

    browsers = [threading.Thread(target=press) for _ in range(4)]
    for browser in browsers:
        browser.start()
    for browser in browsers:
        browser.join()
    runs = [entry for entry in store.entries() if entry.origin == "mine"]
    assert len({entry.id for entry in runs}) == 4
    assert [queue.run_phase(entry) for entry in runs] == ["queued"] * 4
    assert len(started) == 1
    assert [queue.has_process(entry) for entry in runs].count(True) == 1


def test_a_start_that_finds_no_space_leaves_the_runs_before_it_and_no_half_of_one(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Job, "launch", lambda job: job.claim())
    write, written = store_module.write_atomically, []

    def full(path: Path, content: bytes) -> None:
        written.append(path.name)
        if written.count("run.json") == 3:
            raise RunError(f"{path} cannot be written (No space left on device). Free some space.")
        write(path, content)

    monkeypatch.setattr(store_module, "write_atomically", full)
    with pytest.raises(RunError, match="Free some space"):
        queue.queue_runs(
            store, [(dataclasses.replace(SHORT, seed=seed), "") for seed in range(5)], SampleDataset(), tag="t"
        )
    runs = [entry for entry in store.entries() if entry.origin == "mine"]
    assert [entry.damage for entry in runs] == [None, None]
    assert not list(store.runs_folder.glob(".new-*"))


@pytest.mark.parametrize("value", ["0", "many", "-1", "65", ""])
def test_an_invalid_number_of_parallel_runs_is_refused(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASHION_WORKERS", value)
    with pytest.raises(ConfigError, match="FASHION_WORKERS"):
        max_parallel_runs()


def created(store: RunStore, record: RunRecord) -> RunEntry:
    """A run that waits, and that nobody has started yet."""
    return store.create_run(record, {JOB_FILE: queue.training_job_spec(SampleDataset()).to_json()})


def test_a_process_that_died_before_it_began_leaves_an_interrupted_run(store: RunStore) -> None:
    entry = created(store, new_run_record(SHORT, SampleDataset()))
    assert queue.run_phase(entry) == "queued"
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        identity = ProcessIdentity(process.pid, time.time())
    (entry.path / PROCESS_FILE).write_bytes(process_to_json(identity, waiting=False))
    assert queue.run_phase(entry) == "interrupted"


def test_a_reused_process_number_leaves_an_interrupted_run_that_can_be_deleted(store: RunStore) -> None:
    entry = created(store, dataclasses.replace(new_run_record(SHORT, SampleDataset()), state="running"))
    reused = ProcessIdentity(os.getpid(), this_process().started - 3600)  # this process has the number now
    (entry.path / PROCESS_FILE).write_bytes(process_to_json(reused, waiting=False))
    assert queue.run_phase(entry) == "interrupted"
    queue.cancel_run(store, entry)
    queue.delete_run(store, entry)


def test_a_run_is_deleted_once_its_process_has_written_how_it_ended(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = created(store, dataclasses.replace(new_run_record(SHORT, SampleDataset()), state="cancelled"))
    job = Job(entry.path)
    job.claim()
    folder_was_there = []

    def end(seconds: float) -> None:
        folder_was_there.append(entry.path.exists())
        job.end("cancelled")

    monkeypatch.setattr("fashion_core.runs.queue.time.sleep", end)
    queue.delete_run(store, entry)
    assert folder_was_there == [True]
    assert not entry.path.exists()


@pytest.mark.exhaustive  # tests/core/computed/test_background.py does the same with a computation
@pytest.mark.parametrize("content", ["{", "", '{"data": ["--stand-in"], "threads": 1}'])  # the last of an older version
def test_a_damaged_job_file_fails_its_run_and_the_next_one_trains(store: RunStore, content: str) -> None:
    damaged = created(store, new_run_record(SHORT, SampleDataset()))
    (damaged.path / JOB_FILE).write_text(content)
    following = queue.queue_run(store, dataclasses.replace(SHORT, epochs=1), SampleDataset())
    assert queue.run_phase(queue.wait_for_run(following, store, TIMEOUT)) == "finished"
    record = store.get(damaged.id).record
    assert record is not None
    assert (record.state, "job file is damaged" in record.reason) == ("failed", True)
    queue.resume_run(store, store.get(damaged.id), SampleDataset())
    assert queue.run_phase(queue.wait_for_run(store.get(damaged.id), store, TIMEOUT)) == "finished"


@pytest.mark.exhaustive
def test_a_stuck_process_that_was_cancelled_is_killed_and_the_next_run_trains(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fashion_core.jobs.job.CANCEL_KILL_TIMEOUT_SECONDS", 1.0)
    stuck = queue.queue_run(store, LONG, SampleDataset())
    wait_until(lambda: trains(stuck, store))
    process = Job(stuck.path).process()
    assert process is not None
    os.kill(process.pid, signal.SIGSTOP)
    following = queue.queue_run(store, SHORT, SampleDataset())
    queue.cancel_run(store, stuck)
    assert queue.run_phase(queue.wait_for_run(following, store, TIMEOUT)) == "finished"
    assert queue.run_phase(store.get(stuck.id)) == "cancelled"


@pytest.mark.exhaustive
@pytest.mark.slow
def test_a_full_disk_stops_a_run_with_a_sentence(store: RunStore) -> None:
    entry = created(store, new_run_record(SHORT, SampleDataset()))
    command = f"ulimit -f 200; exec {sys.executable} -m fashion_core.jobs.worker {entry.path}"
    subprocess.run(["bash", "-c", command], capture_output=True, check=False)
    record = store.get(entry.id).record
    assert record is not None
    assert (record.state, "Free some space" in record.reason) == ("failed", True)
    assert resume_until_finished(store, entry, SampleDataset()).record is not None


def test_data_replaced_after_the_start_is_refused(store: RunStore) -> None:
    record = new_run_record(SHORT, SampleDataset())
    entry = created(store, dataclasses.replace(record, data=dataclasses.replace(record.data, fingerprint="f" * 16)))
    with pytest.raises(FashionError, match="replaced"), run_job(Job(entry.path)) as running:
        run_training(running)
    failed = store.get(entry.id).record
    assert failed is not None
    assert failed.state == "failed"
    assert "replaced" in failed.reason


def test_until_the_first_epoch_is_done_the_time_left_comes_from_past_runs_unless_this_one_is_faster(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Job, "launch", lambda job: job.claim())
    entry = queue.queue_run(store, SHORT, ToyDataset())
    assert queue.run_progress(entry).seconds_left is None
    assert queue.run_progress(entry, seconds_per_epoch=5.0).seconds_left == 10
    update = {"step": 1, "n_steps": 4, "elapsed": 2.0}
    Job(entry.path).report(update)
    assert queue.run_progress(entry, seconds_per_epoch=3.0).seconds_left == 4.5
    assert queue.run_progress(entry, seconds_per_epoch=5.0).seconds_left == queue.run_progress(entry).seconds_left == 6
    Job(entry.path).report(dict.fromkeys(HISTORY_COLUMNS, 1))
    Job(entry.path).report(update | {"step": 2})
    assert queue.run_progress(entry, seconds_per_epoch=5.0).seconds_left == 2


@pytest.mark.parametrize("line", ['{"step": "x", "n_steps": 0, "elapsed": 1}', '{"epoch": 1}', '{"elapsed": []}', "[]"])
def test_a_damaged_progress_file_breaks_nothing(store: RunStore, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Job, "launch", lambda job: job.claim())
    entry = queue.queue_run(store, SHORT, ToyDataset())
    (entry.path / "progress.jsonl").write_text(line + "\n")
    progress = queue.run_progress(entry)
    assert (progress.fraction, progress.seconds_left, len(progress.epochs)) == (0, None, 0)
