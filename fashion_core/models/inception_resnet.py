"""The improved CNN: Inception-ResNet's ideas at the size of a 28x28 picture.

Parallel branches are concatenated, projected by a 1x1 convolution, scaled and added to their input; reductions with
a pooling and a strided branch halve the side between the stages. After C. Szegedy et al., "Inception-v4,
Inception-ResNet and the Impact of Residual Connections on Learning" (AAAI 2017, arXiv:1602.07261), figures 7 to 18.
"""

import torch
from torch import nn


class ConvUnit(nn.Sequential):
    """Convolution, batch normalisation, ReLU; "same" padding."""

    def __init__(self, n_in: int, n_out: int, kernel: int | tuple[int, int], stride: int = 1) -> None:
        sides = kernel if isinstance(kernel, tuple) else (kernel, kernel)
        super().__init__(
            nn.Conv2d(n_in, n_out, sides, stride, padding=(sides[0] // 2, sides[1] // 2), bias=False),
            nn.BatchNorm2d(n_out),
            nn.ReLU(inplace=True),
        )


class InceptionResNetBlock(nn.Module):
    """x + scale * project(concat(1x1, 1x1-3x3, 1x1-3x3-3x3)), then ReLU; as Inception-ResNet-A (figure 10)."""

    def __init__(self, width: int, scale: float) -> None:
        super().__init__()
        narrow = width // 4
        self.scale = scale
        self.branch_1 = ConvUnit(width, narrow, 1)
        self.branch_3 = nn.Sequential(ConvUnit(width, narrow, 1), ConvUnit(narrow, narrow, 3))
        self.branch_5 = nn.Sequential(
            ConvUnit(width, narrow, 1), ConvUnit(narrow, 3 * narrow // 2, 3), ConvUnit(3 * narrow // 2, 2 * narrow, 3)
        )
        self.project = nn.Sequential(nn.Conv2d(4 * narrow, width, 1, bias=False), nn.BatchNorm2d(width))
        self.activation = nn.ReLU(inplace=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[n, width, h, w] -> the same shape."""
        branches = torch.cat([self.branch_1(x), self.branch_3(x), self.branch_5(x)], dim=1)  # [n, width, h, w]
        return self.activation(x + self.scale * self.project(branches))


class Reduction(nn.Module):
    """Halve the side: max pooling beside a strided 3x3 convolution, concatenated (figure 7, without its third branch)."""

    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        self.pool = nn.MaxPool2d(3, stride=2, padding=1)
        self.convolve = ConvUnit(n_in, n_out - n_in, 3, stride=2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[n, n_in, h, w] -> [n, n_out, h / 2, w / 2], sides rounded up."""
        return torch.cat([self.pool(x), self.convolve(x)], dim=1)


class InceptionResNet(nn.Module):
    """Stem, then stages of Inception-ResNet blocks with a reduction between two stages, average pooling, one layer.

    ``stem``: channels of the two stem convolutions' first; ``widths``: channels of each stage (28, 14 and 7 pixels
    a side); ``depths``: blocks in each stage; ``scale``: factor on every residual (the paper advises 0.1 to 0.3).
    """

    def __init__(
        self,
        *,
        stem: int = 24,
        widths: tuple[int, int, int] = (48, 128, 256),
        depths: tuple[int, int, int] = (1, 1, 1),
        scale: float = 0.3,
        output_relu: bool = False,
    ) -> None:
        super().__init__()
        self.stem = nn.Sequential(ConvUnit(1, stem, 3), ConvUnit(stem, widths[0], 3))  # [n, widths[0], 28, 28]
        stages: list[nn.Module] = []
        for i, (width, depth) in enumerate(zip(widths, depths, strict=True)):
            if i:
                stages.append(Reduction(widths[i - 1], width))
            stages += [InceptionResNetBlock(width, scale) for _ in range(depth)]
        self.stages = nn.Sequential(*stages)  # [n, widths[2], 7, 7]
        self.classify = nn.Linear(widths[-1], 10)
        self.output = nn.ReLU() if output_relu else nn.Identity()

    def features(self, x: torch.Tensor) -> torch.Tensor:
        """Normalised images float32 [n, 1, 28, 28] -> average-pooled features [n, widths[2]]."""
        return self.stages(self.stem(x)).mean(dim=(2, 3))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Normalised images float32 [n, 1, 28, 28] -> logits [n, 10]."""
        return self.output(self.classify(self.features(x)))
