"""What every model answers, and how a torch network is made to answer it."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    import torch
    from torch import nn

    from fashion_core.models.early_exit import EarlyExit
    from fashion_core.models.onnx_engine import Compute

# Mean and standard deviation of the training pixels in [0, 1]; every network normalises with them.
PIXEL_MEAN, PIXEL_STD = 0.2860, 0.3530
INFERENCE_BATCH_SIZE = (
    50  # images on a thread; hundreds spill out of the processor's cache (python -m benchmarks.inference)
)
EXIT = "exit."  # what the names of an early exit's values begin with
# Probability above which one look at an image is enough. Looking again at surer ones too, up to 0.8, makes no more
# validation images right.
SINGLE_VIEW_CONFIDENCE = 0.6
VIEW_SHIFTS = (0, -1, 1)  # pixels by which a look is moved


class Classifier(Protocol):
    """A fitted model. Everything after it (evaluation, comparison, prediction, report) knows only this."""

    def predict_proba(self, images: np.ndarray) -> np.ndarray:
        """Class probabilities float32 [n, 10], rows summing to 1, for images uint8 [n, 28, 28] light on black."""
        ...

    def state_dict(self) -> dict[str, np.ndarray]:
        """Every fitted array by name; what ``weights.safetensors`` holds."""
        ...

    def load_state_dict(self, state: Mapping[str, np.ndarray]) -> None:
        """Take fitted arrays; raises ``RunError`` when a name, shape or value does not fit."""
        ...

    @property
    def n_parameters(self) -> int:
        """Number of fitted values."""
        ...


def check_images(images: np.ndarray) -> np.ndarray:
    """Return ``images`` if they are uint8 [n, 28, 28]; raise ValueError otherwise."""
    if images.dtype != np.uint8 or images.ndim != 3 or images.shape[1:] != (28, 28):
        raise ValueError(f"images must be uint8 [n, 28, 28], not {images.dtype} {list(images.shape)}")
    return images


def images_to_tensor(images: np.ndarray) -> "torch.Tensor":
    """uint8 [n, 28, 28] -> float32 [n, 1, 28, 28], normalised, channels last."""
    import torch

    pixels = torch.from_numpy(np.array(images)).unsqueeze(1).float().div_(255)
    return pixels.sub_(PIXEL_MEAN).div_(PIXEL_STD).contiguous(memory_format=torch.channels_last)


class TorchClassifier:
    """A torch network as a ``Classifier``, which gives easy images less time and looks again when unsure.

    Where the network has an early exit (``models/early_exit.py``), images that it is sure of go no further. An image
    that is answered with at most ``SURE`` is looked at again as the network learnt it (test-time augmentation):
    mirrored if it was trained with ``mirror``, a pixel to the left and to the right if with ``shift``. The logits are
    averaged.
    """

    def __init__(self, network: "nn.Module", *, mirror: bool = False, shift: bool = False) -> None:
        self.network = network
        self.mirror = mirror
        self.shift = shift
        self._sideways = VIEW_SHIFTS if shift else VIEW_SHIFTS[:1]
        self.exit = _early_exit(network)
        self._settled = False
        self._compiled: tuple[Compute, ...] | None = None

    @property
    def n_parameters(self) -> int:
        return sum(p.numel() for module in self._modules() for p in module.parameters())

    def logits(self, images: np.ndarray) -> np.ndarray:
        """Pre-softmax outputs float32 [n, 10]."""
        (z,) = self._answers(images, lambda x: self._look(x)[:1])
        return z

    def count_views(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Which of the images ``logits`` answers from the early exit, bool [n], and how often it looks at each of the
        others again, int64 [n]."""
        left, again = self._answers(images, lambda x: self._look(x)[1:])
        return left, again * (len(self._sideways) * (1 + self.mirror) - 1)

    def extract_features(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What the last layer sees, float32 [n, d], and what it makes of it, the logits float32 [n, 10].

        Each is averaged over every image and its mirror image if the network was trained with ``mirror``, and none
        leaves early: this is for pictures from outside, of which it is often sure without reason. Only for networks
        with an early exit.
        """

        def answer(x: "torch.Tensor") -> "tuple[torch.Tensor, ...]":
            views = [x, x.flip(3)] if self.mirror else [x]
            z, f = zip(*(self._whole(view) for view in views), strict=True)
            return sum(f) / len(f), sum(z) / len(z)

        f, z = self._answers(images, answer)
        return f, z

    def compile_for_inference(self) -> None:
        """The weights will stay as they are, so that answering may be prepared for: by ONNX Runtime, on a CPU.

        Called again when they have changed, this begins anew.
        """
        self._settled = True
        self._compiled = None

    def fit_exit(self, images: np.ndarray, validation: np.ndarray) -> None:
        """Fit the early exit to the network on ``images``, and choose on ``validation`` what may leave by it.

        Both uint8 [n, 28, 28]; nothing happens to a network without one.
        """
        if (exit := self.exit) is None:
            return
        inside, whole = self._answers(images, lambda x: (exit.pooled(self._parts[0](x)[0]), self._whole(x)[0]))
        exit.fit(inside, whole)
        self._compiled = None
        own, whole = self._answers(validation, lambda x: (self._parts[0](x)[1], self._whole(x)[0]))
        exit.choose(own, whole)

    def _look(self, x: "torch.Tensor") -> "tuple[torch.Tensor, torch.Tensor, torch.Tensor]":
        """Logits [b, 10] of normalised images float32 [b, 1, 28, 28]; which left early, and which did not suffice."""
        import torch

        if self.exit is None:
            (z,) = self._whole(x)
            left = torch.zeros(len(x), dtype=torch.bool, device=x.device)
        else:
            values, z = self._parts[0](x)
            left = _certainty(z) > self.exit.sure
            if not left.all():
                z[~left] = self._parts[1](values[~left])[0]
        unsure = ~left & (_certainty(z) <= SINGLE_VIEW_CONFIDENCE)
        if unsure.any() and (others := self._other_views(x[unsure])):
            again = self._whole(torch.cat(others))[0].unflatten(0, (len(others), -1))  # [views, unsure, 10]
            z[unsure] = (z[unsure] + again.sum(dim=0)) / (1 + len(others))
        return z, left, unsure

    def _other_views(self, x: "torch.Tensor") -> "list[torch.Tensor]":
        """Normalised images [b, 1, 28, 28] as they may be looked at as well, each view of that shape."""
        from torch.nn import functional

        padded = functional.pad(x, [1, 1, 0, 0], value=-PIXEL_MEAN / PIXEL_STD)
        shifted = [padded[..., 1 + by : 29 + by] for by in self._sideways]
        mirrored = [view.flip(3) for view in shifted] if self.mirror else []
        return [*shifted[1:], *mirrored]

    def _whole(self, x: "torch.Tensor") -> "tuple[torch.Tensor, ...]":
        """Logits [b, 10] and, where there is an early exit, which is passed by, features [b, d]."""
        return self._parts[0](x) if self.exit is None else self._parts[1](self._parts[0](x)[0])

    @property
    def _parts(self) -> "tuple[Compute, ...]":
        """The network up to its early exit and from there on, or as a whole, as fast as they may be computed."""
        from fashion_core.models.layers import First, Rest, Whole

        if self._compiled is not None:
            return self._compiled
        modules: list[tuple[nn.Module, tuple[int, ...]]] = [(Whole(self.network), (1, 28, 28))]
        if self.exit is not None:
            modules = [(First(self.network, self.exit), (1, 28, 28)), (Rest(self.network), self.exit.shape)]
        if not self._settled:
            return tuple(module for module, _ in modules)
        from fashion_core.models.onnx_engine import compile_network

        self._compiled = tuple(compile_network(module, shape) for module, shape in modules)
        return self._compiled

    def _modules(self) -> "list[nn.Module]":
        return [self.network] if self.exit is None else [self.network, self.exit]

    def _answers(
        self, images: np.ndarray, answer: "Callable[[torch.Tensor], tuple[torch.Tensor, ...]]"
    ) -> list[np.ndarray]:
        """Everything that ``answer`` makes of normalised images float32 [b, 1, 28, 28], for all of them."""
        import torch

        check_images(images)
        device = next(self.network.parameters()).device
        if self.exit is not None:
            self.exit.to(device)

        def batch(start: int) -> "tuple[torch.Tensor, ...]":
            with torch.inference_mode():
                return answer(images_to_tensor(images[start : start + size]).to(device))

        size, workers = (
            (INFERENCE_BATCH_SIZE, torch.get_num_threads()) if device.type == "cpu" else (10 * INFERENCE_BATCH_SIZE, 1)
        )
        was_training = self.network.training
        self.network.eval()
        _ = self._parts  # compiled once, not in each thread
        # a batch a thread, be it one alone: threads that share an operation wait for each other, hundreds of times as
        # long as it takes when something else, such as a training, has the processor
        with ThreadPoolExecutor(workers, initializer=torch.set_num_threads, initargs=(1,)) as pool:
            rows = list(pool.map(batch, range(0, max(len(images), 1), size)))
        self.network.train(was_training)
        return [torch.cat(column).cpu().numpy() for column in zip(*rows, strict=True)]

    def predict_proba(self, images: np.ndarray) -> np.ndarray:
        z = self.logits(images)
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def state_dict(self) -> dict[str, np.ndarray]:
        return {name: value.detach().cpu().contiguous().numpy().copy() for name, value in self._values().items()}

    def load_state_dict(self, state: Mapping[str, np.ndarray]) -> None:
        import torch

        from fashion_core.errors import RunError

        own = self._values()
        if self.exit is not None and not any(name.startswith(EXIT) for name in state):
            state = {**state, **{EXIT + name: value.numpy() for name, value in self.exit.unfitted().items()}}
        check_state_dict(state, {name: tuple(value.shape) for name, value in own.items()})
        try:
            for name, value in own.items():
                value.copy_(torch.from_numpy(np.array(state[name])))
        except RuntimeError as error:
            raise RunError("The weights do not fit this model. Use the model that they were trained with.") from error
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._compiled = None

    def _values(self) -> "dict[str, torch.Tensor]":
        """The network's and the exit's values by name, as they are in memory."""
        own = self.network.state_dict()
        if self.exit is not None:
            own |= {EXIT + name: value for name, value in self.exit.state_dict().items()}
        return own


def check_state_dict(state: Mapping[str, np.ndarray], shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Raise ``RunError`` unless ``state`` has exactly these names and shapes and only finite values."""
    from fashion_core.errors import RunError

    if missing := set(shapes) - set(state):
        raise RunError(f"The weights lack {min(missing)!r}; they belong to another model.")
    if foreign := set(state) - set(shapes):
        raise RunError(f"The weights hold {min(foreign)!r}, which this model does not have.")
    for name, shape in shapes.items():
        if tuple(state[name].shape) != shape:
            raise RunError(
                f"The weights' {name!r} has shape {list(state[name].shape)}; this model needs {list(shape)}."
            )
        if not np.isfinite(state[name]).all():
            raise RunError(f"The weights' {name!r} holds values that are not finite; the run cannot be used.")


def _early_exit(network: "nn.Module") -> "EarlyExit | None":
    if not hasattr(network, "early_shape"):
        return None
    from fashion_core.models.early_exit import EarlyExit

    return EarlyExit(network.early_shape)  # type: ignore[arg-type]


def _certainty(logits: "torch.Tensor") -> "torch.Tensor":
    """The largest probability of each of ``logits`` [b, 10], [b]."""
    return logits.softmax(dim=1).amax(dim=1)
