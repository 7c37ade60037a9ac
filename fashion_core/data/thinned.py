"""A data set with a part of the training images of some classes."""

from collections.abc import Iterable

import numpy as np

from fashion_core.data.dataset import Dataset, PartName


class ThinnedDataset(Dataset):
    """``whole`` with ``fraction`` of the training images of ``thinned_classes``, but at least one of each.

    ``seed`` draws them. Validation and test stay as they are.
    """

    def __init__(self, whole: Dataset, thinned_classes: Iterable[int], fraction: float, seed: int = 0) -> None:
        self._whole = whole
        self.name, self.title, self.source, self.folder = whole.name, whole.title, whole.source, whole.folder
        self.fingerprint, self.classes = f"{whole.fingerprint}-{fraction:g}", whole.classes
        self.is_labelled, self.has_pictures = whole.is_labelled, whole.has_pictures
        self.validation_indices = whole.validation_indices
        labels, rng = whole.published_labels("train")[whole.train_indices], np.random.default_rng(seed)
        is_kept = np.ones(len(labels), bool)
        for c in thinned_classes:
            rows = rng.permutation(np.flatnonzero(labels == c))
            is_kept[rows[max(1, round(fraction * len(rows))) :]] = False
        self.train_indices = whole.train_indices[is_kept]
        self.split_sizes = {**whole.split_sizes, "train": len(self.train_indices)}

    def read_part(self, part: PartName) -> tuple[np.ndarray, np.ndarray]:
        return self._whole.published_arrays(part)

    def views(self, part: PartName) -> np.ndarray:
        return self._whole.views(part)

    def read_picture(self, part: PartName, index: int) -> bytes:
        return self._whole.read_picture(part, index)
