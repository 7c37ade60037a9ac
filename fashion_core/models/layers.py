"""Layers that torch does not have, and what can be read off a network's layers."""

import copy
import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn import functional


class ScaledBatchNorm2d(nn.BatchNorm2d):
    """Batch normalisation, then a constant factor, which takes no pass over the values of its own."""

    def __init__(self, width: int, scale: float) -> None:
        super().__init__(width)
        self.scale = scale

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[n, width, h, w] -> the same shape."""
        if self.training:
            self.num_batches_tracked.add_(1)  # type: ignore[union-attr]  # as torch's own does
        weight, bias = self.weight * self.scale, self.bias * self.scale
        return functional.batch_norm(
            x, self.running_mean, self.running_var, weight, bias, self.training, self.momentum or 0.0, self.eps
        )


class GlobalAveragePool2d(nn.Module):
    """The mean of each channel, with a gradient that needs no copy where channels lie last in memory."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[n, width, h, w] -> [n, width]."""
        return x.permute(0, 2, 3, 1).flatten(1, 2).mean(1)


@dataclass(frozen=True)
class TracedModule:
    """A module of a network as it ran on one image: its name, and its output's shape without the batch."""

    name: str
    module: nn.Module
    shape: tuple[int, ...]

    @property
    def own_parameter_count(self) -> int:
        """Parameters of the module itself, without those of its children."""
        return sum(p.numel() for p in self.module.parameters(recurse=False))

    @property
    def multiply_adds(self) -> int:
        """Multiplications, each with an addition, of a convolution or linear layer for one image; 0 for others."""
        weight = getattr(self.module, "weight", None)
        if not isinstance(weight, torch.Tensor) or weight.dim() < 2:
            return 0  # a normalisation is merged into the convolution before it
        return weight.numel() * math.prod(self.shape[1:])  # each weight is used once per position


def trace_modules(network: nn.Module) -> list[TracedModule]:
    """All modules of a network, in the order in which they finish when one image goes through a copy of it."""
    copied = copy.deepcopy(network).cpu().eval()
    names = {module: name for name, module in copied.named_modules()}
    traced: list[TracedModule] = []

    def record(module: nn.Module, _: Any, output: torch.Tensor) -> None:
        traced.append(TracedModule(names[module], module, tuple(output.shape[1:])))

    for module in names:
        module.register_forward_hook(record)
    with torch.inference_mode():
        copied(torch.zeros(1, 1, 28, 28))
    return traced
