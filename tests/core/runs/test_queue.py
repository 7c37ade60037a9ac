"""Training processes, really started, cancelled and killed."""

import dataclasses
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fashion_core.data.stand_in import StandIn
from fashion_core.errors import RunError
from fashion_core.runs import queue
from fashion_core.runs.execute import new_record
from fashion_core.runs.store import RunEntry, RunStore
from fashion_core.training.config import TrainConfig
from tests.core.datasets import Blocks

SHORT = TrainConfig("mlp", 2, batch_size=256)
LONG = TrainConfig("mlp", 1000, batch_size=16)
PATIENCE = 90.0


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


def until(condition, seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


def trains(entry: RunEntry, store: RunStore) -> bool:
    return queue.progress(store.get(entry.id)).share > 0


def test_a_worker_takes_a_run_from_start_to_finish(store: RunStore) -> None:
    entry = queue.start(store, SHORT, StandIn())
    assert queue.phase(entry) == "queued"
    done = queue.wait(entry, store, PATIENCE)
    assert done.record is not None
    assert done.record.state == "finished", (done.path / "log.txt").read_text()
    progress = queue.progress(done)
    assert progress.share == 1
    assert list(progress.epochs["epoch"]) == [1, 2]
    assert done.record.data.source == "stand-in"
    assert store.predictions(done).labels.shape == (2000,)


def test_runs_wait_for_each_other_and_can_be_cancelled_waiting_or_training(store: RunStore) -> None:
    first = queue.start(store, LONG, StandIn())
    until(lambda: trains(first, store))
    second = queue.start(store, SHORT, StandIn())
    until(lambda: (second.path / "alive").exists())
    assert queue.phase(store.get(second.id)) == "queued"
    with pytest.raises(RunError, match="Cancel it first"):
        queue.delete(store, store.get(first.id))
    queue.cancel(second)
    assert queue.phase(queue.wait(second, store, 30)) == "cancelled"
    begin = time.monotonic()
    queue.cancel(first)
    assert queue.phase(queue.wait(first, store, 30)) == "cancelled"
    assert time.monotonic() - begin < 10
    queue.delete(store, store.get(first.id))
    assert first.id not in {e.id for e in store.entries()}


def test_a_killed_worker_is_told_from_a_live_one_and_frees_the_turn(store: RunStore) -> None:
    first = queue.start(store, LONG, StandIn())
    until(lambda: trains(first, store))
    found = subprocess.run(["pgrep", "-f", str(first.path)], capture_output=True, text=True, check=True)
    for pid in found.stdout.split():
        subprocess.run(["kill", f"-{signal.SIGKILL.value}", pid], check=True)
    until(lambda: queue.phase(store.get(first.id)) == "interrupted")
    second = queue.start(store, SHORT, StandIn())
    assert queue.phase(queue.wait(second, store, PATIENCE)) == "finished"
    queue.delete(store, store.get(first.id))


def test_data_replaced_after_the_start_is_refused(store: RunStore) -> None:
    record = new_record(SHORT, StandIn())
    entry = store.create(dataclasses.replace(record, data=dataclasses.replace(record.data, fingerprint="f" * 16)))
    command = [sys.executable, "-m", "fashion_core.runs.worker", str(entry.path), "--stand-in"]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 1
    failed = store.get(entry.id).record
    assert failed is not None
    assert failed.state == "failed"
    assert "replaced" in failed.reason


def test_a_half_written_progress_line_is_left_for_later(store: RunStore) -> None:
    entry = store.create(new_record(SHORT, Blocks()))
    (entry.path / "progress.jsonl").write_text('{"step": 3, "n_steps": 6, "elapsed": 2.0}\n{"step": 4, "n_')
    progress = queue.progress(entry)
    assert progress.share == 0.5
    assert progress.seconds_left == pytest.approx(2.0)
