"""What is inside a network: its layers as they run, its first filters, and which pixels it looks at."""

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from torch import nn

    from fashion_core.models.layers import TracedModule

TORCH_LAYER_TITLES = {
    "Conv2d": "Convolution",
    "Linear": "Fully connected",
    "AvgPool2d": "Average pooling",
    "MaxPool2d": "Max pooling",
}
PATCH_SIZE, PATCH_STRIDE = 6, 2  # side and stride, in pixels, of the square that hides a part of the image


@dataclass(frozen=True)
class LayerSummary:
    """A convolution, normalisation or linear layer. ``shape`` is its output's without the batch, ``multiply_adds`` are
    for one image, and ``stage`` is the part of the network that it belongs to."""

    name: str
    kind: str
    stage: str
    shape: tuple[int, ...]
    n_parameters: int
    multiply_adds: int


@dataclass(frozen=True)
class BlockSummary:
    """A block of parallel branches whose outputs are concatenated to ``n_concatenated`` channels, scaled and added to
    the input. ``branches``: of each layer, its title, the side of its square kernel and its output's channels."""

    branches: tuple[tuple[tuple[str, int, int], ...], ...]
    n_concatenated: int
    scale: float


@dataclass(frozen=True)
class StageSummary:
    """A part of a network: the sums over its layers, and the shape of its output without the batch.

    ``title`` is the module's own ``title``, or the name of its class; ``kernels``: height and width of each
    convolution's; ``block``: None for a stage without branches.
    """

    name: str
    title: str
    shape: tuple[int, ...]
    n_parameters: int
    multiply_adds: int
    kernels: tuple[tuple[int, ...], ...]
    block: BlockSummary | None


def _summarise_layers(network: "nn.Module", modules_in_order: "list[TracedModule]") -> list[LayerSummary]:
    modules = dict(network.named_modules())
    return [
        LayerSummary(
            traced.name,
            type(traced.module).__name__,
            _find_stage(modules, traced.name),
            traced.shape,
            traced.own_parameter_count,
            traced.multiply_adds,
        )
        for traced in modules_in_order
        if traced.own_parameter_count
    ]


def summarise_stages(network: "nn.Module") -> list[StageSummary]:
    """The network's stages in order."""
    from fashion_core.models.layers import trace_modules

    modules_in_order = trace_modules(network)
    stages: dict[str, list[LayerSummary]] = {}
    for layer in _summarise_layers(network, modules_in_order):
        stages.setdefault(layer.stage, []).append(layer)
    traced = {module.name: module for module in modules_in_order}
    return [
        StageSummary(
            name,
            _stage_title(traced[name].module),
            traced[name].shape,
            sum(layer.n_parameters for layer in layers),
            sum(layer.multiply_adds for layer in layers),
            tuple(tuple(weight.shape[2:]) for weight in traced[name].module.parameters() if weight.dim() == 4),
            _summarise_block(traced[name]),
        )
        for name, layers in stages.items()
    ]


def _summarise_block(traced: "TracedModule") -> BlockSummary | None:
    block: Any = traced.module
    if not hasattr(block, "branches"):
        return None
    branches = tuple(_summarise_branch(branch, traced.shape[0]) for branch in block.branches)
    return BlockSummary(branches, block.project[0].in_channels, block.scale)


def _summarise_branch(layers: "list[nn.Module]", n_channels: int) -> tuple[tuple[str, int, int], ...]:
    """Of convolutions, alone or with a normalisation, and poolings, after an input of ``n_channels``."""
    summaries = []
    for layer in layers:
        window: Any = next(module for module in layer.modules() if hasattr(module, "kernel_size"))
        n_channels = getattr(window, "out_channels", n_channels)  # a pooling keeps them
        side = window.kernel_size if isinstance(window.kernel_size, int) else window.kernel_size[0]
        summaries.append((_stage_title(layer), side, n_channels))
    return tuple(summaries)


def _stage_title(module: "nn.Module") -> str:
    class_name = type(module).__name__
    return str(getattr(module, "title", TORCH_LAYER_TITLES.get(class_name, class_name)))


def _find_stage(modules: "dict[str, nn.Module]", name: str) -> str:
    """The outermost module around ``name`` that is more than a plain sequence of others."""
    from torch import nn

    parts = name.split(".")
    outer = (".".join(parts[: i + 1]) for i in range(len(parts)))
    return next((path for path in outer if type(modules[path]) is not nn.Sequential), name)


def first_layer_filters(state: Mapping[str, np.ndarray]) -> np.ndarray:
    """Weights of the first layer of a network's state dict as pictures, float32 [filters, h, w]."""
    weight = next(value for value in state.values() if value.ndim >= 2)
    if weight.ndim == 4:
        return np.asarray(weight[:, 0], np.float32)
    side = int(weight.shape[1] ** 0.5)
    return np.asarray(weight.reshape(len(weight), side, side), np.float32)


def measure_seconds_per_image(predict: Callable[[int], object], n: int, repeats: int = 15) -> float:
    """Median seconds to predict one of ``n`` images, which ``predict`` does by its number, over ``repeats`` of them."""
    predict(0)
    seconds = []
    for i in range(repeats):
        start = time.perf_counter()
        predict(i % n)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def occlusion_map(
    predict_proba: Callable[[np.ndarray], np.ndarray], image: np.ndarray, class_index: int
) -> tuple[np.ndarray, np.ndarray]:
    """How the probability of class ``c`` changes when a black square hides a part of ``image`` uint8 [28, 28].

    Returns how much probability is lost per pixel, float32 [28, 28], the mean over the squares that hide it, and the
    probabilities with each square, float32 [squares, classes]. M. Zeiler and R. Fergus, ECCV 2014, section 2.2.
    """
    corners = [
        (i, j) for i in range(0, 28 - PATCH_SIZE + 1, PATCH_STRIDE) for j in range(0, 28 - PATCH_SIZE + 1, PATCH_STRIDE)
    ]
    hidden = np.repeat(image[None], len(corners), axis=0)
    for covered, (i, j) in zip(hidden, corners, strict=True):
        covered[i : i + PATCH_SIZE, j : j + PATCH_SIZE] = 0
    probabilities = predict_proba(np.concatenate([image[None], hidden]))
    lost = probabilities[0, class_index] - probabilities[1:, class_index]
    total, times = np.zeros((28, 28), np.float32), np.zeros((28, 28), np.float32)
    for loss, (i, j) in zip(lost, corners, strict=True):
        total[i : i + PATCH_SIZE, j : j + PATCH_SIZE] += loss
        times[i : i + PATCH_SIZE, j : j + PATCH_SIZE] += 1
    return total / times, probabilities[1:]
