"""Answers from the first part of a network, for images that are easy: they need not go through the rest.

After S. Teerapittayanon et al., "BranchyNet: Fast inference via early exiting from deep neural networks" (ICPR 2016);
fitted in closed form, as a linear probe, to the logits of the trained network, which stays as it is.
"""

import numpy as np
import torch
from torch import nn

# Share of the images leaving early whose answer is that of the whole network, on validation. With 0.998 another
# fifth of all images leave, among them some that the whole network would be unsure of: a person could then be spared
# less often.
AGREEMENT = 0.999
PENALTY = 300.0  # on the squared weights, for features of unit variance


class EarlyExit(nn.Module):
    """Logits from the values inside a network, and the probability above which they are the answer, ``sure``."""

    sure: torch.Tensor

    def __init__(self, shape: tuple[int, int, int]) -> None:
        super().__init__()
        self.shape = shape
        channels, height, width = shape
        self.pool = nn.AvgPool2d(2)
        self.flatten = nn.Flatten()
        self.classify = nn.utils.skip_init(nn.Linear, channels * (height // 2) * (width // 2), 10)
        nn.init.zeros_(self.classify.weight)
        nn.init.zeros_(self.classify.bias)
        self.register_buffer("sure", torch.ones(()))  # nobody leaves

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """Values float32 [n, channels, height, width] -> logits [n, 10]."""
        return self.classify(self.pooled(values))

    def pooled(self, values: torch.Tensor) -> torch.Tensor:
        """What the last layer sees of values float32 [n, channels, height, width], [n, d]."""
        return self.flatten(self.pool(values))

    def unfitted(self) -> dict[str, torch.Tensor]:
        """The values of an exit that nobody leaves by."""
        return EarlyExit(self.shape).state_dict()

    def fit(self, pooled: np.ndarray, logits: np.ndarray) -> None:
        """Learn the whole network's ``logits`` float32 [n, 10] from ``pooled`` float32 [n, d]."""
        from sklearn.linear_model import Ridge
        from sklearn.preprocessing import StandardScaler

        scaler = StandardScaler().fit(pooled)
        ridge = Ridge(PENALTY).fit(scaler.transform(pooled), logits)
        weight = ridge.coef_ / scaler.scale_
        bias = ridge.intercept_ - weight @ scaler.mean_
        with torch.no_grad():
            self.classify.weight.copy_(torch.from_numpy(weight))
            self.classify.bias.copy_(torch.from_numpy(bias))

    def choose(self, own: np.ndarray, whole: np.ndarray) -> None:
        """Let as many leave as ``AGREEMENT`` allows, by what it and the whole network answer, logits [n, 10] each."""
        certainty = torch.from_numpy(own).softmax(dim=1).amax(dim=1).numpy()
        order = np.argsort(-certainty, kind="stable")
        agree = (own.argmax(axis=1) == whole.argmax(axis=1))[order]
        leaving = np.arange(1, len(order) + 1)
        enough = np.flatnonzero(np.cumsum(agree) >= AGREEMENT * leaving)
        n = int(enough[-1]) + 1 if len(enough) else 0
        self.sure.fill_(float(certainty[order[n]]) if n < len(order) else 0.0)
