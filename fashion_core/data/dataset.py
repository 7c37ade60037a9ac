"""The data set as the rest of the project sees it: three splits, read when first needed."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np

from fashion_core.data.classes import N_CLASSES
from fashion_core.errors import DataError

SplitName = Literal["train", "validation", "test"]
DatasetSourceName = Literal["fashion-mnist", "stand-in"]
VALIDATION_PER_CLASS = 500
SPLIT_SEED = 20170828  # the release date of Fashion-MNIST; any fixed number does


@dataclass(frozen=True)
class Split:
    """Images uint8 [n, 28, 28] light on black, labels uint8 [n], and their int64 [n] places in the published file."""

    name: SplitName
    images: np.ndarray
    labels: np.ndarray
    indices: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)


class Dataset(ABC):
    """Fashion-MNIST or its stand-in.

    Attributes: ``source`` names which, ``title`` is fit to show, ``fingerprint`` (16 hex digits) identifies the
    exact images and labels, ``folder`` is where the files lie (None for the stand-in).
    """

    source: DatasetSourceName
    title: str
    fingerprint: str
    folder: Path | None

    @abstractmethod
    def _read_part(self, part: Literal["train", "test"]) -> tuple[np.ndarray, np.ndarray]:
        """Images uint8 [n, 28, 28] and labels uint8 [n] of one published part."""

    @cached_property
    def published_train_arrays(self) -> tuple[np.ndarray, np.ndarray]:
        """The images uint8 [n, 28, 28] and labels uint8 [n] that train and validation are cut from."""
        return self._read_part("train")

    @cached_property
    def published_test_arrays(self) -> tuple[np.ndarray, np.ndarray]:
        """The test images uint8 [n, 28, 28] and labels uint8 [n]."""
        return self._read_part("test")

    @property
    def is_sample_data(self) -> bool:
        """Whether these images are synthetic; results on them are no Fashion-MNIST results."""
        return self.source == "stand-in"

    @cached_property
    def _validation_indices(self) -> np.ndarray:
        labels = self.published_train_arrays[1]
        rng = np.random.default_rng(SPLIT_SEED)
        # 500 a class of the published 6,000; in proportion where a class holds fewer (the stand-in)
        share = VALIDATION_PER_CLASS / 6000
        chosen = []
        for label in range(N_CLASSES):
            members = np.flatnonzero(labels == label)
            chosen.append(rng.permutation(members)[: round(len(members) * share)])
        return np.sort(np.concatenate(chosen))

    @cached_property
    def split_sizes(self) -> dict[SplitName, int]:
        """Number of images in each split, without copying any."""
        n, validation = len(self.published_train_arrays[1]), len(self._validation_indices)
        return {"train": n - validation, "validation": validation, "test": len(self.published_test_arrays[1])}

    def split(self, name: SplitName) -> Split:
        """One split: train (55,000), validation (5,000; 500 a class, fixed seed) or test (10,000)."""
        if name == "test":
            images, labels = self.published_test_arrays
            return Split(name, images, labels, np.arange(len(labels)))
        images, labels = self.published_train_arrays
        if name == "validation":
            indices = self._validation_indices
        elif name == "train":
            indices = np.setdiff1d(np.arange(len(labels)), self._validation_indices)
        else:
            raise DataError(f"There is no split named {name!r}; choose train, validation or test.")
        return Split(name, images[indices], labels[indices], indices)
