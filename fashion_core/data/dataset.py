"""A data set with three splits, read when first used."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np

from fashion_core.data.classes import FASHION_CLASSES, ClassList
from fashion_core.errors import DataError

SplitName = Literal["train", "validation", "test"]
PartName = Literal["train", "test"]
# Stored in every run.json; "stand-in" is the sample data.
DatasetSourceName = Literal["fashion-mnist", "stand-in", "catalogue"]
VALIDATION_FRACTION = 500 / 6000  # of each class: 500 of the 6,000 images in the train file of Fashion-MNIST
MAX_SEED = 2**31 - 1
SPLIT_SEED = 20170828  # the release date of Fashion-MNIST; any fixed number does
NO_FOLD = 255  # of an image that is trained on in every fold, and never tested


@dataclass(frozen=True)
class Split:
    """Images uint8 [n, 28, 28] light on black, labels uint8 [n], and each image's int64 [n] index in its file."""

    name: SplitName
    images: np.ndarray
    labels: np.ndarray
    indices: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)


class Dataset(ABC):
    """Images with labels, in three splits. Everything that depends on the pictures is asked of it.

    Attributes: ``name`` chooses it in an address and on the command line, ``title`` is the one to show, ``source`` its
    kind in run records, ``classes`` what its labels number. ``fingerprint`` (16 hex digits) identifies the exact
    images, labels and classes, ``test_fingerprint`` those of the test split: figures are compared only where it is
    equal. ``folder`` holds the files (None for the sample data).

    Capabilities: ``is_labelled``, ``has_shipped_runs`` (the included runs answer its classes), ``has_poster_figures``,
    ``has_pictures`` (``read_picture`` returns pictures in colour), ``folds`` (runs are cross-validated).

    With ``folds``, there are too few images for a test part of their own. The published train part then holds every
    image, and the test part those of them that have a fold: each is predicted by a model trained without its fold.
    """

    name: str
    title: str
    source: DatasetSourceName
    fingerprint: str
    folder: Path | None
    classes: ClassList = FASHION_CLASSES
    is_labelled: bool = True
    has_shipped_runs: ClassVar[bool] = True
    has_poster_figures: ClassVar[bool] = True
    has_pictures: bool = False

    @property
    def test_fingerprint(self) -> str:
        """Identifies the test images, their labels and the classes."""
        return self.fingerprint

    @cached_property
    def folds(self) -> np.ndarray | None:
        """The fold of each published train image in cross-validation, uint8 [n], or ``NO_FOLD``; None without."""
        return None

    @cached_property
    def fold_numbers(self) -> tuple[int, ...]:
        """The folds that hold images, ascending; none without cross-validation."""
        return () if self.folds is None else tuple(np.unique(self.folds[self.folds != NO_FOLD]).tolist())

    @abstractmethod
    def read_part(self, part: PartName) -> tuple[np.ndarray, np.ndarray]:
        """Images uint8 [n, 28, 28] and labels uint8 [n] of one published part."""

    def views(self, part: PartName) -> np.ndarray:
        """The garment of each image of a published part cut out in several ways, uint8 [n, v, 28, 28].

        The first view is the image itself. v is 1 where there is only that.
        """
        return self.published_arrays(part)[0][:, None]

    def read_picture(self, part: PartName, index: int) -> bytes:
        """The JPEG file of the picture that image ``index`` of ``part`` was made from, at most 224 pixels a side.

        Raises ``DataError`` when it can't be read, or the data set has no such pictures.
        """
        raise DataError(f"{self.title} has no pictures besides its images.")

    @cached_property
    def published_train_arrays(self) -> tuple[np.ndarray, np.ndarray]:
        """Images uint8 [n, 28, 28] and labels uint8 [n] from which train and validation are split."""
        return self.read_part("train")

    @cached_property
    def published_test_arrays(self) -> tuple[np.ndarray, np.ndarray]:
        """Test images uint8 [n, 28, 28] and labels uint8 [n]."""
        return self.read_part("test")

    def published_arrays(self, part: PartName) -> tuple[np.ndarray, np.ndarray]:
        """Images uint8 [n, 28, 28] and labels uint8 [n] of one published part, kept in memory once read."""
        return self.published_train_arrays if part == "train" else self.published_test_arrays

    def published_labels(self, part: PartName) -> np.ndarray:
        """Labels uint8 [n] of one published part; those of Fashion-MNIST are there without its images."""
        return self.published_arrays(part)[1]

    @property
    def all_images(self) -> np.ndarray:
        """Every image once, uint8 [n, 28, 28]: the published train images, then test images that aren't among them."""
        train = self.published_train_arrays[0]
        return train if self.fold_numbers else np.concatenate([train, self.published_test_arrays[0]])

    @property
    def all_labels(self) -> np.ndarray:
        """The labels of ``all_images``, uint8 [n]."""
        train = self.published_labels("train")
        return train if self.fold_numbers else np.concatenate([train, self.published_labels("test")])

    @property
    def is_sample_data(self) -> bool:
        """Whether the images are synthetic. Results on them are not Fashion-MNIST results."""
        return self.source == "stand-in"

    @cached_property
    def validation_indices(self) -> np.ndarray:
        """Which of the published train images are the validation split, int64 [n], ascending."""
        labels = self.published_labels("train")
        rng = np.random.default_rng(SPLIT_SEED)
        indices_by_class = [rng.permutation(np.flatnonzero(labels == c.index)) for c in self.classes]
        return np.sort(np.concatenate([i[: round(len(i) * VALIDATION_FRACTION)] for i in indices_by_class]))

    @cached_property
    def split_sizes(self) -> dict[SplitName, int]:
        """Number of images in each split, without copying any. With ``folds``, test images are in the others too."""
        n, n_validation = len(self.published_labels("train")), len(self.validation_indices)
        return {"train": n - n_validation, "validation": n_validation, "test": len(self.published_labels("test"))}

    @cached_property
    def train_indices(self) -> np.ndarray:
        """Which of the published train images are the train split, int64 [n], ascending."""
        return np.setdiff1d(np.arange(len(self.published_labels("train"))), self.validation_indices)

    def split_indices(self, name: SplitName) -> np.ndarray:
        """Which of the published images of its part are in a split, int64 [n], ascending."""
        match name:
            case "train":
                return self.train_indices
            case "validation":
                return self.validation_indices
            case "test":
                return np.arange(len(self.published_labels("test")))
        raise DataError(f"There is no split named {name!r}; choose train, validation or test.")

    def split(self, name: SplitName) -> Split:
        """One split; for Fashion-MNIST train (55,000), validation (5,000, stratified, fixed seed) or test (10,000)."""
        if name == "test":
            images, labels = self.published_test_arrays
            return Split(name, images, labels, self.split_indices(name))
        images, labels = self.published_train_arrays
        indices = self.split_indices(name)
        return Split(name, images[indices], labels[indices], indices)
