"""What every model answers, and how a torch network is made to answer it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    import torch
    from torch import nn

# Mean and standard deviation of the training pixels in [0, 1]; every network normalises with them.
PIXEL_MEAN, PIXEL_STD = 0.2860, 0.3530
PREDICT_BATCH = 500


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
    """A torch network as a ``Classifier``; logits averaged over the image and its mirror image if asked."""

    def __init__(self, network: "nn.Module", *, mirror_average: bool = False) -> None:
        self.network = network
        self.mirror_average = mirror_average

    @property
    def n_parameters(self) -> int:
        return sum(p.numel() for p in self.network.parameters())

    def logits(self, images: np.ndarray) -> np.ndarray:
        """Pre-softmax outputs float32 [n, 10]."""
        import torch

        check_images(images)
        device = next(self.network.parameters()).device
        was_training = self.network.training
        self.network.eval()
        rows = [np.zeros((0, 10), np.float32)]
        with torch.inference_mode():
            for start in range(0, len(images), PREDICT_BATCH):
                x = to_tensor(images[start : start + PREDICT_BATCH]).to(device)  # [b, 1, 28, 28]
                z = self.network(x)  # [b, 10]
                if self.mirror_average:
                    z = (z + self.network(x.flip(3))) / 2
                rows.append(z.float().cpu().numpy())
        self.network.train(was_training)
        return np.concatenate(rows)

    def embed(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What the last layer sees, float32 [n, d], and what it makes of it, the logits float32 [n, 10].

        Both averaged over the image and its mirror image if asked. Only for networks with ``features`` and
        ``classify``.
        """
        import torch

        check_images(images)
        network = self.network
        device = next(network.parameters()).device
        was_training = network.training
        network.eval()
        seen, made = [], []
        with torch.inference_mode():
            for start in range(0, len(images), PREDICT_BATCH):
                x = to_tensor(images[start : start + PREDICT_BATCH]).to(device)
                f = network.features(x)  # type: ignore[operator]  # [b, d]
                z = network.output(network.classify(f))  # type: ignore[operator]  # [b, 10]
                if self.mirror_average:
                    g = network.features(x.flip(3))  # type: ignore[operator]
                    z = (z + network.output(network.classify(g))) / 2  # type: ignore[operator]
                    f = (f + g) / 2
                seen.append(f.float().cpu().numpy())
                made.append(z.float().cpu().numpy())
        network.train(was_training)
        return np.concatenate(seen), np.concatenate(made)

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
