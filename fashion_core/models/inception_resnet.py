"""The improved CNN: Inception-ResNet's ideas at the size of a 28x28 picture.

Parallel branches are concatenated, projected by a 1x1 convolution, scaled and added to their input; reductions with
a pooling and a strided branch halve the side between the stages. After C. Szegedy et al., "Inception-v4,
Inception-ResNet and the Impact of Residual Connections on Learning" (AAAI 2017, arXiv:1602.07261), figures 4 to 18.
"""

import torch
from torch import nn

from fashion_core.config.train_config import Pooling
from fashion_core.models.layers import GlobalAveragePool2d, ScaledBatchNorm2d


class ConvBatchNormReLU(nn.Sequential):
    """Convolution, batch normalisation, ReLU; "same" padding."""

    title = "Convolution"

    def __init__(self, n_in: int, n_out: int, kernel: int | tuple[int, int], stride: int = 1) -> None:
        sides = kernel if isinstance(kernel, tuple) else (kernel, kernel)
        super().__init__(
            nn.Conv2d(n_in, n_out, sides, stride, padding=(sides[0] // 2, sides[1] // 2), bias=False),
            nn.BatchNorm2d(n_out),
            nn.ReLU(inplace=True),
        )


class InceptionResNetBlock(nn.Module):
    """x + scale * project(concat(1x1, 1x1-3x3, 1x1-3x3-3x3, 1x1-pool)), then ReLU.

    Inception-ResNet-A (figure 10) with the pooling branch of Inception-A (figure 4). The branches end without
    normalisation and ReLU; their outputs are normalised together. The figure pools before the convolution. For the mean
    the order makes no difference, and after it there is a quarter of the channels to pool. Networks of earlier versions
    took the maximum, before it.
    """

    title = "Inception-ResNet"

    def __init__(self, width: int, scale: float, pooling: Pooling) -> None:
        super().__init__()
        narrow = width // 4
        self.scale = scale
        self.branch_1 = nn.Conv2d(width, narrow, 1, bias=False)
        self.branch_3 = nn.Sequential(
            ConvBatchNormReLU(width, narrow, 1), nn.Conv2d(narrow, narrow, 3, padding=1, bias=False)
        )
        self.branch_5 = nn.Sequential(
            ConvBatchNormReLU(width, narrow, 1),
            ConvBatchNormReLU(narrow, narrow, 3),
            nn.Conv2d(narrow, narrow, 3, padding=1, bias=False),
        )
        convolve = nn.Conv2d(width, narrow, 1, bias=False)
        if pooling == "average":
            self.branch_pool = nn.Sequential(convolve, nn.AvgPool2d(3, 1, padding=1, count_include_pad=False))
        else:
            self.branch_pool = nn.Sequential(nn.MaxPool2d(3, 1, padding=1), convolve)
        self.normalise = nn.BatchNorm2d(4 * narrow)
        self.project = nn.Sequential(nn.Conv2d(4 * narrow, width, 1, bias=False), ScaledBatchNorm2d(width, scale))
        self.activation = nn.ReLU(inplace=True)

    @property
    def branches(self) -> list[list[nn.Module]]:
        """The layers of each branch, in order, for diagrams."""
        deep = (self.branch_3, self.branch_pool, self.branch_5)
        return [[self.branch_1], *([*branch] for branch in deep)]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[n, width, h, w] -> the same shape."""
        branches = [self.branch_1(x), self.branch_3(x), self.branch_5(x), self.branch_pool(x)]
        together = self.activation(self.normalise(torch.cat(branches, dim=1)))  # [n, width, h, w]
        return self.activation(self.project(together).add_(x))


class Reduction(nn.Module):
    """Halve the side: max pooling beside a strided 3x3 convolution, concatenated (after figure 7)."""

    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        self.pool = nn.MaxPool2d(3, 2, padding=1)
        self.convolve = ConvBatchNormReLU(n_in, n_out - n_in, 3, stride=2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[n, n_in, h, w] -> [n, n_out, h / 2, w / 2], sides rounded up."""
        return torch.cat([self.pool(x), self.convolve(x)], dim=1)


class InceptionResNet(nn.Module):
    """Stem, then stages of Inception-ResNet blocks, each entered by a reduction; channel means; one linear layer.

    ``stem``: channels of the stem at 28 pixels a side; ``widths``: channels of each stage (14 and 7 pixels a side);
    ``depths``: blocks in each stage; ``scale``: factor on every residual (the paper advises 0.1 to 0.3).
    """

    def __init__(
        self,
        n_classes: int = 10,
        *,
        stem: int = 24,
        widths: tuple[int, ...] = (64, 192),
        depths: tuple[int, ...] = (3, 2),
        scale: float = 0.3,
        pooling: Pooling,
        output_relu: bool = False,
    ) -> None:
        super().__init__()
        self.stem = ConvBatchNormReLU(1, stem, 3)  # [n, stem, 28, 28]
        stages: list[nn.Module] = []
        n_in = stem
        for width, depth in zip(widths, depths, strict=True):
            stages.append(Reduction(n_in, width))
            stages += [InceptionResNetBlock(width, scale, pooling) for _ in range(depth)]
            n_in = width
        self.stages = nn.Sequential(*stages)  # [n, widths[-1], 7, 7]
        self.average = GlobalAveragePool2d()
        self.classify = nn.Linear(n_in, n_classes)
        self.output = nn.ReLU() if output_relu else nn.Identity()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Normalised images float32 [n, 1, 28, 28] -> logits [n, classes]."""
        return self.output(self.classify(self.average(self.stages(self.stem(x)))))
