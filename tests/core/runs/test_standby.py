"""The process in waiting, really started: it measures, becomes the next run's process, and is missed by nobody."""

import dataclasses
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.kills import comparable_results
from fashion_core.config.train_config import TrainConfig
from fashion_core.data import FashionMNIST
from fashion_core.data.sample_data import SampleDataset
from fashion_core.runs import estimate, job, process, queue, standby
from fashion_core.runs.store import RunEntry, RunStore
from tests.conftest import PROJECT

SHORT = TrainConfig("mlp", 2, batch_size=256)
TIMEOUT = 90.0


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


@pytest.fixture(autouse=True)
def _none_left() -> Iterator[None]:
    standby.release()
    yield
    standby.release()


def wait_until(condition, seconds: float = TIMEOUT) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def waiting() -> standby._Waiting:
    assert standby._waiting is not None
    return standby._waiting


def finished(store: RunStore, entry: RunEntry) -> RunEntry:
    done = queue.wait_for_run(entry, store, TIMEOUT)
    assert queue.run_phase(done) == "finished", (done.path / job.LOG).read_text()
    return done


def test_it_measures_and_then_trains_as_a_fresh_process_would(store: RunStore) -> None:
    cold = finished(store, queue.queue_run(store, SHORT, SampleDataset()))
    standby.prepare(SampleDataset())
    pid = waiting().process.pid
    standby.prepare(SampleDataset())
    assert waiting().process.pid == pid
    slow = dataclasses.replace(SHORT, batch_size=64)
    for config in (SHORT, slow, TrainConfig("kmeans", 1, clusters=5)):
        assert standby.ask(config, SampleDataset())
    wait_until(lambda: estimate.of_probe(TrainConfig("kmeans", 1, clusters=5), SampleDataset()))
    assert estimate.of_probe(SHORT, SampleDataset())
    assert estimate.of_probe(slow, SampleDataset())
    entry = queue.queue_run(store, SHORT, SampleDataset())
    assert standby._waiting is None
    assert f'"pid": {pid},' in (entry.path / job.STARTED).read_text()
    warm = finished(store, entry)
    assert comparable_results(store, warm) == comparable_results(store, cold)
    assert "finished" in (warm.path / job.LOG).read_text()


@pytest.mark.parametrize("long", [TrainConfig("kmeans", 1, clusters=200), TrainConfig("cnn", 1, batch_size=8000)])
def test_a_run_is_not_kept_waiting_by_a_probe(
    store: RunStore, long: TrainConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    standby.prepare(SampleDataset())
    assert standby.ask(SHORT, SampleDataset())
    wait_until(lambda: estimate.of_probe(SHORT, SampleDataset()))  # it is ready
    assert standby.ask(long, SampleDataset())
    time.sleep(0.2)
    finished(store, queue.queue_run(store, SHORT, SampleDataset()))
    assert estimate.of_probe(long, SampleDataset()) is None


@pytest.fixture
def idle(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """In place of the real process one that only waits for the end of its orders."""
    started: list[subprocess.Popen[bytes]] = []

    def start(module: str, arguments: list[str], *, threads: int, **streams: Any) -> "subprocess.Popen[bytes]":
        started.append(subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], **streams))
        return started[-1]

    monkeypatch.setattr(process, "start", start)
    yield
    standby.release()
    for each in started:
        each.wait(TIMEOUT)


@pytest.mark.usefixtures("idle")
def test_when_it_has_died_or_does_not_fit_a_run_starts_without_it(store: RunStore) -> None:
    how, log = job.new_job(SampleDataset()), store.runs_folder / "log.txt"
    assert standby.take([], how, log) == 0  # there is none
    standby.prepare(SampleDataset())
    dead = waiting().process
    dead.kill()
    dead.wait()
    assert standby.take([], how, log) == 0
    standby.prepare(SampleDataset())
    assert standby.take([], dataclasses.replace(how, threads=how.threads + 1), log) == 0
    standby.prepare(SampleDataset())
    ready = waiting().process
    assert standby.take([], how, log) == ready.pid


@pytest.mark.usefixtures("idle")
def test_it_goes_when_nobody_has_looked_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standby, "IDLE", 0.2)
    standby.prepare(SampleDataset())
    waiting_process = waiting().process
    assert waiting_process.wait(TIMEOUT) == 0
    assert standby._waiting is None
    assert not standby.ask(SHORT, SampleDataset())


@pytest.mark.usefixtures("idle")
def test_other_data_are_another_process_s(fashion_mnist: FashionMNIST) -> None:
    standby.prepare(SampleDataset())
    first = waiting().process
    standby.prepare(fashion_mnist)
    assert waiting().process is not first
    assert first.wait(TIMEOUT) == 0


@pytest.mark.usefixtures("idle")
def test_an_overdue_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    standby.prepare(SampleDataset())
    assert standby.ask(SHORT, SampleDataset())
    assert standby.ask(SHORT, SampleDataset())  # another browser
    monkeypatch.setattr(standby, "OVERDUE", 0.0)
    assert not standby.ask(SHORT, SampleDataset())


def test_it_ends_with_its_server() -> None:
    code = (
        "from fashion_core.data.sample_data import StandIn\n"
        "from fashion_core.runs import standby\n"
        "standby.prepare(StandIn())\n"
        "print(standby._waiting.process.pid, flush=True)\n"
        "import os; os._exit(0)\n"
    )
    server = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PROJECT)
    wait_until(lambda: not process.runs(int(server.stdout)))
