"""A model's predictions for a split, with the labels."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np


@dataclass(frozen=True)
class Predictions:
    """Class probabilities float32 [n, classes] and labels uint8 [n] of one split."""

    probabilities: np.ndarray
    labels: np.ndarray

    @property
    def n_classes(self) -> int:
        """Number of classes."""
        return self.probabilities.shape[1]

    @cached_property
    def predicted(self) -> np.ndarray:
        """The most probable class of each image, int64 [n]."""
        return self.probabilities.argmax(axis=1)

    @cached_property
    def is_correct(self) -> np.ndarray:
        """Which predictions are correct, bool [n]."""
        return self.predicted == self.labels

    @cached_property
    def confidence(self) -> np.ndarray:
        """The largest probability of each image, float32 [n]."""
        return self.probabilities.max(axis=1)
