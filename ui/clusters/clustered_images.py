"""The images that the Clusters page shows, and what is known of each."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from fashion_core.computed import store
from fashion_core.computed.image_statistics import ImageStatistics
from fashion_core.data import Dataset, fashion_mnist
from fashion_core.data.catalogue import Catalogue
from fashion_core.data.classes import FASHION_CLASSES, ClassList
from fashion_core.data.dataset import NO_FOLD
from ui import caches
from ui.clusters.view import ClustersView


@dataclass(frozen=True)
class ClusteredImages:
    """The published train images (``n_train`` of them) followed by the test images.

    ``labels`` uint8 [n], ``brightness`` float32 [n], ``class_means`` float32 [classes, 28, 28] of the train split.
    ``dataset`` is None if the images themselves are not on this machine. ``includes_train``: whether the page shows
    the train images too, and not the test images alone. With ``folds`` (see ``Dataset``) there are only train images.
    """

    title: str
    fingerprint: str
    test_fingerprint: str
    dataset: Dataset | None
    classes: ClassList
    labels: np.ndarray
    brightness: np.ndarray
    class_means: np.ndarray
    n_train: int
    includes_train: bool
    folds: np.ndarray | None = None

    @property
    def first_shown_index(self) -> int:
        """Index of the first image that is shown."""
        return 0 if self.includes_train else self.n_train

    @property
    def tested_points(self) -> np.ndarray:
        """Which of the images that are shown runs are scored on, int64 [m]."""
        if self.folds is not None:
            return np.flatnonzero(self.folds != NO_FOLD)
        return np.arange(self.n_train, len(self.labels)) - self.first_shown_index

    @property
    def n_shown(self) -> int:
        """Number of images that are shown."""
        return len(self.labels) - self.first_shown_index

    def select_shown(self, values: np.ndarray) -> np.ndarray:
        """The values of the images that are shown, out of one value for every image."""
        return values[self.first_shown_index :]

    def part_and_index(self, point: int) -> tuple[str, int]:
        """The part (``train`` or ``test``) of a shown image, and its index there."""
        index = point + self.first_shown_index
        return ("train", index) if index < self.n_train else ("test", index - self.n_train)

    @property
    def is_labelled(self) -> bool:
        """Whether there are classes to compare clusters with."""
        return len(self.classes) >= 2

    @property
    def catalogue(self) -> Catalogue | None:
        """The data set if it is the user's, whose classes can be changed."""
        return self.dataset if isinstance(self.dataset, Catalogue) else None

    @property
    def provenance(self) -> str:
        """Data set, split and n."""
        split = "train, validation and test" if self.includes_train else "test"
        split = split if self.folds is None else "all pictures"
        return f"{self.title}, {split}, n = {self.n_shown:,}"


def load_clustered_images(view: ClustersView) -> ClusteredImages:
    """The data set on this machine or, without Fashion-MNIST, the shipped statistics about it."""
    title, fingerprint, dataset = "Fashion-MNIST", fashion_mnist.FASHION_MNIST_FINGERPRINT, None
    available = caches.current_dataset()
    if available.is_sample_data and view.results == "Fashion-MNIST":
        arrays = store.load_shipped_result(ImageStatistics())
    else:
        title, fingerprint, dataset = available.title, available.fingerprint, available
        arrays = _image_statistics(available, fingerprint)
    return ClusteredImages(
        title=title,
        fingerprint=fingerprint,
        test_fingerprint=fingerprint if dataset is None else dataset.test_fingerprint,
        dataset=dataset,
        classes=FASHION_CLASSES if dataset is None else dataset.classes,
        labels=arrays["labels"],
        brightness=arrays["brightness"],
        class_means=arrays["class_means"].astype(np.float32),
        n_train=len(arrays["labels"]) - int(arrays["n_test"]),
        includes_train=view.images == "All" or bool(available.fold_numbers),
        folds=None if dataset is None else dataset.folds,
    )


@st.cache_resource(max_entries=2, show_spinner=False)
def _image_statistics(_dataset: Dataset, fingerprint: str) -> dict[str, np.ndarray]:
    return store.load_or_compute(ImageStatistics(), _dataset, lambda fraction, step: None)
