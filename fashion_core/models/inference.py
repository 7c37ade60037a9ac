"""How a trained network answers: one owner of test-time augmentation, engines and threads.

``TestTimeAugmentation`` decides which images get more than one view; an ``Engine`` computes the network, with torch or
with ONNX Runtime. Nothing here changes torch's number of threads or the
network's mode, so any number of threads may predict with the same objects at once.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol

import numpy as np

from fashion_core.models.base import images_to_tensor

if TYPE_CHECKING:
    from torch import nn

# Images that a thread computes at once. Hundreds spill out of the processor's cache (python -m benchmarks.inference).
INFERENCE_BATCH_SIZE = 50
# An image whose largest probability is above this gets no further views. A limit of up to 0.8 makes no more validation
# images right.
SINGLE_VIEW_CONFIDENCE = 0.6
VIEW_SHIFTS = (0, -1, 1)  # pixels to the right


class Engine(Protocol):
    """Computes a network in evaluation mode; safe to call from several threads at once."""

    def compute(self, images: np.ndarray) -> tuple[np.ndarray, ...]:
        """Images uint8 [n, 28, 28] -> logits float32 [n, classes] and, from a graph, features float32 [n, d]."""
        ...


@dataclass(frozen=True)
class TestTimeAugmentation:
    """Average the logits of several views of an image, if the first view leaves the network unsure.

    ``mirror`` adds mirror images, ``shift`` views moved by a pixel to the left and to the right: as the network was
    trained.
    """

    mirror: bool = False
    shift: bool = False

    __test__: ClassVar[bool] = False  # pytest takes classes named Test* for tests

    @property
    def n_views(self) -> int:
        """Views of an image that the network is unsure of, the first one included."""
        return (len(VIEW_SHIFTS) if self.shift else 1) * (2 if self.mirror else 1)

    def make_views(self, images: np.ndarray) -> np.ndarray:
        """All views of images uint8 [n, h, w], the images themselves first: [views, n, h, w]."""
        width = images.shape[2]
        padded = np.pad(images, [(0, 0), (0, 0), (1, 1)])  # with background
        shifts = VIEW_SHIFTS if self.shift else VIEW_SHIFTS[:1]
        views = [padded[:, :, 1 - shift : 1 - shift + width] for shift in shifts]
        return np.stack([*views, *(view[:, :, ::-1] for view in views)] if self.mirror else views)

    def predict_logits_and_view_counts(
        self, compute_logits: Callable[[np.ndarray], np.ndarray], images: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Logits float32 [n, classes] of images uint8 [n, 28, 28], and the number of views behind each, int64 [n]."""
        from scipy.special import softmax

        logits = compute_logits(images)
        unsure = (self.n_views > 1) & (softmax(logits, axis=1).max(axis=1) <= SINGLE_VIEW_CONFIDENCE)
        if unsure.any():
            views = self.make_views(images[unsure])[1:]
            others = compute_logits(views.reshape(-1, *images.shape[1:])).reshape(*views.shape[:2], -1)
            logits[unsure] = (logits[unsure] + others.sum(axis=0)) / self.n_views
        return logits, np.where(unsure, self.n_views, 1)


NO_TEST_TIME_AUGMENTATION = TestTimeAugmentation()


class TorchEngine:
    """The network as torch computes it, on the device that holds it and on torch's own threads.

    It follows changes of the network's weights, and expects the network in evaluation mode.
    """

    def __init__(self, network: "nn.Module") -> None:
        self.network = network

    def compute(self, images: np.ndarray) -> tuple[np.ndarray, ...]:
        """See ``Engine``."""
        import torch

        device = next(self.network.parameters()).device
        size = INFERENCE_BATCH_SIZE if device.type == "cpu" else 10 * INFERENCE_BATCH_SIZE

        def compute_batch(batch: np.ndarray) -> list[np.ndarray]:
            x = images_to_tensor(batch).to(device)
            with torch.inference_mode():
                return [self.network(x).cpu().numpy()]

        return concatenate_batches(compute_batch(batch) for batch in split_into_batches(images, size))


def split_into_batches(images: np.ndarray, size: int = INFERENCE_BATCH_SIZE) -> list[np.ndarray]:
    """Consecutive parts of ``images`` [n, ...] with at most ``size`` each; one empty part if n is 0."""
    return [images[start : start + size] for start in range(0, max(len(images), 1), size)]


def concatenate_batches(outputs: Iterable[Sequence[np.ndarray]]) -> tuple[np.ndarray, ...]:
    """Each output of a network for all batches together."""
    return tuple(np.concatenate(column) for column in zip(*outputs, strict=True))
