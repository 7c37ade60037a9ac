"""A model's predictions for a split, with the labels."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fashion_core.analysis.metrics import ClassificationMetrics, classification_metrics


@dataclass(frozen=True)
class Predictions:
    """Class probabilities float32 [n, classes] and labels uint8 [n] of one split.

    ``folds`` uint8 [n] where they come from cross-validation: the model of a fold has not seen its images.
    """

    probabilities: np.ndarray
    labels: np.ndarray
    folds: np.ndarray | None = None

    @cached_property
    def n_folds(self) -> int:
        """Number of folds; 0 without cross-validation."""
        return 0 if self.folds is None else len(np.unique(self.folds))

    @cached_property
    def chooses_threshold(self) -> np.ndarray | None:
        """The images on which thresholds are chosen in cross-validation, bool [n]: those of the first three folds of
        five. Thresholds are tested on the others. None where there is a validation split for that."""
        if self.folds is None:
            return None
        numbers = np.unique(self.folds)
        return np.isin(self.folds, numbers[: (len(numbers) + 1) // 2])

    def select(self, rows: np.ndarray) -> "Predictions":
        """The predictions of some images; ``rows`` are their indices, or bool [n]."""
        folds = None if self.folds is None else self.folds[rows]
        return Predictions(self.probabilities[rows], self.labels[rows], folds)

    def with_labels(self, labels: np.ndarray) -> "Predictions":
        """The same probabilities, to be compared with ``labels`` uint8 [n]."""
        return Predictions(self.probabilities, labels, self.folds)

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
    def metrics(self) -> ClassificationMetrics:
        """How good the predictions are."""
        return classification_metrics(self.labels, self.predicted, self.n_classes)

    @cached_property
    def confidence(self) -> np.ndarray:
        """The largest probability of each image, float32 [n]."""
        return self.probabilities.max(axis=1)
