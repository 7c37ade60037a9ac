"""Training on a Ray cluster: the run's own process hands the work to a node and writes down what comes back.

A node is sent everything it needs (this program's source, the images, the last checkpoint), so it needs neither the
data set nor a shared file system; each epoch's checkpoint comes back. When its process, its node or the connection is
lost, the work is handed out again with the last checkpoint that came back.
"""

import io
import logging
import os
import socket
import threading
import warnings
import zipfile
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import Future
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

from fashion_core.data import Dataset
from fashion_core.errors import RunError
from fashion_core.jobs.process import PROJECT_FOLDER, WORKER_ENVIRONMENT
from fashion_core.models.registry import get_model_spec
from fashion_core.runs import checkpoint
from fashion_core.runs.node import TransferredDataset
from fashion_core.runs.record import RunRecord, check_run_id
from fashion_core.runs.store import EXPORTED_FILES, RunEntry, RunStore
from fashion_core.storage.files import write_atomically
from fashion_core.training.trainer import EpochResult, TrainingDivergedError

CLUSTER_CONNECT_TIMEOUT_SECONDS = 20.0  # seconds for the cluster to answer
CLUSTER_SESSION_TIMEOUT_SECONDS = 60.0  # seconds for a head that has answered to start the process that serves this one
NODE_REPORT_SECONDS = 0.5  # between two answers of a node
CLUSTER_CANCEL_POLL_SECONDS = 0.2  # between two checks whether the run was cancelled
ACTOR_STOP_TIMEOUT_SECONDS = 2.0  # seconds for a node to clean up before its process is ended
CLUSTER_SESSION_ATTEMPTS = 3  # with gRPC's fork support a head may fail to start that process
MAX_CONSECUTIVE_LOST_ACTORS = 3  # one after the other without an epoch in between, until the run fails

log = logging.getLogger("worker")


def train_run_on_cluster(
    entry: RunEntry,
    dataset: Dataset,
    address: str,
    *,
    threads: int,
    on_epoch: Callable[[EpochResult], None] = lambda result: None,
    on_step: Callable[[int, int], None] = lambda step, n_steps: None,
    on_begin: Callable[[], None] = lambda: None,
    on_wait: Callable[[], None] = lambda: None,
    commit_lock: AbstractContextManager[object] | None = None,
) -> RunRecord:
    """As ``runs.execute.train_and_score_run``, on the cluster at ``address``.

    ``on_begin`` is called whenever a node begins with the run, ``on_wait`` about every 0.2 s. An exception from a
    callback ends the work on the node too.

    Raises ``RunError`` when Ray is not installed, the cluster does not answer or is lost, or a node dies again and
    again; ``TrainingDivergedError`` and ``RunError`` as the training does.
    """
    last = checkpoint.load_checkpoint(entry.path)
    n_epochs = 0 if last is None else len(last.epoch_results)
    with closing(_collect_reports(address, entry, dataset, threads, on_wait)) as reports:
        for report in reports:
            if "record" in report:
                log.info("trains on %s", report["process"])
                RunStore.update_record(entry.path, state="running", **report["record"])
                on_begin()
            if "checkpoint" in report:
                results = checkpoint.parse_checkpoint(report["checkpoint"]).epoch_results
                checkpoint.write_checkpoint_bytes(entry.path, report["checkpoint"])
                for result in results[n_epochs:]:
                    on_epoch(result)
                n_epochs = len(results)
            if "step" in report:
                on_step(*report["step"])
            if "end" in report:
                return _finish(entry, report["end"], commit_lock)
    raise AssertionError("the last report holds the end")


def _finish(entry: RunEntry, end: Mapping[str, Any], commit_lock: AbstractContextManager[object] | None) -> RunRecord:
    """Write the results that came back, and the record last."""
    for name, content in end["files"].items():
        write_atomically(entry.path / name, content)
    if end["state"] == "diverged":
        raise TrainingDivergedError(end["reason"])
    if end["state"] != "finished":
        if "traceback" in end:
            log.error("%s", end["traceback"])
        raise RunError(end["reason"])
    with commit_lock or nullcontext():
        record = RunStore.update_record(entry.path, state="finished", **end["record"])
        checkpoint.remove_checkpoint(entry.path)
    return record


def _collect_reports(
    address: str, entry: RunEntry, dataset: Dataset, threads: int, on_wait: Callable[[], None]
) -> Generator[dict[str, Any]]:
    """The reports of ``NodeTraining``, from one process after another until the training ends."""
    last, n_lost, reason = checkpoint.read_checkpoint_bytes(entry.path), 0, ""
    while n_lost < MAX_CONSECUTIVE_LOST_ACTORS:
        with _connected(address) as ray:
            try:
                yield from _collect_reports_of_actor(ray, entry, dataset, threads, on_wait)
            except _connection_errors(ray) as error:
                log.warning("the run's process on the cluster was lost: %s", error)
                reason = _last_line(error)
        before, last = last, checkpoint.read_checkpoint_bytes(entry.path)
        n_lost = n_lost + 1 if last == before else 1
        RunStore.update_record(entry.path, state="queued")
    raise RunError(
        f"The run's process on the cluster was lost {MAX_CONSECUTIVE_LOST_ACTORS} times in the same epoch ({reason}). "
        "Look at its log and whether the nodes have the packages and enough memory, and resume the run."
    )


def _collect_reports_of_actor(
    ray: Any, entry: RunEntry, dataset: Dataset, threads: int, on_wait: Callable[[], None]
) -> Generator[dict[str, Any]]:
    """The reports of one process, begun with the last checkpoint; raises a connection error when it is gone."""
    assert entry.record is not None
    work = ray.put(_pack_work(entry, dataset, threads))
    resources = ray_resources(ray.nodes(), entry.record.model, threads)
    actor = ray.remote(_actor_class()).options(**resources).remote(work, checkpoint.read_checkpoint_bytes(entry.path))
    try:
        while True:
            answer = actor.collect_reports.remote(NODE_REPORT_SECONDS)
            while not ray.wait([answer], timeout=CLUSTER_CANCEL_POLL_SECONDS)[0]:
                on_wait()
            yield ray.get(answer)
            on_wait()
    finally:
        _end_actor(ray, actor)


def _end_actor(ray: Any, actor: Any) -> None:
    """Have the process on the node clean up, and end it; it may be gone already."""
    try:
        ray.wait([actor.stop.remote()], timeout=ACTOR_STOP_TIMEOUT_SECONDS)
        ray.kill(actor)
    except Exception as error:  # noqa: BLE001 -- the connection is lost; Ray then ends what is left itself
        log.info("the process on the cluster could not be ended: %s", error)


def ray_resources(nodes: list[dict[str, Any]], model: str, threads: int) -> dict[str, float]:
    """What a run asks Ray for: a GPU if it can use one and there is one, and as many of ``threads`` as a node has.

    ``nodes``: as ``ray.nodes()`` gives them. A run begun elsewhere keeps its number of threads, even on a smaller node.
    """
    uses_gpu = get_model_spec(model).trainer == "gradient"
    alive = [node["Resources"] for node in nodes if node["Alive"]]
    with_gpu = [resources for resources in alive if resources.get("GPU", 0) >= 1 and uses_gpu]
    most = max((resources.get("CPU", 0) for resources in with_gpu or alive), default=0)
    return {"num_cpus": min(threads, most or threads), "num_gpus": 1 if with_gpu else 0}


def _pack_work(entry: RunEntry, dataset: Dataset, threads: int) -> dict[str, Any]:
    """Everything that a node needs to train the run; see ``NodeTraining``."""
    assert entry.record is not None
    if entry.record.config.pictures:
        raise RunError("A run that trains on pictures beside the data set cannot train on a cluster. Train it here.")
    files = {f"{entry.id}/run.json": (entry.path / "run.json").read_bytes()}
    if origin := entry.record.config.start_from:
        folder = RunStore(entry.path.parent).get(check_run_id(origin)).path
        names = [name for name in EXPORTED_FILES if (folder / name).is_file()]
        files |= {f"{origin}/{name}": (folder / name).read_bytes() for name in names}
    return {
        "program": zip_program(),
        "environment": {**WORKER_ENVIRONMENT, "OMP_NUM_THREADS": str(threads)},
        "run": entry.id,
        "files": files,
        "data": TransferredDataset.pack(dataset),
        "threads": threads,
    }


def zip_program() -> bytes:
    """The source of this program as a zip, about 0.1 MB: nodes train with this version, whatever is installed there."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive:
        for path in sorted((PROJECT_FOLDER / "fashion_core").rglob("*.py")):
            archive.write(path, path.relative_to(PROJECT_FOLDER))
    return buffer.getvalue()


def _actor_class() -> type:
    """The actor that Ray runs on a node: it unpacks the program and starts its ``NodeTraining``.

    A local class, which Ray sends whole instead of importing it, and which imports what it needs on the spot.
    """

    class Worker:
        def __init__(self, work: Any, checkpoint_bytes: bytes) -> None:
            import io
            import os
            import pathlib
            import platform
            import sys
            import tempfile
            import zipfile

            self.folder = tempfile.TemporaryDirectory(prefix="fashion-", ignore_cleanup_errors=True)
            zipfile.ZipFile(io.BytesIO(work["program"])).extractall(self.folder.name)
            sys.path.insert(0, self.folder.name)
            os.environ.update(work["environment"])  # read when the numerical libraries are loaded
            import ray

            from fashion_core.runs.node import NodeTraining

            name = f"{platform.node()} ({ray.util.get_node_ip_address()}), process {os.getpid()}"
            self.training = NodeTraining(pathlib.Path(self.folder.name) / "runs", work, checkpoint_bytes, name)

        def collect_reports(self, seconds: float) -> Any:
            return self.training.collect_reports(seconds)

        def stop(self) -> None:
            self.training.stop()
            self.folder.cleanup()

    return Worker


@contextmanager
def _connected(address: str) -> Iterator[ModuleType]:
    """Ray, connected to the cluster; raises ``RunError`` when it is not installed or the cluster does not answer."""
    ray = _import_ray()
    # other versions of Ray or Python, or a missing token
    refusals: tuple[type[Exception], ...] = (RuntimeError, ValueError, *_connection_errors(ray))
    name = "The cluster of this machine" if address == "auto" else f"The cluster at {address}"
    advice = "Start it, or unset FASHION_CLUSTER to train on this machine, and resume the run."
    try:
        if address == "auto":
            _call_in_time(lambda: _connect(ray, address), CLUSTER_CONNECT_TIMEOUT_SECONDS)
        else:
            host = urlsplit(address)  # Ray would try three times even where it is refused
            socket.create_connection(
                (str(host.hostname), host.port or 0), timeout=CLUSTER_CONNECT_TIMEOUT_SECONDS / 4
            ).close()
            connect_to_head(ray, address)
    except OSError as error:  # among them ConnectionError and TimeoutError
        reason = error.strerror or _last_line(error)
        raise RunError(f"{name} does not answer ({reason}). {advice}") from error
    except refusals as error:
        raise RunError(f"{name} cannot be used ({' '.join(str(error).split())[:400]}).") from error
    try:
        yield ray
    finally:
        ray.shutdown()


def _connection_errors(ray: Any) -> tuple[type[Exception], ...]:
    """What Ray raises when a process, a node, or the connection to the cluster is gone."""
    import grpc

    return ray.exceptions.RayError, ConnectionError, grpc.RpcError


def _import_ray() -> Any:
    """Ray, which is optional; raises ``RunError`` saying how to install it."""
    os.environ.setdefault("RAY_CLIENT_MAX_CONNECTION_TIMEOUT_S", "5")  # three tries; read on import
    try:
        import grpc  # noqa: F401 -- for addresses that begin with ray://
        import ray
        import ray.exceptions
    except ImportError as error:
        raise RunError(
            "FASHION_CLUSTER is set, and Ray is not installed. Run pip install -r requirements-cluster.txt, or unset "
            "it to train on this machine, and resume the run."
        ) from error
    return ray


def _connect(ray: Any, address: str) -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Ray Client connection timed out")  # raised as well
        ray.init(address, log_to_driver=False, logging_level="ERROR")


def connect_to_head(ray: Any, address: str) -> None:
    """Connect to a head that has answered, trying three times."""
    for n_left in reversed(range(CLUSTER_SESSION_ATTEMPTS)):
        try:
            return _call_in_time(lambda: _connect(ray, address), CLUSTER_SESSION_TIMEOUT_SECONDS)
        except ConnectionAbortedError as error:
            if not n_left:
                raise
            log.info("the cluster could not serve this run, trying again: %s", error)


def _call_in_time(function: Callable[[], object], seconds: float) -> None:
    """Raise TimeoutError when ``function`` takes longer: Ray tries forever where a cluster has been."""
    done: Future[object] = Future()

    def work() -> None:
        try:
            done.set_result(function())
        except Exception as error:  # noqa: BLE001 -- raised in the thread that waits
            done.set_exception(error)

    threading.Thread(target=work, daemon=True).start()
    try:
        done.result(seconds)
    except TimeoutError as error:
        raise TimeoutError(f"nothing within {seconds:.0f} s") from error


def _last_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[-1].strip()[:200]
