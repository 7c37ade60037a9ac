"""How many runs train at once, where, and on how many threads each."""

import os
from urllib.parse import urlsplit

from fashion_core.errors import ConfigError
from fashion_core.jobs.process import count_cores, requested_threads

MAX_CONCURRENT_CLUSTER_RUNS = 8  # runs handed to a cluster at once; each costs this machine a process of some 270 MB
THREADS_PER_CLUSTER_RUN = 2


def cluster_address() -> str:
    """Address of the Ray cluster that trains the runs, ``FASHION_CLUSTER``; empty when they train on this machine.

    Raises ``ConfigError`` when it is no such address.
    """
    text = os.environ.get("FASHION_CLUSTER", "").strip()
    if not text or text == "auto":
        return text
    problem = ConfigError(
        f"FASHION_CLUSTER is {text!r}; set it to ray://HOST:PORT, or to auto on a node of the cluster."
    )
    try:
        parts = urlsplit(text)
        if parts.scheme == "ray" and parts.hostname and parts.port:
            return text
    except ValueError as error:  # a port that is no number
        raise problem from error
    raise problem


def max_parallel_runs() -> int:
    """How many runs train at once: ``FASHION_WORKERS``, 1 to 64; raises ``ConfigError`` when it is no such number."""
    text = os.environ.get("FASHION_WORKERS", str(MAX_CONCURRENT_CLUSTER_RUNS) if cluster_address() else "1")
    if not text.strip().isdecimal() or not 1 <= int(text) <= 64:
        raise ConfigError(f"FASHION_WORKERS is {text!r}; set it to a whole number from 1 to 64.")
    return int(text)


def threads_per_run() -> int:
    """Threads that a new run computes on: ``OMP_NUM_THREADS``, or an equal part of the processors."""
    if n_threads := requested_threads():
        return n_threads
    return THREADS_PER_CLUSTER_RUN if cluster_address() else max(1, count_cores() // max_parallel_runs())
