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


def orthogonalize(matrices: torch.Tensor) -> torch.Tensor:
    """Nearest semi-orthogonal matrices to float32 [..., m, n], roughly: singular values end between about 0.7 and 1.2.

    Five steps of the quintic Newton-Schulz iteration with the coefficients of K. Jordan, "Muon: An optimizer for hidden
    layers in neural networks" (2024).
    """
    a, b, c = 3.4445, -4.7750, 2.0315
    x = matrices / (matrices.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    tall = x.shape[-2] > x.shape[-1]
    if tall:
        x = x.mT
    for _ in range(5):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.mT if tall else x


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
            by_shape: dict[torch.Size, list[nn.Parameter]] = {}
            for parameter in group["params"]:
                if parameter.grad is not None:
                    by_shape.setdefault(parameter.shape, []).append(parameter)
            for parameters in by_shape.values():
                self._update(parameters, group["lr"], group["weight_decay"])

    def _update(self, parameters: list[nn.Parameter], lr: float, weight_decay: float) -> None:
        """One update of parameters of one shape; together, because each operation on so small a matrix is short."""
        gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
        for parameter, gradient in zip(parameters, gradients, strict=True):
            if "momentum" not in self.state[parameter]:
                self.state[parameter]["momentum"] = torch.zeros_like(gradient)
        momenta = [self.state[parameter]["momentum"] for parameter in parameters]
        torch._foreach_mul_(momenta, MOMENTUM)
        torch._foreach_add_(momenta, gradients)
        nesterov = torch._foreach_add(gradients, momenta, alpha=MOMENTUM)
        matrices = torch.stack([each.reshape(len(each), -1) for each in nesterov])  # [k, out, in * h * w]
        updates = orthogonalize(matrices) * math.sqrt(max(1.0, matrices.shape[1] / matrices.shape[2]))
        values = list[torch.Tensor](parameters)
        torch._foreach_mul_(values, 1 - lr * weight_decay)
        torch._foreach_add_(values, [u.view_as(p) for u, p in zip(updates, values, strict=True)], alpha=-lr)


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
