"""Test images that are in the train images too, exactly or nearly."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from fashion_core.computed.computation import Computation, ProgressCallback
from fashion_core.computed.image_vectors import flatten_images
from fashion_core.data import Dataset
from fashion_core.data.dataset import NO_FOLD

TEST_IMAGES_PER_CHUNK = 500  # test images whose distances to all train images are in memory at once
NEAR_DUPLICATE_MAX_RMS_DIFFERENCE = 8.0  # two images closer than this are near duplicates


@dataclass(frozen=True)
class NearestTrainImages(Computation):
    """The nearest published train image of each test image; in cross-validation, the nearest of another fold.

    Arrays: ``nearest`` int32 [n], its index; ``distance`` float32 [n], the root mean squared difference in brightness,
    0 (an exact copy) to 255.
    """

    kind: ClassVar[str] = "duplicates"
    arrays: ClassVar[tuple[str, ...]] = ("nearest", "distance")
    shapes: ClassVar[Mapping[str, str]] = {"nearest": "n", "distance": "n"}

    def compute(self, dataset: Dataset, report: ProgressCallback) -> dict[str, np.ndarray]:
        train = flatten_images(dataset.published_train_arrays[0])
        test = flatten_images(dataset.published_test_arrays[0])
        squared_norms = np.einsum("nd,nd->n", train, train)
        nearest, distance = np.empty(len(test), np.int32), np.empty(len(test), np.float32)
        for start in range(0, len(test), TEST_IMAGES_PER_CHUNK):
            rows = slice(start, start + TEST_IMAGES_PER_CHUNK)
            squared = squared_norms - 2 * test[rows] @ train.T  # but for the test images' own norms
            if (folds := dataset.folds) is not None:
                squared[folds[folds != NO_FOLD][rows, None] == folds] = np.inf
            nearest[rows] = squared.argmin(axis=1)
            # computed again, because the difference of large numbers above is not exact
            distance[rows] = np.sqrt(((test[rows] - train[nearest[rows]]) ** 2).mean(axis=1))
            report(min(1.0, (start + TEST_IMAGES_PER_CHUNK) / len(test)), "comparing images")
        return {"nearest": nearest, "distance": distance}
