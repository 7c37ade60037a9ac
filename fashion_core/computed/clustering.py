"""k-means in a chosen feature space: fitted on the train split, and every picture assigned."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from fashion_core.computed.computation import Computation, ProgressCallback, check_choice, check_range, select_images
from fashion_core.computed.feature_spaces import FeatureSpace, image_features
from fashion_core.data import Dataset
from fashion_core.errors import ConfigError
from fashion_core.models.kmeans import restart_seed

if TYPE_CHECKING:
    from sklearn.cluster import KMeans

MAX_CLUSTERS = 40


@dataclass(frozen=True)
class KMeansClustering(Computation):
    """k-means with ``restarts`` starts of which the one with the lowest inertia is kept; no label is used.

    Arrays, over the published train images followed by the test images: ``clusters`` uint8 [n]; ``nearest`` and
    ``second`` float16 [n], distances to the own and the next centroid in the space's units; and of the clusters:
    ``means`` float16 [k, 28, 28], the mean picture of the cluster's train images; ``inertia`` float64 [], per image.
    Raises ``ConfigError`` when a setting is outside its range.
    """

    space: FeatureSpace = "pixels"
    k: int = 10  # 2 to 40
    restarts: int = 10  # 1 to 50
    seed: int = 0  # 0 to 2**31 - 1

    kind: ClassVar[str] = "clustering"
    arrays: ClassVar[tuple[str, ...]] = ("clusters", "nearest", "second", "means", "inertia")

    def __post_init__(self) -> None:
        check_choice("The feature space", self.space, FeatureSpace)
        check_range("k", self.k, 2, MAX_CLUSTERS)
        check_range("The number of restarts", self.restarts, 1, 50)
        check_range("The seed", self.seed, 0, 2**31 - 1)

    def compute(self, dataset: Dataset, report: ProgressCallback) -> dict[str, np.ndarray]:
        everything = image_features(self.space, dataset, lambda share, doing: report(share / 2, doing))
        train = everything[dataset.split("train").indices]
        check_distinct_rows(train, self.k)
        best: KMeans | None = None
        for done, fitted in enumerate(fit_kmeans_repeatedly(train, self.k, self.restarts, self.seed), 1):
            report(0.5 + 0.45 * done / self.restarts, f"restart {done} of {self.restarts}")
            if best is None or fitted.inertia_ < best.inertia_:
                best = fitted
        assert best is not None
        distances = np.sort(best.transform(everything), axis=1)  # [n, k]
        clusters = best.predict(everything)
        images = select_images(dataset, "all")[dataset.split("train").indices]
        means = np.stack([images[best.labels_ == c].mean(axis=0, dtype=np.float64) for c in range(self.k)])
        return {
            "clusters": clusters.astype(np.uint8),
            "nearest": distances[:, 0].astype(np.float16),
            "second": distances[:, 1].astype(np.float16),
            "means": means.astype(np.float16),
            "inertia": np.array(best.inertia_ / len(train)),
        }


def fit_kmeans_repeatedly(vectors: np.ndarray, k: int, n_restarts: int, seed: int) -> Iterator["KMeans"]:
    """``n`` fitted k-means of ``vectors`` float32 [m, d], each from a start of its own (k-means++)."""
    from sklearn.cluster import KMeans

    for restart in range(n_restarts):
        yield KMeans(k, n_init=1, random_state=restart_seed(seed, restart)).fit(vectors)


def check_distinct_rows(vectors: np.ndarray, k: int) -> None:
    """Raise ``ConfigError`` when there are fewer than ``k`` different rows."""
    different = len(np.unique(vectors[: 50 * k], axis=0))
    if different < k:
        different = len(np.unique(vectors, axis=0))
    if different < k:
        raise ConfigError(f"{k} clusters cannot be made of {different} different pictures. Choose a smaller k.")
