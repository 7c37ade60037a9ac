"""Training on a Ray cluster: the run's own process here hands the work over, and writes down what comes back.

The run folder stays the only truth. A node gets everything with the order (this program's source, the images, the last
checkpoint) and needs neither the data set nor a shared file system; each epoch's checkpoint comes back. When its
process, its node or the connection is lost, the order is given again with the last checkpoint that came back.
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
from fashion_core.jobs.process import ENVIRONMENT, PROJECT_FOLDER
from fashion_core.models.registry import get_model_spec
from fashion_core.runs import checkpoint
from fashion_core.runs.node import TransferredDataset
from fashion_core.runs.record import RunRecord, check_run_id
from fashion_core.runs.store import EXPORTED_FILES, RunEntry, RunStore
from fashion_core.storage.files import write_atomically
from fashion_core.training.trainer import EpochResult, TrainingDivergedError

CONNECT_TIMEOUT = 20.0  # seconds for the cluster to answer
CLUSTER_SESSION_TIMEOUT = 60.0  # seconds for a head that has answered to start the process that serves this one
NODE_REPORT_SECONDS = 0.5  # seconds between two answers of a node
CLUSTER_CANCEL_POLL_SECONDS = 0.2  # seconds between two looks at whether the run is to stop
ACTOR_STOP_TIMEOUT = 2.0  # seconds for a node to tidy up before its process is ended
CLUSTER_SESSION_ATTEMPTS = 3  # tries to be served: with gRPC's fork support a head may fail to start that process
MAX_LOST_ACTORS = 3  # processes lost one after the other with no epoch done in between, before the run is given up

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
    """As ``runs.execute.execute``, on the cluster at ``address``.

    ``on_begin`` is called whenever a node begins with it, ``on_wait`` about every 0.2 s.

    An exception from a callback ends the work on the node too. Raises ``RunError`` when Ray is not installed, the
    cluster does not answer or is lost, or a node dies again and again; ``Diverged`` and ``RunError`` as the training
    does.
    """
    known = checkpoint.load_checkpoint(entry.path)
    n_epochs = 0 if known is None else len(known.epoch_results)
    with closing(_news(address, entry, dataset, threads, on_wait)) as told:
        for news in told:
            if "begun" in news:
                log.info("trains on %s", news["place"])
                RunStore.update_record(entry.path, state="running", **news["begun"])
                on_begin()
            if "kept" in news:
                results = checkpoint.parse_checkpoint(news["kept"]).epoch_results
                checkpoint.write_checkpoint_bytes(entry.path, news["kept"])
                for result in results[n_epochs:]:
                    on_epoch(result)
                n_epochs = len(results)
            if "step" in news:
                on_step(*news["step"])
            if "end" in news:
                return _finish(entry, news["end"], commit_lock)
    raise AssertionError("the news end with the end")


def _finish(entry: RunEntry, end: Mapping[str, Any], commit_lock: AbstractContextManager[object] | None) -> RunRecord:
    """Write the results that came back, and the record last."""
    for name, content in end["files"].items():
        write_atomically(entry.path / name, content)
    if end["state"] == "diverged":
        raise TrainingDivergedError(end["reason"])
    if end["state"] != "finished":
        if "trace" in end:
            log.error("%s", end["trace"])
        raise RunError(end["reason"])
    with commit_lock or nullcontext():
        record = RunStore.update_record(entry.path, state="finished", **end["record"])
        checkpoint.remove_checkpoint(entry.path)
    return record


def _news(
    address: str, entry: RunEntry, dataset: Dataset, threads: int, on_wait: Callable[[], None]
) -> Generator[dict[str, Any]]:
    """What ``node.Training`` tells, from one process after another until it ends; see there."""
    kept, losses, reason = checkpoint.read_checkpoint_bytes(entry.path), 0, ""
    while losses < MAX_LOST_ACTORS:
        with _connected(address) as ray:
            try:
                yield from _news_of_one(ray, entry, dataset, threads, on_wait)
            except _lost(ray) as error:
                log.warning("the run's process on the cluster was lost: %s", error)
                reason = _last_line(error)
        before, kept = kept, checkpoint.read_checkpoint_bytes(entry.path)
        losses = losses + 1 if kept == before else 1
        RunStore.update_record(entry.path, state="queued")
    raise RunError(
        f"The run's process on the cluster was lost {MAX_LOST_ACTORS} times in the same epoch ({reason}). Look at its log and "
        "whether the nodes have the packages and enough memory, and resume the run."
    )


def _news_of_one(
    ray: Any, entry: RunEntry, dataset: Dataset, threads: int, on_wait: Callable[[], None]
) -> Generator[dict[str, Any]]:
    """The news of one process, begun with the last checkpoint; raises one of ``_lost`` when it is gone."""
    assert entry.record is not None
    given = ray.put(_given(entry, dataset, threads))
    place = ray_resources(ray.nodes(), entry.record.model, threads)
    actor = ray.remote(_actor_class()).options(**place).remote(given, checkpoint.read_checkpoint_bytes(entry.path))
    try:
        while True:
            answer = actor.news.remote(NODE_REPORT_SECONDS)
            while not ray.wait([answer], timeout=CLUSTER_CANCEL_POLL_SECONDS)[0]:
                on_wait()
            yield ray.get(answer)
            on_wait()
    finally:
        _end(ray, actor)


def _end(ray: Any, actor: Any) -> None:
    """Have the process on the node tidy up, and end it; it may be gone already."""
    try:
        ray.wait([actor.stop.remote()], timeout=ACTOR_STOP_TIMEOUT)
        ray.kill(actor)
    except Exception as error:  # noqa: BLE001 -- of a lost connection Ray says no more; it ends what is left itself
        log.info("the process on the cluster could not be told to end: %s", error)


def ray_resources(nodes: list[dict[str, Any]], model: str, threads: int) -> dict[str, float]:
    """What a run asks Ray for: a GPU if it can use one and there is one, and as many of ``threads`` as a node has.

    ``nodes``: as ``ray.nodes()`` gives them. A run begun elsewhere keeps its number of threads, even on a smaller node.
    """
    uses_gpu = get_model_spec(model).trainer == "gradient"
    alive = [node["Resources"] for node in nodes if node["Alive"]]
    with_gpu = [resources for resources in alive if resources.get("GPU", 0) >= 1 and uses_gpu]
    most = max((resources.get("CPU", 0) for resources in with_gpu or alive), default=0)
    return {"num_cpus": min(threads, most or threads), "num_gpus": 1 if with_gpu else 0}


def _given(entry: RunEntry, dataset: Dataset, threads: int) -> dict[str, Any]:
    """Everything that a node needs to train the run, as ``_actor_class`` and ``node.Training`` read it."""
    assert entry.record is not None
    files = {f"{entry.id}/run.json": (entry.path / "run.json").read_bytes()}
    if origin := entry.record.config.start_from:
        folder = RunStore(entry.path.parent).get(check_run_id(origin)).path
        there = [name for name in EXPORTED_FILES if (folder / name).is_file()]
        files |= {f"{origin}/{name}": (folder / name).read_bytes() for name in there}
    return {
        "program": _program(),
        "environment": {**ENVIRONMENT, "OMP_NUM_THREADS": str(threads)},
        "run": entry.id,
        "files": files,
        "data": TransferredDataset.pack(dataset),
        "threads": threads,
    }


def _program() -> bytes:
    """The source of this program as a zip, about 0.1 MB: a node trains with just this version, installed or not."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive:
        for path in sorted((PROJECT_FOLDER / "fashion_core").rglob("*.py")):
            archive.write(path, path.relative_to(PROJECT_FOLDER))
    return buffer.getvalue()


def _actor_class() -> type:
    """What Ray runs on a node: unpacks the program and lets its ``node.Training`` do the rest.

    A local class, which Ray sends whole instead of importing it, and which imports what it needs on the spot.
    """

    class Worker:
        def __init__(self, given: Any, kept: bytes) -> None:
            import io
            import os
            import pathlib
            import platform
            import sys
            import tempfile
            import zipfile

            self.folder = tempfile.TemporaryDirectory(prefix="fashion-", ignore_cleanup_errors=True)
            zipfile.ZipFile(io.BytesIO(given["program"])).extractall(self.folder.name)
            sys.path.insert(0, self.folder.name)
            os.environ.update(given["environment"])  # read when the numerical libraries are loaded
            import ray

            from fashion_core.runs.node import NodeTraining

            place = f"{platform.node()} ({ray.util.get_node_ip_address()}), process {os.getpid()}"
            self.training = NodeTraining(pathlib.Path(self.folder.name) / "runs", given, kept, place)

        def news(self, seconds: float) -> Any:
            return self.training.collect_reports(seconds)

        def stop(self) -> None:
            self.training.stop()
            self.folder.cleanup()

    return Worker


@contextmanager
def _connected(address: str) -> Iterator[ModuleType]:
    """Ray, connected to the cluster; raises ``RunError`` when it is not installed or the cluster does not answer."""
    ray = _ray()
    # other versions of Ray or Python, or a missing token
    refusals: tuple[type[Exception], ...] = (RuntimeError, ValueError, *_lost(ray))
    name = "The cluster of this machine" if address == "auto" else f"The cluster at {address}"
    mend = "Start it, or unset FASHION_CLUSTER to train on this machine, and resume the run."
    try:
        if address == "auto":
            _in_time(lambda: _init(ray, address), CONNECT_TIMEOUT)
        else:
            place = urlsplit(address)  # Ray would knock three times even where it is refused
            socket.create_connection((str(place.hostname), place.port or 0), timeout=CONNECT_TIMEOUT / 4).close()
            _enter(ray, address)
    except OSError as error:  # among them ConnectionError and TimeoutError
        reason = error.strerror or _last_line(error)
        raise RunError(f"{name} does not answer ({reason}). {mend}") from error
    except refusals as error:
        raise RunError(f"{name} cannot be used ({' '.join(str(error).split())[:400]}).") from error
    try:
        yield ray
    finally:
        ray.shutdown()


def _lost(ray: Any) -> tuple[type[Exception], ...]:
    """What Ray raises when a process, a node, or the connection to the cluster is gone."""
    import grpc

    return ray.exceptions.RayError, ConnectionError, grpc.RpcError


def _ray() -> Any:
    """The optional library; raises ``RunError`` saying how to install it."""
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


def _init(ray: Any, address: str) -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Ray Client connection timed out")  # raised as well
        ray.init(address, log_to_driver=False, logging_level="ERROR")


def _enter(ray: Any, address: str) -> None:
    """Connect to a head that has answered, at the latest at the third try."""
    for left in reversed(range(CLUSTER_SESSION_ATTEMPTS)):
        try:
            return _in_time(lambda: _init(ray, address), CLUSTER_SESSION_TIMEOUT)
        except ConnectionAbortedError as error:
            if not left:
                raise
            log.info("the cluster could not serve this run, once more: %s", error)


def _in_time(connect: Callable[[], object], seconds: float) -> None:
    """Raise TimeoutError when ``connect`` takes longer: where a cluster has been, Ray tries without end."""
    done: Future[object] = Future()

    def work() -> None:
        try:
            done.set_result(connect())
        except Exception as error:  # noqa: BLE001 -- raised in the thread that waits
            done.set_exception(error)

    threading.Thread(target=work, daemon=True).start()
    try:
        done.result(seconds)
    except TimeoutError as error:
        raise TimeoutError(f"nothing within {seconds:.0f} s") from error


def _last_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[-1].strip()[:200]
