"""The only place that decides how many threads compute: once per process, never for a request.

``torch.set_num_threads`` changes the whole process, also when a thread calls it.
"""

from concurrent.futures import ThreadPoolExecutor
from functools import cache


def set_torch_threads(n_threads: int) -> None:
    """Let this process train on ``n_threads`` threads; call it once, before anything is computed.

    A run keeps its number of threads when it is resumed: another number would add up in another order.
    """
    import torch

    if torch.get_num_threads() != n_threads:
        torch.set_num_threads(n_threads)


@cache
def inference_pool() -> ThreadPoolExecutor:
    """The process's threads for inference, as many as torch's; all predictions share them."""
    import torch

    return ThreadPoolExecutor(torch.get_num_threads(), thread_name_prefix="inference")
