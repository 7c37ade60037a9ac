"""Training on a Ray cluster: the run's own process hands the work to a node and writes down what comes back.

A node is sent everything it needs (this program's source, the images, the last checkpoint), so it needs neither the
data set nor a shared file system; each epoch's checkpoint comes back. When its process, its node or the connection is
lost, the work is handed out again with the last checkpoint that came back.
"""

import logging
from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager, closing, nullcontext
from typing import Any

from fashion_core.data import Dataset
from fashion_core.errors import RunError
from fashion_core.jobs.process import WORKER_ENVIRONMENT
from fashion_core.models.registry import get_model_spec
from fashion_core.runs import checkpoint
from fashion_core.runs.node import TransferredDataset
from fashion_core.runs.ray_connection import (
    connected_ray,
    connection_errors,
    last_line,
    make_program_unpacker,
    zip_program,
)
from fashion_core.runs.record import RunRecord, check_run_id
from fashion_core.runs.store import EXPORTED_FILES, RunEntry, RunStore
from fashion_core.storage.files import write_atomically
from fashion_core.training.trainer import EpochResult, TrainingDivergedError

NODE_REPORT_SECONDS = 0.5  # between two answers of a node
CLUSTER_CANCEL_POLL_SECONDS = 0.2  # between two checks whether the run was cancelled
ACTOR_STOP_TIMEOUT_SECONDS = 2.0  # seconds for a node to clean up before its process is ended
MAX_CONSECUTIVE_LOST_ACTORS = 3  # one after the other without an epoch in between, until the run fails
LOCAL_ADVICE = "unset FASHION_CLUSTER to train on this machine, and resume the run"

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
        with connected_ray(address, LOCAL_ADVICE) as ray:
            try:
                yield from _collect_reports_of_actor(ray, entry, dataset, threads, on_wait)
            except connection_errors(ray) as error:
                log.warning("the run's process on the cluster was lost: %s", error)
                reason = last_line(error)
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


def _actor_class() -> type:
    """The actor that Ray runs on a node: it unpacks the program and starts its ``NodeTraining``.

    A local class, see ``make_program_unpacker``.
    """

    unpack = make_program_unpacker()

    class Worker:
        def __init__(self, work: Any, checkpoint_bytes: bytes) -> None:
            import os
            import pathlib
            import platform

            self.folder = unpack(work["program"], work["environment"])
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
