"""One step's gradients, computed in parts of the batch that are normalised apart, each on a thread of its own.

Batch normalisation over parts ("ghost batches") is that of E. Hoffer et al., "Train longer, generalize better"
(NeurIPS 2017, arXiv:1705.08741). Here it is for speed: two halves on a thread each keep two cores busier than one batch
whose every operation is divided, and processes that train together need not meet at every layer.
"""

import copy
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Self

import torch
from torch import nn

from fashion_core.errors import ConfigError
from fashion_core.training.distributed import ProcessGroup

LossFunction = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


class GhostBatchGradients:
    """Computes ``network``'s gradients for whole batches; used as a context, which owns the threads.

    ``n``: parts of a batch that are normalised apart; a network without batch normalisation is computed whole. The
    processes of ``group`` compute an equal number of parts each. The result depends on ``n`` alone, not on threads or
    processes, up to the rounding of a sum.

    Raises ``ConfigError`` when the processes cannot share the parts equally.
    """

    def __init__(self, network: nn.Module, n: int, group: ProcessGroup, *, bfloat16: bool = False) -> None:
        normalised = any(isinstance(module, nn.BatchNorm2d) for module in network.modules())
        if normalised and n % group.size:
            raise ConfigError(
                f"A batch of this run is normalised in {n} parts, which {group.size} processes cannot share equally. "
                f"Start a number of processes that divides {n}, or set ghost_batches to a multiple of {group.size}."
            )
        self.n = n if normalised else group.size
        self.group = group
        self.bfloat16 = bfloat16
        self.device = next(network.parameters()).device
        self.replicas = [network, *(_replica(network) for _ in range(self.n // group.size - 1))]
        self._gradients = [_gradients(r) for r in self.replicas]
        self._statistics = [[b for b in r.buffers() if b.is_floating_point()] for r in self.replicas]
        self._threads = torch.get_num_threads()
        self._pool: ThreadPoolExecutor | None = None

    def __enter__(self) -> Self:
        for replica in self.replicas:
            replica.train()
        workers = min(len(self.replicas), self._threads) if self.device.type == "cpu" else 1
        if workers > 1:
            each = self._threads // workers
            self._pool = ThreadPoolExecutor(workers, initializer=torch.set_num_threads, initargs=(each,))
            # small operations between the parts lose more by waiting for a second thread than they gain
            torch.set_num_threads(1)
        return self

    def __exit__(self, *error: object) -> None:
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None
            torch.set_num_threads(self._threads)

    def compute_gradients(
        self, x: torch.Tensor, targets: torch.Tensor, loss: LossFunction
    ) -> tuple[torch.Tensor, torch.Tensor, float]:
        """Leave the gradient of the batch's mean loss in the network's parameters.

        ``x`` float32 [n, 1, 28, 28]; ``loss`` gives the sum over the rows of logits float32 and ``targets``. Returns
        the rows that this process computed, int64 [m], their logits [m, 10], and their part of the mean loss.
        """
        k = len(self.replicas)
        rows = torch.arange(len(x)).tensor_split(self.n)[self.group.rank * k : (self.group.rank + 1) * k]

        def compute(
            replica: nn.Module, gradients: torch.Tensor, part: torch.Tensor
        ) -> tuple[torch.Tensor, torch.Tensor]:
            gradients.zero_()
            with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bfloat16):
                logits = replica(x[part].to(self.device))
            logits = logits.float()
            share = loss(logits, targets[part].to(self.device)) / len(x)
            share.backward()
            return logits.detach(), share.detach()

        done = list((self._pool.map if self._pool else map)(compute, self.replicas, self._gradients, rows))
        self._merge()
        return torch.cat(rows), torch.cat([logits for logits, _ in done]), sum(float(share) for _, share in done)

    @torch.no_grad()
    def _merge(self) -> None:
        """Sum the gradients, average the batch statistics: over the replicas, then over the processes."""
        gradients, *others = self._gradients
        for other in others:
            gradients.add_(other)
        self.group.all_reduce([gradients])
        mine, *theirs = self._statistics
        if self.n == 1 or not mine:
            return
        for statistics in theirs:
            torch._foreach_add_(mine, statistics)
        self.group.all_reduce(mine)
        torch._foreach_div_(mine, float(self.n))
        for statistics in theirs:
            torch._foreach_copy_(statistics, mine)


def _gradients(network: nn.Module) -> torch.Tensor:
    """One array for the gradients of all parameters, which are added up at once, float32 [values]."""
    parameters = list(network.parameters())
    values = parameters[0].new_zeros(sum(p.numel() for p in parameters))
    for p, part in zip(parameters, values.split([p.numel() for p in parameters]), strict=True):
        p.grad = part.as_strided(p.shape, p.stride())
    return values


def _replica(network: nn.Module) -> nn.Module:
    """The network again, with the same weights in the same memory but gradients and statistics of its own."""
    replica = copy.deepcopy(network)
    for own, weights in zip(replica.parameters(), network.parameters(), strict=True):
        own.data = weights.data
    return replica
