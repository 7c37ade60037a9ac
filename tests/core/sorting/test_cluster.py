"""Sorting on a Ray cluster: two nodes really started on this machine, their processes really killed."""

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from pyarrow import parquet

from benchmarks.ray_nodes import Nodes, start_nodes
from fashion_core.errors import RunError
from fashion_core.recognition.shipped_recognizer import load_shipped_recognizer
from fashion_core.runs.store import RunStore
from fashion_core.runs.summary import RECOGNITION_RUN_IDS
from fashion_core.sorting import manifests
from fashion_core.sorting.cluster import MAX_CONSECUTIVE_FAILURES, sort_on_cluster
from fashion_core.sorting.packed_model import pack_model
from fashion_core.sorting.shards import sort_here, sort_to_shards
from fashion_core.sorting.sort import SortingModel, SortProgress
from fashion_core.sorting.stores import open_store
from tests.conftest import PROJECT
from tests.core.clusters import linux, use_cluster
from tests.core.sorting.folders import write_pictures
from tests.core.sorting.sort_process import make_model
from tests.core.waiting import wait_until

pytestmark = [
    pytest.mark.exhaustive,
    linux,
    pytest.mark.filterwarnings("ignore:unclosed file.*ray_client_server:ResourceWarning"),
]
N_PICTURES = 400


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    with start_nodes(tmp_path_factory.mktemp("nodes")) as started:
        yield started


@pytest.fixture(scope="module")
def model() -> SortingModel:
    return replace(make_model(), recognizer=load_shipped_recognizer(RunStore()))


@pytest.fixture(autouse=True)
def _small_manifests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifests, "PICTURES_PER_MANIFEST", 20)


def sort(
    tmp_path: Path,
    address: str,
    model: SortingModel,
    report: Callable[[SortProgress], None] = lambda progress: None,
    output: str = "",
) -> SortProgress:
    store = RunStore()
    packed = pack_model(model, [store.get(run) for run in RECOGNITION_RUN_IDS])
    source, target = open_store(str(tmp_path / "in")), open_store(output or str(tmp_path / "out"))
    return sort_to_shards(source, target, sort_on_cluster(address, packed), report)


def address_of(nodes: Nodes, monkeypatch: pytest.MonkeyPatch) -> str:
    use_cluster(monkeypatch, nodes.inside)
    return "auto"


def read_all(folder: Path) -> dict[str, dict[str, Any]]:
    """The rows of the table by path; each is there once."""
    rows = parquet.read_table(folder / "table").to_pylist()
    assert Counter(row["path"] for row in rows).most_common(1)[0][1] == 1
    return {row["path"]: row for row in rows}


def sorters() -> list[psutil.Process]:
    """Processes of this test's cluster that sort at the moment."""
    found = []
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if "MapWorker" in " ".join(process.cmdline()):
                found.append(process)
    return found


@pytest.mark.parametrize("place", ["inside", "outside"])
def test_a_cluster_decides_as_one_machine_does(
    tmp_path: Path, nodes: Nodes, model: SortingModel, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    contents = write_pictures(tmp_path / "in", 100)
    address = nodes.outside if place == "outside" else address_of(nodes, monkeypatch)
    progress = sort(tmp_path, address, model)
    sort_to_shards(open_store(str(tmp_path / "in")), open_store(str(tmp_path / "here")), sort_here(model))
    assert read_all(tmp_path / "out") == read_all(tmp_path / "here")
    assert progress.decisions == Counter(row["decision"] for row in read_all(tmp_path / "out").values())
    assert len(read_all(tmp_path / "out")) == len(contents)
    again = sort(tmp_path, address, model)
    assert (again.n_known, again.decisions.total()) == (100, 0)
    wait_until(lambda: not sorters(), 30)


def test_a_process_that_is_killed_loses_nothing(
    tmp_path: Path, nodes: Nodes, model: SortingModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_pictures(tmp_path / "in", N_PICTURES)
    killed: list[int] = []

    def kill_one(progress: SortProgress) -> None:
        if progress.n_handled and not killed:
            killed.append(sorters()[0].pid)
            os.kill(killed[0], signal.SIGKILL)

    progress = sort(tmp_path, address_of(nodes, monkeypatch), model, kill_one)
    assert killed
    assert progress.decisions.total() == len(read_all(tmp_path / "out")) == N_PICTURES


def test_processes_that_die_again_and_again_are_given_up(
    tmp_path: Path, nodes: Nodes, model: SortingModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_pictures(tmp_path / "in", 40)
    ended = threading.Event()
    killed: set[int] = set()

    def kill_all() -> None:
        while not ended.wait(0.05):
            for process in sorters():
                killed.add(process.pid)
                process.kill()

    killer = threading.Thread(target=kill_all)
    killer.start()
    try:
        with pytest.raises(RunError, match=f"(failed|lost its processes) {MAX_CONSECUTIVE_FAILURES} times"):
            sort(tmp_path, address_of(nodes, monkeypatch), model)
    finally:
        ended.set()
        killer.join()
    assert killed
    assert sort(tmp_path, address_of(nodes, monkeypatch), model).decisions.total() == 40


def test_what_a_node_cannot_do_is_said_in_its_words(
    tmp_path: Path, nodes: Nodes, model: SortingModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_pictures(tmp_path / "in", 40)
    output = "memory://out"  # each process has its own
    with pytest.raises(RunError, match=r"failed 3 times in a row: memory://out cannot be read"):
        sort(tmp_path, address_of(nodes, monkeypatch), model, output=output)


def test_an_interrupted_command_leaves_the_cluster_and_continues(tmp_path: Path, nodes: Nodes) -> None:
    n = 4 * N_PICTURES  # so that it is interrupted in time
    write_pictures(tmp_path / "in", n)
    code = (
        "import signal, sys\n"
        "from fashion_core.__main__ import main\n"
        "from fashion_core.sorting import manifests\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a shell's background processes ignore it
        "manifests.PICTURES_PER_MANIFEST = 20\n"
        "raise SystemExit(main(sys.argv[1:]))"
    )
    arguments = ["sort", str(tmp_path / "in"), "--out", str(tmp_path / "out")]
    environment = os.environ | {"FASHION_CLUSTER": nodes.outside}
    command = [sys.executable, "-c", code, *arguments]
    table = tmp_path / "out" / "table"
    with subprocess.Popen(command, cwd=PROJECT, env=environment, stderr=subprocess.PIPE, text=True) as process:
        wait_until(lambda: table.exists() and any(table.iterdir()))
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        assert process.stderr.read().splitlines()[-1] == "sort: interrupted."
    wait_until(lambda: not sorters(), 30)
    n_before = len(read_all(tmp_path / "out"))
    assert 0 < n_before < n
    subprocess.run(command, cwd=PROJECT, env=environment, check=True)
    assert len(read_all(tmp_path / "out")) == n


def test_a_node_that_is_lost_loses_nothing(
    tmp_path: Path, nodes: Nodes, model: SortingModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Last of all: the cluster has one node then."""
    write_pictures(tmp_path / "in", N_PICTURES)
    reports: list[int] = []

    def remove_node(progress: SortProgress) -> None:
        reports.append(progress.n_handled)
        if len(reports) == 3:
            nodes.remove_other()

    progress = sort(tmp_path, address_of(nodes, monkeypatch), model, remove_node)
    assert progress.decisions.total() == len(read_all(tmp_path / "out")) == N_PICTURES
    assert reports[-1] == N_PICTURES
