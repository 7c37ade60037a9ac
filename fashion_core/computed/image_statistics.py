"""The class and brightness of every image, and the mean image of each class."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from fashion_core.analysis.class_images import mean_image_by_class
from fashion_core.computed.computation import Computation, ProgressCallback
from fashion_core.data import Dataset


@dataclass(frozen=True)
class ImageStatistics(Computation):
    """Arrays: ``labels`` uint8 [n] and ``brightness`` float32 [n] (mean pixel, 0 to 255) of the published train images
    followed by the test images; ``class_means`` float16 [classes, 28, 28] of the train split; ``n_test`` int64 [],
    the number of those that are not among the train images."""

    kind: ClassVar[str] = "facts"
    arrays: ClassVar[tuple[str, ...]] = ("labels", "brightness", "class_means", "n_test")
    shapes: ClassVar[Mapping[str, str]] = {
        "labels": "n", "brightness": "n", "class_means": "classes 28 28", "n_test": "",
    }  # fmt: skip

    def compute(self, dataset: Dataset, report: ProgressCallback) -> dict[str, np.ndarray]:
        report(0.1, "reading the images")
        return {
            "labels": dataset.all_labels,
            "brightness": dataset.all_images.mean(axis=(1, 2), dtype=np.float32),
            "class_means": mean_image_by_class(dataset.split("train"), len(dataset.classes)).astype(np.float16),
            "n_test": np.array(len(dataset.all_labels) - len(dataset.published_labels("train"))),
        }
