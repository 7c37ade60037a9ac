"""A tiny data set for tests that train: classes of noisy blocks, told apart in a few steps."""

from functools import cached_property

import numpy as np

from fashion_core.data import Dataset
from fashion_core.data.classes import FASHION_CLASSES, make_classes
from fashion_core.data.dataset import NO_FOLD, PartName

CLASS_COUNTS = (2, 7, 10, 150)  # what the contracts are tested with


class ToyDataset(Dataset):
    """``n_classes`` classes; ``per_class`` training images of each (1/12 of them validation) and 4 test images.

    Of ten classes, class c lights the c-th of ten blocks, and they have Fashion-MNIST's names. Of any other number,
    each class lights some of the squares of 4 x 4 pixels, drawn at random.
    """

    name = "toy"
    source = "stand-in"
    title = "ToyDataset"
    folder = None

    def __init__(self, per_class: int = 48, n_classes: int = 10) -> None:
        self.per_class = per_class
        self.fingerprint = f"{n_classes % 10:016d}"
        self.classes = FASHION_CLASSES if n_classes == 10 else make_classes([f"Kind {c}" for c in range(n_classes)])

    def read_part(self, part: PartName) -> tuple[np.ndarray, np.ndarray]:
        n, seed = (self.per_class, 1) if part == "train" else (4, 2)
        rng = np.random.default_rng(seed)
        labels = np.tile(np.arange(len(self.classes), dtype=np.uint8), n)
        images = rng.integers(0, 60, (len(labels), 28, 28), dtype=np.uint8)
        return images + self._patterns()[labels], labels

    def _patterns(self) -> np.ndarray:
        """What each class lights, uint8 [classes, 28, 28]."""
        n = len(self.classes)
        if n != 10:
            squares = np.random.default_rng(0).random((n, 7, 7)) < 0.5
            return np.kron(squares, np.full((4, 4), 180)).astype(np.uint8)
        patterns = np.zeros((n, 28, 28), np.uint8)
        for label in range(n):
            row, column = divmod(label, 5)
            patterns[label, row * 14 : row * 14 + 12, column * 5 : column * 5 + 5] = 180
        return patterns


class FoldedToyDataset(ToyDataset):
    """``ToyDataset`` without test images: the training images are in five folds, and the last of each class in none."""

    name = "folded-toy"
    title = "Folded toy"

    def __init__(self, per_class: int = 11, n_classes: int = 4) -> None:
        super().__init__(per_class, n_classes)
        self.fingerprint = f"f{n_classes:015d}"

    @cached_property
    def folds(self) -> np.ndarray:
        repeats = np.arange(self.per_class * len(self.classes)) // len(self.classes)
        return np.where(repeats == self.per_class - 1, NO_FOLD, repeats % 5).astype(np.uint8)

    def read_part(self, part: PartName) -> tuple[np.ndarray, np.ndarray]:
        images, labels = super().read_part("train")
        rows = np.ones(len(labels), bool) if part == "train" else self.folds != NO_FOLD
        return images[rows], labels[rows]
