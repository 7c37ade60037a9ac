"""What a network answers, in training or trained."""

import copy
from abc import ABC, abstractmethod
from typing import Self

import numpy as np

from fashion_core.models.base import Classifier, check_images
from fashion_core.models.inference import NO_TEST_TIME_AUGMENTATION, Engine, TestTimeAugmentation


class NetworkClassifier(Classifier, ABC):
    """How many views of an image a network gets (``augmentation``), and what computes the network (``engine``)."""

    engine: Engine

    def __init__(self, augmentation: TestTimeAugmentation = NO_TEST_TIME_AUGMENTATION) -> None:
        self.augmentation = augmentation

    @property
    @abstractmethod
    def multiply_adds(self) -> int:
        """Multiplications, each with an addition, of one view."""

    def mean_multiply_adds_per_image(self, images: np.ndarray) -> int:
        """See ``Classifier``."""
        return round(self.multiply_adds * float(self.count_views(images).mean()))

    def without_augmentation(self) -> Self:
        """The same network and engine, with one view of each image."""
        single_view = copy.copy(self)
        single_view.augmentation = NO_TEST_TIME_AUGMENTATION
        return single_view

    def predict_proba(self, images: np.ndarray) -> np.ndarray:
        """See ``Classifier``."""
        from scipy.special import softmax

        return np.asarray(softmax(self.logits(images), axis=1))

    def logits(self, images: np.ndarray) -> np.ndarray:
        """Pre-softmax outputs float32 [n, classes]."""
        return self._augmented(images)[0]

    def count_views(self, images: np.ndarray) -> np.ndarray:
        """How many views of each image ``logits`` averages, int64 [n]."""
        return self._augmented(images)[1]

    def _augmented(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        check_images(images)
        return self.augmentation.predict_logits_and_view_counts(lambda x: self.engine.compute(x)[0], images)
