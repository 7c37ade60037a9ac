"""A Ray cluster of two nodes, really started on this machine, for tests and benchmarks."""

import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

# to Ray, 127.0.0.1 is a name for the machine's address in its network
HEAD, OTHER = "127.0.0.2", "127.0.0.3"
ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_health_check_period_ms": "1000",  # a node that is gone is missed sooner
    "RAY_health_check_failure_threshold": "3",
    "RAY_worker_niceness": "0",  # 15 by default: on a busy machine, such workers hardly get any time
    "GRPC_ENABLE_FORK_SUPPORT": "0",  # as docs/cluster.md says
}


class Nodes:
    """A cluster of two nodes with a processor each."""

    def __init__(self, port: int) -> None:
        from ray.cluster_utils import Cluster

        each: dict[str, Any] = {"num_cpus": 1, "object_store_memory": 100 * 2**20, "include_dashboard": False}
        head = {"node_ip_address": HEAD, "ray_client_server_port": port, **each}
        self.cluster = Cluster(initialize_head=True, head_node_args=head)
        self.other = self.cluster.add_node(node_ip_address=OTHER, **each)
        self.outside, self.inside = f"ray://{HEAD}:{port}", self.cluster.address

    def remove_other(self) -> None:
        """As if somebody had pulled its plug."""
        self.cluster.remove_node(self.other, allow_graceful=False)


@contextmanager
def start_nodes(temporary: Path) -> Iterator[Nodes]:
    """The cluster; what killed processes leave lies in ``temporary``."""
    with socket.socket() as probe:
        probe.bind((HEAD, 0))
        port = probe.getsockname()[1]
    # a socket's path may not be long
    folders = {"RAY_TMPDIR": tempfile.gettempdir(), "TMPDIR": str(temporary)}
    with mock.patch.dict(os.environ, {**ENVIRONMENT, **folders}):
        started = Nodes(port)
        try:
            yield started
        finally:
            started.cluster.shutdown()
