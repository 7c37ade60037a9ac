"""How a trained network answers: one owner of test-time augmentation, engines and threads.

``TestTimeAugmentation`` decides which images get a second view; an ``Engine`` computes the network, with torch or
with ONNX Runtime. Nothing here changes torch's number of threads or the
network's mode, so any number of threads may predict with the same objects at once.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol

import numpy as np

from fashion_core.models.base import images_to_tensor

if TYPE_CHECKING:
    from torch import nn

# Images that a thread computes at once. Hundreds spill out of the processor's cache (python -m benchmarks.inference).
INFERENCE_BATCH_SIZE = 50
# An image gets no second view if the probability of its most probable class, against the second most probable one, is
# above this. A higher limit automates no more images at 99% correct (benchmarks/improved_cnn.md).
SINGLE_VIEW_CONFIDENCE = 0.98


class Engine(Protocol):
    """Computes a network in evaluation mode; safe to call from several threads at once."""

    def compute(self, images: np.ndarray) -> tuple[np.ndarray, ...]:
        """Images uint8 [n, 28, 28] -> logits float32 [n, classes] and, from a graph, features float32 [n, d]."""
        ...


@dataclass(frozen=True)
class TestTimeAugmentation:
    """Average the logits of an image and its mirror image, if the first leaves the network unsure.

    ``mirror``: whether to do so, as the network was trained.
    """

    mirror: bool = False

    __test__: ClassVar[bool] = False  # pytest takes classes named Test* for tests

    def predict_logits_and_view_counts(
        self, compute_logits: Callable[[np.ndarray], np.ndarray], images: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Logits float32 [n, classes] of images uint8 [n, 28, 28], and the number of views behind each, int64 [n]."""
        logits = compute_logits(images)
        second, first = np.partition(logits, -2, axis=1)[:, -2:].T
        unsure = self.mirror & (first - second <= math.log(SINGLE_VIEW_CONFIDENCE / (1 - SINGLE_VIEW_CONFIDENCE)))
        if unsure.any():
            logits[unsure] = (logits[unsure] + compute_logits(images[unsure][:, :, ::-1])) / 2
        return logits, np.where(unsure, 2, 1)


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
