"""k-means in a feature space, fitted on the train split."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from fashion_core.computed.computation import Computation, ProgressCallback, bounded_number_field
from fashion_core.computed.feature_spaces import FEATURE_SPACES, all_image_features
from fashion_core.computed.image_vectors import space_field
from fashion_core.data import Dataset
from fashion_core.errors import ConfigError
from fashion_core.models.kmeans import restart_seed

if TYPE_CHECKING:
    from sklearn.cluster import KMeans

MAX_CLUSTERS = 200
SHIPPED_CLUSTER_COUNTS = range(2, 21)  # of Fashion-MNIST, on pixels
DEFAULT_CLUSTERS = 10  # of pictures without classes
MAX_PAIRS_FOR_ALL_RESTARTS = 1_000_000  # images times clusters; more are restarted less often


@dataclass(frozen=True)
class KMeansClustering(Computation):
    """The best of ``restarts`` k-means fits, by inertia. Labels are not used.

    Arrays over the published train images followed by the test images: ``clusters`` uint8 [n]; ``nearest`` and
    ``second`` float16 [n], the distances to the two nearest centroids. Arrays over clusters: ``means`` float16
    [k, 28, 28], the mean of their train images. ``inertia`` float64 [], per image. Raises ``ConfigError`` for a setting
    outside its range.
    """

    space: str = space_field(*FEATURE_SPACES)
    k: int = bounded_number_field(10, low=2, high=MAX_CLUSTERS)
    restarts: int = bounded_number_field(10, low=1, high=50)
    seed: int = bounded_number_field(0, low=0, high=2**31 - 1)

    kind: ClassVar[str] = "clustering"
    arrays: ClassVar[tuple[str, ...]] = ("clusters", "nearest", "second", "means", "inertia")
    shapes: ClassVar[Mapping[str, str]] = {
        "clusters": "n", "nearest": "n", "second": "n", "means": "k 28 28", "inertia": "",
    }  # fmt: skip

    def compute(self, dataset: Dataset, report: ProgressCallback) -> dict[str, np.ndarray]:
        *_, (_, arrays) = self.refine(dataset, report)
        return arrays

    def refine(self, dataset: Dataset, report: ProgressCallback) -> Iterator[tuple[Computation, dict[str, np.ndarray]]]:
        """The first restart, each that is better than those before, and the best of all."""
        features = all_image_features(self.space, dataset, lambda fraction, step: report(fraction / 2, step))
        train = features[dataset.train_indices]
        check_distinct_rows(train, self.k)
        best, arrays = None, {}
        for restart, fit in enumerate(fit_kmeans_repeatedly(train, self.k, self.restarts, self.seed), 1):
            report(0.5 + 0.45 * restart / self.restarts, f"best of {restart} so far, of {self.restarts}")
            is_better = best is None or fit.inertia_ < best.inertia_
            if is_better:
                best, arrays = fit, self._arrays_of_fit(fit, features, dataset)
            if is_better or restart == self.restarts:
                yield replace(self, restarts=restart), arrays

    def _arrays_of_fit(self, best: "KMeans", features: np.ndarray, dataset: Dataset) -> dict[str, np.ndarray]:
        distances = np.sort(best.transform(features), axis=1)  # [n, k]
        clusters = best.predict(features)
        images = dataset.all_images[dataset.train_indices]
        means = np.stack([images[best.labels_ == c].mean(axis=0, dtype=np.float64) for c in range(self.k)])
        return {
            "clusters": clusters.astype(np.uint8),
            "nearest": distances[:, 0].astype(np.float16),
            "second": distances[:, 1].astype(np.float16),
            "means": means.astype(np.float16),
            "inertia": np.array(best.inertia_ / len(best.labels_)),
        }


def choose_default_clustering(dataset: Dataset) -> KMeansClustering:
    """As many clusters as the data set has classes, on pixels; ten where there are no classes."""
    n_train = dataset.split_sizes["train"]
    k = len(dataset.classes) if dataset.is_labelled else DEFAULT_CLUSTERS
    k = max(2, min(k, n_train // 2, MAX_CLUSTERS))
    return KMeansClustering(k=k, restarts=10 if n_train * k <= MAX_PAIRS_FOR_ALL_RESTARTS else 3)


def fit_kmeans_repeatedly(vectors: np.ndarray, k: int, n_restarts: int, seed: int) -> Iterator["KMeans"]:
    """``n_restarts`` fits of ``vectors`` float32 [m, d], each from its own k-means++ start."""
    from sklearn.cluster import KMeans

    for restart in range(n_restarts):
        yield KMeans(k, n_init=1, random_state=restart_seed(seed, restart)).fit(vectors)


def check_distinct_rows(vectors: np.ndarray, k: int) -> None:
    """Raise ``ConfigError`` if there are fewer than ``k`` different rows."""
    if len(np.unique(vectors[: 50 * k], axis=0)) >= k:  # usually enough, and quick
        return
    n_distinct = len(np.unique(vectors, axis=0))
    if n_distinct < k:
        raise ConfigError(f"{n_distinct} different images can't form {k} clusters. Choose a smaller k.")
