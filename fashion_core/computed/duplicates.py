"""Test pictures that the train part holds too, or nearly."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from fashion_core.computed.computation import Computation, ProgressCallback
from fashion_core.computed.projection import flatten_images
from fashion_core.data import Dataset

CHUNK_SIZE = 500  # test pictures whose distances to every train picture are held at once
NEAR_DUPLICATE_DISTANCE = (
    8.0  # root mean squared difference of brightness below which two pictures count as nearly the same
)


@dataclass(frozen=True)
class DuplicateSearch(Computation):
    """Each test picture's nearest of the published train pictures.

    Arrays: ``nearest`` int32 [n], its place; ``distance`` float32 [n], root mean squared difference of brightness,
    0 to 255; 0 is an exact copy.
    """

    kind: ClassVar[str] = "duplicates"
    arrays: ClassVar[tuple[str, ...]] = ("nearest", "distance")

    def compute(self, dataset: Dataset, report: ProgressCallback) -> dict[str, np.ndarray]:
        train, test = (
            flatten_images(dataset.published_train_arrays[0]),
            flatten_images(dataset.published_test_arrays[0]),
        )
        squares = np.einsum("nd,nd->n", train, train)
        nearest, distance = np.empty(len(test), np.int32), np.empty(len(test), np.float32)
        for start in range(0, len(test), CHUNK_SIZE):
            rows = slice(start, start + CHUNK_SIZE)
            found = (squares - 2 * test[rows] @ train.T).argmin(axis=1)
            nearest[rows] = found
            # taken again in full, for the difference of large numbers is not exact
            distance[rows] = np.sqrt(((test[rows] - train[found]) ** 2).mean(axis=1))
            report(min(1.0, (start + CHUNK_SIZE) / len(test)), "looking for copies")
        return {"nearest": nearest, "distance": distance}
