"""What every model answers, and how a torch network is made to answer it."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    import torch
    from torch import nn

    Look = Callable[[torch.Tensor], tuple[torch.Tensor, ...]]

# Mean and standard deviation of the training pixels in [0, 1]; every network normalises with them.
PIXEL_MEAN, PIXEL_STD = 0.2860, 0.3530
PREDICT_BATCH = 50  # images on a thread; hundreds spill out of the processor's cache (python -m benchmarks.inference)
# Probability above which the first look at an image is enough. There the second changed no answer on validation.
SURE = 0.85


class Classifier(Protocol):
    """A fitted model. Everything after it (evaluation, comparison, prediction, report) knows only this."""

    def predict_proba(self, images: np.ndarray) -> np.ndarray:
        """Class probabilities float32 [n, 10], rows summing to 1, for images uint8 [n, 28, 28] light on black."""
        ...

    def state(self) -> dict[str, np.ndarray]:
        """Every fitted array by name; what ``weights.safetensors`` holds."""
        ...

    def load_state(self, state: Mapping[str, np.ndarray]) -> None:
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


def to_tensor(images: np.ndarray) -> "torch.Tensor":
    """uint8 [n, 28, 28] -> float32 [n, 1, 28, 28], normalised, channels last."""
    import torch

    pixels = torch.from_numpy(np.array(images)).unsqueeze(1).float().div_(255)
    return pixels.sub_(PIXEL_MEAN).div_(PIXEL_STD).contiguous(memory_format=torch.channels_last)


class TorchClassifier:
    """A torch network as a ``Classifier``.

    With ``mirror_average`` it looks twice when unsure: the logits are averaged over the image and its mirror image
    where the image alone is answered with at most ``SURE``.
    """

    def __init__(self, network: "nn.Module", *, mirror_average: bool = False) -> None:
        self.network = network
        self.mirror_average = mirror_average

    @property
    def n_parameters(self) -> int:
        return sum(p.numel() for p in self.network.parameters())

    def logits(self, images: np.ndarray) -> np.ndarray:
        """Pre-softmax outputs float32 [n, 10]."""
        (z,) = self._seen(images, lambda x: (self.network(x),), enough=SURE)
        return z

    def looks(self, images: np.ndarray) -> np.ndarray:
        """How many times ``logits`` looks at each of the images, int64 [n]: 1, or 2 where one look is not enough."""
        twice = np.zeros(len(images), bool)
        if self.mirror_average:
            twice = TorchClassifier(self.network).predict_proba(images).max(axis=1, initial=0) <= SURE
        return 1 + twice

    def embed(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What the last layer sees, float32 [n, d], and what it makes of it, the logits float32 [n, 10].

        If asked, each is averaged over every image and its mirror image: this is for pictures from outside, of which a
        network is often sure without reason. Only for networks with ``features`` and ``classify``.
        """

        def look(x: "torch.Tensor") -> "tuple[torch.Tensor, ...]":
            f = self.network.features(x)  # type: ignore[operator]  # [b, d]
            return f, self.network.output(self.network.classify(f))  # type: ignore[operator]

        f, z = self._seen(images, look, enough=1.0)
        return f, z

    def _seen(self, images: np.ndarray, look: "Look", *, enough: float) -> list[np.ndarray]:
        """What ``look`` makes of normalised images, logits last; above a probability of ``enough`` once will do."""
        import torch

        check_images(images)
        device = next(self.network.parameters()).device
        on_cpu = device.type == "cpu"

        def answer(batch: np.ndarray) -> "tuple[torch.Tensor, ...]":
            with torch.inference_mode():
                x = to_tensor(batch).to(device)  # [b, 1, 28, 28]
                seen = look(x)
                if self.mirror_average:
                    unsure = seen[-1].softmax(dim=1).amax(dim=1) <= enough
                    for first, again in zip(seen, look(x[unsure].flip(3)), strict=True):
                        first[unsure] = (first[unsure] + again) / 2
                return seen

        size = PREDICT_BATCH if on_cpu else 10 * PREDICT_BATCH
        batches = [images[start : start + size] for start in range(0, max(len(images), 1), size)]
        was_training = self.network.training
        self.network.eval()
        # a batch a thread, be it one alone: threads that share an operation wait for each other, hundreds of times as
        # long as it takes when something else, such as a training, has the processor
        workers = min(torch.get_num_threads(), len(batches)) if on_cpu else 1
        with ThreadPoolExecutor(workers, initializer=torch.set_num_threads, initargs=(1,)) as pool:
            rows = list(pool.map(answer, batches))
        self.network.train(was_training)
        return [torch.cat(column).float().cpu().numpy() for column in zip(*rows, strict=True)]

    def predict_proba(self, images: np.ndarray) -> np.ndarray:
        z = self.logits(images)
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def state(self) -> dict[str, np.ndarray]:
        return {
            name: value.detach().cpu().contiguous().numpy().copy() for name, value in self.network.state_dict().items()
        }

    def load_state(self, state: Mapping[str, np.ndarray]) -> None:
        import torch

        from fashion_core.errors import RunError

        own = self.network.state_dict()
        check_state(state, {name: tuple(value.shape) for name, value in own.items()})
        try:
            self.network.load_state_dict({name: torch.from_numpy(np.array(value)) for name, value in state.items()})
        except RuntimeError as error:
            raise RunError("The weights do not fit this model. Use the model that they were trained with.") from error
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def check_state(state: Mapping[str, np.ndarray], shapes: Mapping[str, tuple[int, ...]]) -> None:
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
