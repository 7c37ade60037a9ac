"""Sort manifests on a Ray cluster: Ray Data hands them to processes that load the networks once.

The processes get this program and the networks from here, as training does, and read the pictures themselves. What is
in the table stays there, so whatever is lost (a process, a node, the connection), what is missing is handed out again.
"""

import logging
from collections.abc import Generator, Mapping
from typing import Any

from fashion_core.errors import RunError
from fashion_core.jobs.process import WORKER_ENVIRONMENT
from fashion_core.runs.ray_connection import (
    connected_ray,
    connection_errors,
    last_line,
    zip_program,
)
from fashion_core.sorting.cluster_actors import make_coordinator_class
from fashion_core.sorting.manifests import MANIFEST_FOLDER, TABLE_FOLDER
from fashion_core.sorting.shards import ManifestResult, ManifestSorter, read_result
from fashion_core.sorting.stores import Store

MAX_CONSECUTIVE_FAILURES = 3  # without a sorted manifest in between, until the sort ends
COLLECT_SECONDS = 0.5  # between two answers of the cluster
HEAD_RESOURCE = {"node:__internal_head__": 0.001}  # Ray's name for the head, without which nothing works anyway
LOCAL_ADVICE = "unset FASHION_CLUSTER to sort on this machine"

log = logging.getLogger(__name__)


class _SortingError(Exception):
    """What a process on the cluster said before it gave up."""


def sort_on_cluster(address: str, packed_model: Mapping[str, Any]) -> ManifestSorter:
    """A sorter on all processors of the Ray cluster at ``address``; ``packed_model``: as ``pack_model`` returns it.

    It raises ``RunError`` when Ray is not installed, the cluster does not answer, or manifests fail again and again.
    """

    def sort_manifests(output: Store, names: list[str]) -> Generator[ManifestResult]:
        missing, n_failures, reason = dict.fromkeys(names), 0, ""
        while missing and n_failures < MAX_CONSECUTIVE_FAILURES:
            n_before, reason = len(missing), ""
            with connected_ray(address, LOCAL_ADVICE) as ray:
                try:
                    for result in _sort_once(ray, packed_model, output, list(missing)):
                        if result.name in missing:
                            missing.pop(result.name)
                            yield result
                except _SortingError as error:
                    reason = str(error)
                except connection_errors(ray) as error:
                    reason = f"{last_line(error)}. Look at Ray's logs, and run the same command again."
            # those of which the cluster could not tell any more
            for name in set(output.list_names(TABLE_FOLDER)) & missing.keys():
                missing.pop(name)
                yield read_result(output, name)
            n_failures = n_failures + 1 if len(missing) == n_before else 0
        if missing:
            raise RunError(_describe_failure(output, next(iter(missing)), reason))

    return sort_manifests


def _describe_failure(output: Store, name: str, reason: str) -> str:
    if reason:
        return f"The cluster failed {MAX_CONSECUTIVE_FAILURES} times in a row: {reason}"
    return (
        f"The cluster lost its processes {MAX_CONSECUTIVE_FAILURES} times in a row. Look at Ray's logs, whether the "
        "nodes have enough memory, and whether a picture is to blame: "
        f"{output.url}/{MANIFEST_FOLDER}/{name} names them. Then run the same command again."
    )


def _sort_once(ray: Any, packed_model: Mapping[str, Any], output: Store, names: list[str]) -> Generator[ManifestResult]:
    """Results until all manifests are sorted, or those on a lost process are left."""
    work = {
        "program": zip_program(),
        "environment": {**WORKER_ENVIRONMENT, "OMP_NUM_THREADS": "1"},
        "model": dict(packed_model),
        "output": output.url,
    }
    options = {"num_cpus": 0, "resources": HEAD_RESOURCE}
    # a reference inside a list stays one
    coordinator = ray.remote(make_coordinator_class()).options(**options).remote([ray.put(work)], names)
    try:
        while True:
            answer = ray.get(coordinator.collect.remote(COLLECT_SECONDS))
            for report in answer["reports"]:
                if "error" in report:
                    raise _SortingError(report["error"])
                yield ManifestResult(report["name"], report["decisions"])
            if answer["ended"]:
                return
    finally:
        _kill(ray, coordinator)


def _kill(ray: Any, coordinator: Any) -> None:
    """End the coordinator, and with it the processes that it has started; it may be gone already."""
    try:
        ray.kill(coordinator)
    except connection_errors(ray) as error:
        log.info("the coordinator could not be ended: %s", error)  # Ray then ends what is left itself
