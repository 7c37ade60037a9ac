"""Runs on a Ray cluster: two nodes really started on this machine, their processes really killed."""

import dataclasses
import io
import os
import re
import signal
import socket
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
import torch

from benchmarks.kills import comparable_results
from benchmarks.ray_nodes import HEAD, OTHER, Nodes, start_nodes
from fashion_core.config.train_config import TrainConfig
from fashion_core.data.sample_data import SampleDataset
from fashion_core.errors import ConfigError
from fashion_core.jobs.job import JOB_FILE, LOG_FILE
from fashion_core.jobs.process import count_cores
from fashion_core.runs import capacity, checkpoint, cluster, queue, ray_connection, worker
from fashion_core.runs.execute import new_run_record
from fashion_core.runs.record import RunRecord
from fashion_core.runs.store import RunEntry, RunStore
from tests.conftest import PROJECT
from tests.core.clusters import linux, use_cluster
from tests.core.datasets import ToyDataset
from tests.core.waiting import TIMEOUT, wait_until

CONFIG = TrainConfig("mlp", 20, batch_size=64, ema_decay=0.9, shift=1)
SHORT = TrainConfig("mlp", 3, batch_size=55, ema_decay=0.9)

pytestmark = pytest.mark.filterwarnings("ignore:unclosed file.*ray_client_server:ResourceWarning")


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


@pytest.fixture
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as each node has: the runs then compute alike wherever they are."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    with start_nodes(tmp_path_factory.mktemp("nodes")) as started:
        yield started


def log(entry: RunEntry) -> str:
    path = entry.path / LOG_FILE
    return path.read_text() if path.exists() else ""


def places(entry: RunEntry) -> list[tuple[str, int]]:
    """The nodes' addresses and the processes that have trained the run, the latest last."""
    return [(node, int(number)) for node, number in re.findall(r"trains on .*\((.*)\), process (\d+)", log(entry))]


def epochs(store: RunStore, entry: RunEntry) -> int:
    return len(queue.run_progress(store.get(entry.id)).epochs)


def under_way(store: RunStore, runs: list[RunEntry], node: str) -> RunEntry:
    """One of ``runs`` that trains on ``node`` and has a checkpoint but is not nearly done."""
    found: list[RunEntry] = []

    def look() -> bool:
        there = [run for run in runs if places(run) and places(run)[-1][0] == node]
        found[:] = [run for run in there if 1 < epochs(store, run) < CONFIG.epochs - 6]
        return bool(found)

    wait_until(look)
    return found[0]


@pytest.mark.exhaustive
@linux
@pytest.mark.usefixtures("one_thread")
def test_a_cancelled_run_leaves_its_node_at_once_and_goes_on_elsewhere(
    store: RunStore, nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_cluster(monkeypatch, nodes.outside)
    entry = queue.queue_run(store, dataclasses.replace(CONFIG, epochs=1000), SampleDataset())
    wait_until(lambda: epochs(store, entry) > 1)
    queue.cancel_run(store, entry)
    wait_until(lambda: queue.run_phase(store.get(entry.id)) == "cancelled")
    wait_until(lambda: not psutil.pid_exists(places(entry)[0][1]), 10)
    wait_until(lambda: not queue.has_process(store.get(entry.id)), 10)
    kept = checkpoint.load_checkpoint(entry.path)
    assert kept is not None
    assert len(kept.epoch_results) == epochs(store, entry)
    monkeypatch.delenv("FASHION_CLUSTER")
    queue.resume_run(store, store.get(entry.id), SampleDataset())
    wait_until(lambda: epochs(store, entry) > len(kept.epoch_results))
    queue.cancel_run(store, entry)


@pytest.fixture
def whole(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What two runs give that are left alone on this machine."""
    threads = torch.get_num_threads()
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    given = []
    for seed in (0, 1):
        entry = store.create_run(
            new_run_record(dataclasses.replace(CONFIG, seed=seed), SampleDataset(), run_id=f"whole-{seed}")
        )
        assert worker.train_in_foreground(entry, SampleDataset()).state == "finished"
        given.append(comparable_results(store, store.get(entry.id)))
    torch.set_num_threads(threads)
    return given


@pytest.mark.exhaustive
@linux
def test_four_runs_come_out_as_on_one_machine_though_a_process_and_a_node_die(
    store: RunStore, nodes: Nodes, whole: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = []
    for address in (nodes.outside, nodes.inside):
        use_cluster(monkeypatch, address)
        runs += [queue.queue_run(store, dataclasses.replace(CONFIG, seed=seed), SampleDataset()) for seed in (0, 1)]
    killed = under_way(store, runs, HEAD)
    os.kill(places(killed)[-1][1], signal.SIGKILL)
    wait_until(lambda: "was lost" in log(killed))
    left_alone = under_way(store, runs, OTHER)
    nodes.remove_other()
    done = [queue.wait_for_run(run, store, 3 * TIMEOUT) for run in runs]
    for run, expected in zip(done, whole * 2, strict=True):
        assert queue.run_phase(run) == "finished", log(run)
        assert comparable_results(store, run) == expected
        progress, history = queue.run_progress(run).epochs, store.load_history(run)
        assert list(progress["epoch"]) == list(range(1, CONFIG.epochs + 1))
        # the times tell an epoch that was kept from one that was trained again
        np.testing.assert_allclose(history["seconds"], progress["seconds"], rtol=1e-4)
        wait_until(lambda run=run: not (run.path / "checkpoint").exists(), 10)  # removed after the run has ended
    for run in (killed, left_alone):
        assert len(places(run)) > 1


@pytest.mark.exhaustive
@linux
@pytest.mark.usefixtures("one_thread")
def test_a_run_that_kills_each_of_its_processes_is_given_up(
    store: RunStore, nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_cluster(monkeypatch, nodes.inside)
    entry = queue.queue_run(store, TrainConfig("kmeans", 1000, clusters=200), SampleDataset())
    for number in range(1, cluster.MAX_CONSECUTIVE_LOST_ACTORS + 1):
        wait_until(lambda number=number: len(places(entry)) == number)
        os.kill(places(entry)[-1][1], signal.SIGKILL)
    done = queue.wait_for_run(entry, store, TIMEOUT)
    assert queue.run_phase(done) == "failed"
    assert done.record is not None
    assert "lost 3 times" in done.record.reason


def trained(store: RunStore) -> RunRecord:
    """A run with a checkpoint, as far as it gets when it is to go on now."""
    begun = new_run_record(SHORT, ToyDataset(), run_id="mine")
    entry = store.create_run(begun, {JOB_FILE: queue.training_job_spec(ToyDataset(), threads=count_cores()).to_json()})

    def stop(result: object) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patched:
        patched.delenv("FASHION_CLUSTER")
        worker.train_in_foreground(entry, ToyDataset(), on_epoch=stop)
    return resumed(store)


def resumed(store: RunStore) -> RunRecord:
    queue.resume_run(store, store.get("mine"), ToyDataset(), foreground=True)
    return worker.train_in_foreground(store.get("mine"), ToyDataset())


@pytest.mark.exhaustive
def test_a_cluster_that_refuses_fails_the_run_with_a_sentence_and_loses_nothing(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FASHION_CLUSTER", "ray://127.0.0.1:1")
    record = trained(store)
    assert record.state == "failed"
    assert "ray://127.0.0.1:1 does not answer (Connection refused)" in record.reason
    assert epochs(store, store.get("mine")) == 1
    monkeypatch.delenv("FASHION_CLUSTER")
    assert resumed(store).state == "finished"
    assert epochs(store, store.get("mine")) == SHORT.epochs


def test_without_ray_the_run_says_what_to_install(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASHION_CLUSTER", "auto")
    monkeypatch.setitem(sys.modules, "ray", None)
    record = trained(store)
    assert record.state == "failed"
    assert "pip install -r requirements-cluster.txt" in record.reason
    assert queue.run_phase(store.get("mine")) in queue.RESUMABLE_PHASES


def train_on(address: str, tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """``train`` on the command line, which does not wait quite as long for a cluster as usual."""
    code = (
        "from fashion_core.__main__ import main\n"
        "from fashion_core.runs import ray_connection\n"
        "ray_connection.CLUSTER_CONNECT_TIMEOUT_SECONDS = 2\n"
        f"raise SystemExit(main(['train', 'mlp', '--preset', 'quick', '--name', 'mine', '--runs', {str(tmp_path)!r}]))"
    )
    more = {"FASHION_CLUSTER": address, "RAY_CLIENT_INITIAL_CONNECTION_TIMEOUT_S": "1", **environment}
    more["RAY_CLIENT_MAX_CONNECTION_TIMEOUT_S"] = "1"
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=PROJECT, env=os.environ | more, capture_output=True, text=True, check=False)


@pytest.mark.exhaustive
def test_an_address_that_is_no_cluster_is_an_error_on_the_command_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        done = train_on(f"ray://127.0.0.1:{silent.getsockname()[1]}", tmp_path)
    assert done.returncode == 1
    assert "does not answer (ray client connection timeout)" in done.stderr.splitlines()[-1]
    assert queue.run_phase(RunStore(tmp_path).get("mine")) in queue.RESUMABLE_PHASES


@pytest.mark.exhaustive
def test_a_cluster_that_no_longer_runs_is_an_error_on_the_command_line(tmp_path: Path) -> None:
    done = train_on("auto", tmp_path, RAY_ADDRESS="127.0.0.1:1")
    assert done.returncode == 1
    assert "does not answer (nothing within 2 s)" in done.stderr.splitlines()[-1]
    assert queue.run_phase(RunStore(tmp_path).get("mine")) in queue.RESUMABLE_PHASES


def test_connecting_to_a_head_that_aborts_is_tried_again() -> None:
    class Ray:
        def __init__(self, failures: int) -> None:
            self.left = failures

        def init(self, *arguments: object, **settings: object) -> None:
            self.left -= 1
            if self.left >= 0:
                raise ConnectionAbortedError("Initialization failure from server")

    ray_connection.connect_to_head(Ray(ray_connection.CLUSTER_SESSION_ATTEMPTS - 1), "ray://head:1")
    with pytest.raises(ConnectionAbortedError):
        ray_connection.connect_to_head(Ray(ray_connection.CLUSTER_SESSION_ATTEMPTS), "ray://head:1")


@pytest.mark.parametrize("value", ["yes", "ray://", "ray://host", "ray://host:port", "http://host:1", "10.0.0.1:6379"])
def test_an_invalid_address_is_refused(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASHION_CLUSTER", value)
    with pytest.raises(ConfigError, match="ray://HOST:PORT"):
        capacity.max_parallel_runs()


def test_a_cluster_gets_more_runs_at_once_than_one_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert (capacity.cluster_address(), capacity.max_parallel_runs()) == ("", 1)
    monkeypatch.setenv("FASHION_CLUSTER", "ray://10.0.0.1:10001")
    assert (capacity.cluster_address(), capacity.max_parallel_runs()) == (
        "ray://10.0.0.1:10001",
        capacity.MAX_CONCURRENT_CLUSTER_RUNS,
    )
    assert queue.training_job_spec(ToyDataset()).threads == capacity.THREADS_PER_CLUSTER_RUN
    monkeypatch.setenv("FASHION_WORKERS", "30")
    assert capacity.max_parallel_runs() == 30


def node(alive: bool = True, **resources: float) -> dict[str, Any]:
    return {"Alive": alive, "Resources": resources}


def test_a_run_is_placed_where_it_fits() -> None:
    small, large, gpu = node(CPU=1.0), node(CPU=8.0), node(CPU=4.0, GPU=1.0)
    assert cluster.ray_resources([small, large], "cnn", 2) == {"num_cpus": 2, "num_gpus": 0}
    assert cluster.ray_resources([small], "cnn", 2) == {"num_cpus": 1, "num_gpus": 0}
    assert cluster.ray_resources([small, node(alive=False, CPU=8.0)], "cnn", 2) == {"num_cpus": 1, "num_gpus": 0}
    assert cluster.ray_resources([large, gpu], "cnn", 6) == {"num_cpus": 4, "num_gpus": 1}
    assert cluster.ray_resources([large, gpu], "kmeans", 6) == {"num_cpus": 6, "num_gpus": 0}
    assert cluster.ray_resources([node()], "mlp", 2) == {"num_cpus": 2, "num_gpus": 0}  # nodes may come later


@pytest.mark.slow
def test_the_program_that_is_sent_runs_without_an_installed_one(tmp_path: Path) -> None:
    zipfile.ZipFile(io.BytesIO(ray_connection.zip_program())).extractall(tmp_path)
    code = f"import sys; sys.path[:0] = [{str(tmp_path)!r}]; from fashion_core.runs import node; print(node.__file__)"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith(str(tmp_path))
