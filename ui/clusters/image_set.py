"""The pictures that the Clusters page is about, and what is known of each."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from fashion_core.computed import store
from fashion_core.computed.image_statistics import ImageStatistics
from fashion_core.data import Dataset, fashion_mnist
from ui import caches
from ui.clusters.view import ClustersView


@dataclass(frozen=True)
class ImageSet:
    """All pictures, the train part (``n_train`` of them) before the test part.

    ``labels`` uint8 [n], ``brightness`` float32 [n], ``class_means`` float32 [10, 28, 28] of the train split;
    ``dataset`` holds the pictures themselves, None when only what is shipped about them is here. ``whole``: whether
    the train part is shown too.
    """

    title: str
    fingerprint: str
    dataset: Dataset | None
    labels: np.ndarray
    brightness: np.ndarray
    class_means: np.ndarray
    n_train: int
    includes_train: bool

    @property
    def first_index(self) -> int:
        """Place of the first picture that is shown."""
        return 0 if self.includes_train else self.n_train

    def select_shown(self, values: np.ndarray) -> np.ndarray:
        """Of one value a picture, those of the pictures that are shown."""
        return values[self.first_index :]

    @property
    def provenance(self) -> str:
        """Provenance: data, split and n."""
        split = "train, validation and test" if self.includes_train else "test"
        return f"{self.title}, {split}, n = {len(self.labels) - self.first_index:,}"


def load_image_set(view: ClustersView) -> ImageSet:
    """What ``view`` is about: the data at hand or, without Fashion-MNIST, what is shipped about it."""
    data = caches.current_dataset()
    whole = view.images == "All"
    if data.is_sample_data and view.data == "Fashion-MNIST":
        return _subject(
            "Fashion-MNIST",
            fashion_mnist.FASHION_MNIST_FINGERPRINT,
            None,
            store.load_shipped_result(ImageStatistics()),
            whole,
        )
    return _subject(data.title, data.fingerprint, data, _facts(data, data.fingerprint), whole)


@st.cache_resource(max_entries=2, show_spinner=False)
def _facts(_data: Dataset, fingerprint: str) -> dict[str, np.ndarray]:
    return store.load_or_compute(ImageStatistics(), _data, lambda share, doing: None)


def _subject(
    title: str, fingerprint: str, dataset: Dataset | None, facts: dict[str, np.ndarray], whole: bool
) -> ImageSet:
    return ImageSet(
        title,
        fingerprint,
        dataset,
        facts["labels"],
        facts["brightness"],
        facts["class_means"].astype(np.float32),
        len(facts["labels"]) - int(facts["n_test"]),
        whole,
    )
