"""A tiny data set for tests that train: ten classes of noisy blocks, told apart in a few steps."""

from typing import Literal

import numpy as np

from fashion_core.data import Dataset


class ToyDataset(Dataset):
    """Class c lights the c-th of ten blocks; ``per_class`` training images (1/12 of them validation) and 4 test."""

    source = "stand-in"
    title = "ToyDataset"
    fingerprint = "0" * 16
    folder = None

    def __init__(self, per_class: int = 48) -> None:
        self.per_class = per_class

    def read_part(self, part: Literal["train", "test"]) -> tuple[np.ndarray, np.ndarray]:
        n, seed = (self.per_class, 1) if part == "train" else (4, 2)
        rng = np.random.default_rng(seed)
        labels = np.tile(np.arange(10, dtype=np.uint8), n)
        images = rng.integers(0, 60, (len(labels), 28, 28), dtype=np.uint8)
        for image, label in zip(images, labels, strict=True):
            row, column = divmod(int(label), 5)
            image[row * 14 : row * 14 + 12, column * 5 : column * 5 + 5] += 180
        return images, labels
