"""Optimizers and the learning-rate schedule."""

import inspect
import math
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import nn

from fashion_core.config.train_config import TrainConfig

WARM_UP_FRACTION = 0.1  # of the steps, over which the one-cycle schedule rises
MOMENTUM = 0.9


def orthogonalize(matrix: torch.Tensor, steps: int = 5) -> torch.Tensor:
    """Nearest semi-orthogonal matrix to float32 [m, n], roughly: singular values end between about 0.7 and 1.2.

    Quintic Newton-Schulz iteration with the coefficients of K. Jordan, "Muon: An optimizer for hidden layers in
    neural networks" (2024).
    """
    a, b, c = 3.4445, -4.7750, 2.0315
    x = matrix / (matrix.norm() + 1e-7)
    tall = x.shape[0] > x.shape[1]
    if tall:
        x = x.T
    for _ in range(steps):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.T if tall else x


class _EagerOptimizer(torch.optim.Optimizer):
    """torch's optimizers without the wrappers for ``torch.compile``, which import ``torch._dynamo``: that takes nearly
    as long as importing torch."""

    add_param_group = inspect.unwrap(torch.optim.Optimizer.add_param_group)


class AdamW(_EagerOptimizer, torch.optim.AdamW):
    """torch's AdamW."""

    step = torch.no_grad()(inspect.unwrap(torch.optim.AdamW.step))


class SGD(_EagerOptimizer, torch.optim.SGD):
    """torch's SGD."""

    step = torch.no_grad()(inspect.unwrap(torch.optim.SGD.step))


class Muon(_EagerOptimizer):
    """Momentum, orthogonalized: for weights of two or more axes, flattened to [out, in x height x width].

    torch's own Muon takes matrices only. Each update has about unit spectral norm times
    ``sqrt(max(1, out / in))``, so ``learning_rate`` is comparable across layers.
    """

    def __init__(self, parameters: Iterable[nn.Parameter], lr: float, weight_decay: float) -> None:
        super().__init__(parameters, {"lr": lr, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> None:  # type: ignore[override]
        """One update of every parameter that has a gradient."""
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                state = self.state[parameter]
                if "momentum" not in state:
                    state["momentum"] = torch.zeros_like(parameter.grad)
                momentum = state["momentum"].mul_(MOMENTUM).add_(parameter.grad)
                nesterov = parameter.grad.add(momentum, alpha=MOMENTUM)
                matrix = nesterov.reshape(len(parameter), -1)  # [out, in * h * w]
                update = orthogonalize(matrix) * math.sqrt(max(1.0, matrix.shape[0] / matrix.shape[1]))
                parameter.mul_(1 - group["lr"] * group["weight_decay"])
                parameter.add_(update.view_as(parameter), alpha=-group["lr"])


def build_optimizers(network: nn.Module, config: TrainConfig) -> list[torch.optim.Optimizer]:
    """The optimizers that ``config`` names; weight decay applies to weights, not to biases or normalisation.

    With ``muon``, Muon gets the hidden weights; the last layer, biases and normalisation get AdamW at a tenth of the
    rate, as Muon's author advises.
    """
    weights = [p for p in network.parameters() if p.ndim > 1]
    vectors = [p for p in network.parameters() if p.ndim == 1]
    groups: list[dict[str, Any]] = [{"params": weights}, {"params": vectors, "weight_decay": 0.0}]
    lr, decay = config.learning_rate, config.weight_decay
    if config.optimizer == "adam":
        return [AdamW(groups, lr=lr, weight_decay=decay, fused=True)]
    if config.optimizer == "sgd":
        return [SGD(groups, lr=lr, momentum=MOMENTUM, nesterov=True, weight_decay=decay, fused=True)]
    rest: list[dict[str, Any]] = [{"params": weights[-1:]}, {"params": vectors, "weight_decay": 0.0}]
    return [
        Muon(weights[:-1], lr=lr, weight_decay=decay),
        AdamW(rest, lr=lr / 10, weight_decay=decay, fused=True),
    ]


def learning_rate_factor(config: TrainConfig, step: int, n_steps: int) -> float:
    """The learning rate at ``step`` of ``n_steps``, divided by its peak: linear rise, then linear fall to 0."""
    if not config.one_cycle:
        return 1.0
    warm_up = max(1, round(n_steps * WARM_UP_FRACTION))
    if step < warm_up:
        return (step + 1) / warm_up
    return (n_steps - step) / max(1, n_steps - warm_up)
