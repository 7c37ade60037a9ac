"""The poster's multilayer perceptron: three hidden layers of 100 nodes."""

import torch
from torch import nn


class MLP(nn.Module):
    """784 -> 100 -> 100 -> 100 -> classes with ReLU between; ``output_relu`` adds one on the outputs."""

    def __init__(self, n_classes: int = 10, *, output_relu: bool = False) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Flatten(),  # [n, 1, 28, 28] -> [n, 784]
            nn.Linear(784, 100),
            nn.ReLU(),
            nn.Linear(100, 100),
            nn.ReLU(),
            nn.Linear(100, 100),
            nn.ReLU(),
            nn.Linear(100, n_classes),
            nn.ReLU() if output_relu else nn.Identity(),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Normalised images float32 [n, 1, 28, 28] -> logits [n, classes]."""
        return self.layers(x)
