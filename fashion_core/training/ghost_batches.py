"""The gradients of one step, computed in parts of the batch that are normalised separately.

Batch normalisation over parts ("ghost batches") is from E. Hoffer et al., "Train longer, generalize better" (NeurIPS
2017, arXiv:1705.08741). Here it is for speed: two halves on a thread each use two cores better than one batch in which
every operation is divided, and processes that train together need not exchange statistics at every layer.
"""

import copy
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any, Self

import torch
from torch import nn

from fashion_core.errors import ConfigError
from fashion_core.models.threads import thread_pool_splitting_torch_threads
from fashion_core.training.distributed import ProcessGroup

SummedLossFunction = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


class GhostBatchGradients:
    """Computes ``network``'s gradients for whole batches; a context manager, in which the network is in training mode.

    ``n``: parts of a batch that are normalised separately; a network without batch normalisation computes it whole.
    Each process of ``group`` computes an equal number of parts. Up to the rounding of a sum, the result depends on
    ``n`` alone, not on threads or processes.

    Raises ``ConfigError`` if the processes cannot share the parts equally.
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
        self._pool: ThreadPoolExecutor | None = None
        self._graphs: dict[Any, _CudaGraph] = {}
        self._exit = ExitStack()

    def __enter__(self) -> Self:
        for replica in self.replicas:
            replica.train()
        if self.device.type == "cpu":
            self._pool = self._exit.enter_context(thread_pool_splitting_torch_threads(len(self.replicas)))
        return self

    def __exit__(self, *error: object) -> None:
        self._pool = None
        self._exit.close()
        for replica in self.replicas:
            replica.eval()

    def compute_gradients(
        self, x: torch.Tensor, targets: torch.Tensor, loss: SummedLossFunction
    ) -> tuple[torch.Tensor, torch.Tensor, float]:
        """Set the gradients of the network's parameters to those of the batch's mean loss.

        ``x`` float32 [n, 1, 28, 28]; ``loss`` sums over the rows of logits float32 and ``targets``. Returns the rows
        that this process computed, int64 [m], their logits [m, classes], and their part of the mean loss.
        """
        k = len(self.replicas)
        rows = torch.arange(len(x)).tensor_split(self.n)[self.group.rank * k : (self.group.rank + 1) * k]

        def compute(
            replica: nn.Module, gradients: torch.Tensor, part: torch.Tensor
        ) -> tuple[torch.Tensor, torch.Tensor]:
            part_x, part_targets = x[part].to(self.device), targets[part].to(self.device)

            def run(x_: torch.Tensor, targets_: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
                gradients.zero_()
                # each weight is used once, so there is nothing to cache
                with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bfloat16, cache_enabled=False):
                    logits = replica(x_)
                logits = logits.float()
                part_loss = loss(logits, targets_) / len(x)
                part_loss.backward()
                return logits.detach(), part_loss.detach()

            if self.device.type != "cuda":
                return run(part_x, part_targets)
            key = (id(replica), part_x.shape, part_targets.shape, len(x))
            if key not in self._graphs:
                self._graphs[key] = _CudaGraph(run, (part_x, part_targets), list(replica.buffers()))
            return self._graphs[key].replay(part_x, part_targets)

        outputs = list((self._pool.map if self._pool else map)(compute, self.replicas, self._gradients, rows))
        self._merge()
        logits, losses = zip(*outputs, strict=True)
        return torch.cat(rows), torch.cat(logits), sum(map(float, losses))

    @torch.no_grad()
    def _merge(self) -> None:
        """Sum the gradients, average the batch statistics: over the replicas, then over the processes."""
        gradients, *others = self._gradients
        for other in others:
            gradients.add_(other)
        self.group.all_reduce([gradients])
        merged, *others_statistics = self._statistics
        if self.n == 1 or not merged:
            return
        for statistics in others_statistics:
            torch._foreach_add_(merged, statistics)
        self.group.all_reduce(merged)
        torch._foreach_div_(merged, float(self.n))
        for statistics in others_statistics:
            torch._foreach_copy_(statistics, merged)


class _CudaGraph:
    """The kernels of a forward and backward pass, recorded once; to start hundreds of small ones takes longer than they
    do. ``buffers``: what the passes before the recording must not change."""

    def __init__(
        self,
        run: Callable[[torch.Tensor, torch.Tensor], tuple[torch.Tensor, torch.Tensor]],
        inputs: tuple[torch.Tensor, torch.Tensor],
        buffers: list[torch.Tensor],
    ) -> None:
        self._x, self._targets = (each.clone() for each in inputs)
        before = [buffer.clone() for buffer in buffers]
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(3):  # so that libraries choose their kernels before
                run(self._x, self._targets)
        torch.cuda.current_stream().wait_stream(stream)
        self._graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self._graph, stream=stream):
            self._outputs = run(self._x, self._targets)
        for buffer, value in zip(buffers, before, strict=True):
            buffer.copy_(value)

    def replay(self, x: torch.Tensor, targets: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """What ``run`` returns for these inputs; the next replay overwrites it."""
        self._x.copy_(x)
        self._targets.copy_(targets)
        self._graph.replay()
        return self._outputs


def _gradients(network: nn.Module) -> torch.Tensor:
    """One array that holds the gradients of all parameters, so that they are summed at once, float32 [values]."""
    parameters = list(network.parameters())
    values = parameters[0].new_zeros(sum(p.numel() for p in parameters))
    for p, part in zip(parameters, values.split([p.numel() for p in parameters]), strict=True):
        p.grad = part.as_strided(p.shape, p.stride())
    return values


def _replica(network: nn.Module) -> nn.Module:
    """A copy of the network that shares its weights' memory, with its own gradients and statistics."""
    replica = copy.deepcopy(network)
    for own, weights in zip(replica.parameters(), network.parameters(), strict=True):
        own.data = weights.data
    return replica
