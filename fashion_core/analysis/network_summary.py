"""What is inside a network: its layers as they run, its first filters, and what it looks at."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from fashion_core.models.base import Classifier, TorchClassifier, images_to_tensor

if TYPE_CHECKING:
    import torch
    from torch import nn

PATCH_SIZE, PATCH_STRIDE = 6, 2  # side and stride of the square that hides a part of the picture, pixels


@dataclass(frozen=True)
class LayerSummary:
    """One layer with parameters, in the order in which it runs. ``shape`` of its output without the batch, ``n`` of
    parameters, ``multiply_adds`` for one picture; ``stage`` is the part of the network that it belongs to."""

    name: str
    kind: str
    stage: str
    shape: tuple[int, ...]
    n_parameters: int
    multiply_adds: int


def summarise_layers(classifier: TorchClassifier, *, until_exit: bool = False) -> list[LayerSummary]:
    """Run one picture through the network and note every convolution, normalisation and linear layer.

    ``until_exit``: only those before its early exit, which it must have.
    """
    modules = dict(classifier.network.named_modules())
    chosen = {name for name, module in modules.items() if not list(module.children()) and _size(module)}
    return [
        LayerSummary(
            name, type(modules[name]).__name__, _stage(modules, name), shape, _size(modules[name]),
            _multiply_adds(modules[name], shape),
        )
        for name, shape in _shapes(classifier, chosen, until_exit=until_exit)
    ]  # fmt: skip


def _shapes(
    classifier: TorchClassifier, names: set[str], *, until_exit: bool = False
) -> list[tuple[str, tuple[int, ...]]]:
    """Shape of the output, without the batch, of the modules called ``names``, in the order in which they ran."""
    import torch

    network = classifier.network
    found: list[tuple[str, tuple[int, ...]]] = []

    def noting(name: str) -> "Callable[[nn.Module, object, torch.Tensor], None]":
        return lambda _, __, output: found.append((name, tuple(output.shape[1:])))

    hooks = [module.register_forward_hook(noting(name)) for name, module in network.named_modules() if name in names]
    was_training = network.training
    network.eval()
    try:
        with torch.inference_mode():
            run: Any = network.early if until_exit else network
            run(images_to_tensor(np.zeros((1, 28, 28), np.uint8)).to(next(network.parameters()).device))
    finally:
        network.train(was_training)
        for hook in hooks:
            hook.remove()
    return found


def _stage(modules: "dict[str, nn.Module]", name: str) -> str:
    """The outermost module around ``name`` that is more than a plain sequence of others."""
    from torch import nn

    parts = name.split(".")
    outer = (".".join(parts[: i + 1]) for i in range(len(parts)))
    return next((path for path in outer if type(modules[path]) is not nn.Sequential), name)


def _size(module: "nn.Module") -> int:
    return sum(p.numel() for p in module.parameters(recurse=False))


def _multiply_adds(module: "nn.Module", shape: tuple[int, ...]) -> int:
    weight = getattr(module, "weight", None)
    if weight is None or weight.dim() < 2:
        return 0  # a normalisation is part of the convolution before it
    return int(weight.numel() * np.prod(shape[1:], dtype=np.int64))  # each weight once a place


@dataclass(frozen=True)
class StageSummary:
    """One stage of a network: its layers' parameters and multiply-adds together, and its last output's shape.

    ``exit_parameters``: those of the early exit that reads this output, if one does.
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    n_parameters: int
    multiply_adds: int
    exit_parameters: int = 0


def summarise_stages(classifier: TorchClassifier) -> list[StageSummary]:
    """The network's stages in order, as its module has them."""
    modules = dict(classifier.network.named_modules())
    together: dict[str, list[LayerSummary]] = {}
    for layer in summarise_layers(classifier):
        together.setdefault(layer.stage, []).append(layer)
    shapes = dict(_shapes(classifier, set(together)))
    exits = {}
    if classifier.exit is not None:
        exits[summarise_layers(classifier, until_exit=True)[-1].stage] = sum(
            p.numel() for p in classifier.exit.parameters()
        )
    return [
        StageSummary(
            stage,
            type(modules[stage]).__name__,
            shapes[stage],
            sum(layer.n_parameters for layer in group),
            sum(layer.multiply_adds for layer in group),
            exits.get(stage, 0),
        )
        for stage, group in together.items()
    ]


def first_layer_filters(classifier: TorchClassifier) -> np.ndarray:
    """Weights of the first layer as pictures, float32 [filters, h, w]."""
    state = classifier.state_dict()
    weight = next(value for value in state.values() if value.ndim >= 2)
    if weight.ndim == 4:
        return np.asarray(weight[:, 0], np.float32)
    side = int(weight.shape[1] ** 0.5)
    return np.asarray(weight.reshape(len(weight), side, side), np.float32)


def measure_latency(classifier: Classifier, images: np.ndarray, repeats: int = 15) -> float:
    """Median seconds to answer one picture, over ``repeats`` of uint8 [n, 28, 28]; on this machine, now, on one thread.

    On several, whatever else is computed here would be measured with it: threads wait for each other.
    """
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        classifier.predict_proba(images[:1])
        seconds = []
        for i in range(repeats):
            one = images[i % len(images)][None]
            start = time.perf_counter()
            classifier.predict_proba(one)
            seconds.append(time.perf_counter() - start)
    finally:
        torch.set_num_threads(threads)
    return statistics.median(seconds)


def occlusion_map(classifier: Classifier, image: np.ndarray, c: int) -> tuple[np.ndarray, np.ndarray]:
    """How the probability of class ``c`` changes as a black square hides a part of ``image`` uint8 [28, 28].

    Returns the loss of probability by pixel, float32 [28, 28], averaged over the squares that hide it, and the
    probabilities under each square, float32 [squares, 10]. M. Zeiler and R. Fergus, ECCV 2014, section 2.2.
    """
    places = [
        (i, j) for i in range(0, 28 - PATCH_SIZE + 1, PATCH_STRIDE) for j in range(0, 28 - PATCH_SIZE + 1, PATCH_STRIDE)
    ]
    hidden = np.repeat(image[None], len(places), axis=0)
    for picture, (i, j) in zip(hidden, places, strict=True):
        picture[i : i + PATCH_SIZE, j : j + PATCH_SIZE] = 0
    probabilities = classifier.predict_proba(np.concatenate([image[None], hidden]))
    lost = probabilities[0, c] - probabilities[1:, c]
    total, times = np.zeros((28, 28), np.float32), np.zeros((28, 28), np.float32)
    for loss, (i, j) in zip(lost, places, strict=True):
        total[i : i + PATCH_SIZE, j : j + PATCH_SIZE] += loss
        times[i : i + PATCH_SIZE, j : j + PATCH_SIZE] += 1
    return total / times, probabilities[1:]
