"""What every model answers."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

import numpy as np

from fashion_core.errors import RunError

if TYPE_CHECKING:
    import torch

# Mean and standard deviation of the training pixels in [0, 1]; every network normalises with them.
PIXEL_MEAN, PIXEL_STD = 0.2860, 0.3530


class Classifier(Protocol):
    """A fitted model. Everything after it (evaluation, comparison, prediction, report) knows only this."""

    def predict_proba(self, images: np.ndarray) -> np.ndarray:
        """Class probabilities float32 [n, classes], rows summing to 1, for images uint8 [n, 28, 28] light on black."""
        ...

    def mean_multiply_adds_per_image(self, images: np.ndarray) -> int:
        """Multiplications, each with an addition, to predict one image: the mean over ``images`` uint8 [n, 28, 28]."""
        ...

    def state_dict(self) -> dict[str, np.ndarray]:
        """Every fitted array by name; what ``weights.safetensors`` holds."""
        ...

    def load_state_dict(self, state: Mapping[str, np.ndarray]) -> None:
        """Replace the fitted arrays; raises ``RunError`` when a name, shape or value does not fit."""
        ...

    @property
    def n_parameters(self) -> int:
        """Number of fitted values."""
        ...


class RestartClassifier(Classifier, Protocol):
    """A model that is fitted in one go, and again from another seed."""

    def fit(self, images: np.ndarray, labels: np.ndarray, *, seed: int) -> float:
        """Fit to images uint8 [n, 28, 28] and labels [n]; returns the training loss, summed over the images."""
        ...

    def mean_loss(self, images: np.ndarray, labels: np.ndarray) -> float:
        """The same loss on other images, per image."""
        ...


def check_images(images: np.ndarray) -> np.ndarray:
    """Return ``images`` if they are uint8 [n, 28, 28]; raise ValueError otherwise."""
    if images.dtype != np.uint8 or images.ndim != 3 or images.shape[1:] != (28, 28):
        raise ValueError(f"images must be uint8 [n, 28, 28], not {images.dtype} {list(images.shape)}")
    return images


def normalise_images(images: np.ndarray) -> np.ndarray:
    """uint8 [n, 28, 28] -> float32 [n, 1, 28, 28], the training pixels with mean 0 and standard deviation 1."""
    pixels = images[:, None].astype(np.float32)
    pixels /= np.float32(255)
    pixels -= np.float32(PIXEL_MEAN)
    pixels /= np.float32(PIXEL_STD)
    return pixels


def images_to_tensor(images: np.ndarray) -> "torch.Tensor":
    """uint8 [n, 28, 28] -> float32 [n, 1, 28, 28], normalised, channels last."""
    import torch

    return torch.from_numpy(normalise_images(images)).contiguous(memory_format=torch.channels_last)


def check_state_dict(state: Mapping[str, np.ndarray], shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Raise ``RunError`` unless ``state`` has exactly these names and shapes and only finite values."""
    if missing := set(shapes) - set(state):
        raise RunError(f"The weights lack {min(missing)!r}; they belong to another model.")
    if foreign := set(state) - set(shapes):
        raise RunError(f"The weights hold {min(foreign)!r}, which this model does not have.")
    for name, shape in shapes.items():
        if tuple(state[name].shape) != shape:
            raise RunError(
                f"The weights' {name!r} has shape {list(state[name].shape)}; this model needs {list(shape)}."
            )
        if state[name].dtype.kind not in "fiu" or not np.isfinite(state[name]).all():
            raise RunError(f"The weights' {name!r} holds values that are not finite numbers; the run cannot be used.")
