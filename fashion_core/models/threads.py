"""The only place that decides how many threads compute: once per process, never for a request.

``torch.set_num_threads`` changes the whole process, also when a thread calls it.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache

from fashion_core.jobs.process import count_threads


def set_torch_threads(n_threads: int) -> None:
    """Let this process train on ``n_threads`` threads; call it once, before anything is computed.

    A run keeps its number of threads when it is resumed: another number would add up in another order.
    """
    import torch

    if torch.get_num_threads() != n_threads:
        torch.set_num_threads(n_threads)


@contextmanager
def thread_pool_splitting_torch_threads(n_workers: int) -> Iterator[ThreadPoolExecutor | None]:
    """A pool of ``n_workers`` threads, or of as many as torch has, each with an equal part of torch's threads.

    Until the context ends, operations outside of the pool compute on one thread: small ones lose more by waiting for a
    second thread than they gain. None if one thread is all there is. This changes the whole process, so only a process
    that trains may use it.
    """
    import torch

    n_threads = torch.get_num_threads()
    n_workers = min(n_workers, n_threads)
    if n_workers < 2:
        yield None
        return
    try:
        each = n_threads // n_workers
        with ThreadPoolExecutor(n_workers, initializer=torch.set_num_threads, initargs=(each,)) as pool:
            torch.set_num_threads(1)
            yield pool
    finally:
        torch.set_num_threads(n_threads)


@cache
def inference_pool() -> ThreadPoolExecutor:
    """The process's threads for inference; all predictions share them."""
    return ThreadPoolExecutor(count_threads(), thread_name_prefix="inference")
