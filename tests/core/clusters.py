"""Using a Ray cluster in tests; ``benchmarks.ray_nodes`` starts one."""

import sys

import pytest

linux = pytest.mark.skipif(sys.platform != "linux", reason="two nodes on one machine need the addresses 127.0.0.x")


def use_cluster(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """Use the cluster from now on: from a machine of the cluster, or from outside."""
    monkeypatch.setenv("FASHION_CLUSTER", address if address.startswith("ray:") else "auto")
    if not address.startswith("ray:"):
        monkeypatch.setenv("RAY_ADDRESS", address)
