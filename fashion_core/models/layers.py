"""Parts of networks that torch does not have, and the parts in which a network is answered with."""

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


class MaxPool3x3(nn.MaxPool2d):
    """Max pooling of 3x3 pixels with a border of 1; as quickly as it can be for bfloat16 on a processor."""

    def __init__(self, stride: int) -> None:
        super().__init__(3, stride, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[n, width, h, w] -> [n, width, h / stride, w / stride], sides rounded up."""
        if x.dtype != torch.bfloat16 or x.device.type != "cpu":
            return super().forward(x)
        from fashion_core.models.max_pool import MaxPoolBFloat16

        pooled: torch.Tensor = MaxPoolBFloat16.apply(x, self.stride)
        return pooled


class GlobalAveragePool2d(nn.Module):
    """The mean of each channel, with a gradient that needs no copy where channels lie last in memory."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[n, width, h, w] -> [n, width]."""
        return x.permute(0, 2, 3, 1).flatten(1, 2).mean(1)


class Whole(nn.Module):
    """A network that has no early exit, as it is answered with: images float32 [n, 1, 28, 28] -> (logits [n, 10],)."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, ...]:
        return (self.network(x),)


class First(nn.Module):
    """A network up to its early exit: images float32 [n, 1, 28, 28] -> values inside, the exit's logits [n, 10]."""

    def __init__(self, network: nn.Module, exit: nn.Module) -> None:
        super().__init__()
        self.network: Any = network
        self.exit = exit

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, ...]:
        values = self.network.early(x)
        return values, self.exit(values)


class Rest(nn.Module):
    """A network from its early exit on: values inside -> logits [n, 10], features [n, d]."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network: Any = network

    def forward(self, values: torch.Tensor) -> tuple[torch.Tensor, ...]:
        features = self.network.late(values)
        return self.network.output(self.network.classify(features)), features
