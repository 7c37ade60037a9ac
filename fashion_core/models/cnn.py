"""The poster's convolutional network: two convolution and subsampling layers, then three fully connected ones."""

import torch
from torch import nn


class CNN(nn.Module):
    """LeNet-5's plan, a little wider; ``output_relu`` adds a ReLU on the outputs.

    The layer plan is that of Y. LeCun et al., "Gradient-Based Learning Applied to Document Recognition" (1998),
    with ReLU and max pooling.
    """

    def __init__(self, n_classes: int = 10, *, output_relu: bool = False) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 16, 5, padding=2),  # [n, 16, 28, 28]
            nn.ReLU(),
            nn.MaxPool2d(2),  # [n, 16, 14, 14]
            nn.Conv2d(16, 32, 5, padding=2),  # [n, 32, 14, 14]
            nn.ReLU(),
            nn.MaxPool2d(2),  # [n, 32, 7, 7]
        )
        self.head = nn.Sequential(
            nn.Flatten(),  # [n, 1568]
            nn.Linear(32 * 7 * 7, 120),
            nn.ReLU(),
            nn.Linear(120, 84),
            nn.ReLU(),
            nn.Linear(84, n_classes),
            nn.ReLU() if output_relu else nn.Identity(),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Normalised images float32 [n, 1, 28, 28] -> logits [n, classes]."""
        return self.head(self.features(x))
