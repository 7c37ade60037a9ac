"""How inertia and silhouette change with the number of clusters."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from fashion_core.computed.clustering import fit_kmeans_repeatedly
from fashion_core.computed.computation import Computation, ProgressCallback, bounded_number_field
from fashion_core.computed.feature_spaces import FEATURE_SPACES, all_image_features
from fashion_core.computed.image_vectors import space_field
from fashion_core.data import Dataset
from fashion_core.errors import ConfigError

KMEANS_RESTARTS_PER_K = 3
MAX_SEARCHED_CLUSTERS = 40


@dataclass(frozen=True)
class KMeansScoresByClusterCount(Computation):
    """k-means for every k from 2 to 40 on a random sample of the train split; to fewer where it is smaller.

    Arrays by k: ``k`` int64 [m]; ``inertia`` float64 [m], per image; ``silhouette`` float64 [m], the mean over a
    smaller sample, -1 to 1 (P. Rousseeuw, J. Comput. Appl. Math. 20, 1987). Raises ``ConfigError`` for a setting
    outside its range.
    """

    space: str = space_field(*FEATURE_SPACES)
    seed: int = bounded_number_field(0, low=0, high=2**31 - 1)
    sample: int = bounded_number_field(10_000, low=100, high=55_000)  # train images
    silhouette_sample: int = bounded_number_field(3000, low=100, high=55_000)  # of these images

    kind: ClassVar[str] = "sweep"
    arrays: ClassVar[tuple[str, ...]] = ("k", "inertia", "silhouette")
    shapes: ClassVar[Mapping[str, str]] = {"k": "m", "inertia": "m", "silhouette": "m"}

    def compute(self, dataset: Dataset, report: ProgressCallback) -> dict[str, np.ndarray]:
        from sklearn.metrics import silhouette_score

        features = all_image_features(self.space, dataset, lambda fraction, step: report(fraction / 2, step))
        train = features[dataset.train_indices]
        train = train[np.random.default_rng(self.seed).permutation(len(train))[: self.sample]]
        n_different = len(np.unique(train[: 50 * MAX_SEARCHED_CLUSTERS], axis=0))
        largest = min(MAX_SEARCHED_CLUSTERS, len(train) - 1, n_different)
        if largest < 2:
            raise ConfigError("These are too few different images to compare numbers of clusters.")
        ks = np.arange(2, largest + 1)
        inertia, silhouette = [], []
        for k in ks:
            report(0.5 + 0.5 * (k - 2) / len(ks), f"k = {k}")
            best = min(
                fit_kmeans_repeatedly(train, int(k), KMEANS_RESTARTS_PER_K, self.seed), key=lambda fit: fit.inertia_
            )
            inertia.append(best.inertia_ / len(train))
            n = self.silhouette_sample  # the sample is in random order
            silhouette.append(silhouette_score(train[:n], best.labels_[:n]))
        return {"k": ks, "inertia": np.array(inertia), "silhouette": np.array(silhouette)}
