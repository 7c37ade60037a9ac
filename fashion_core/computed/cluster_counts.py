"""How inertia and silhouette change with the number of clusters."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from fashion_core.computed.clustering import MAX_CLUSTERS, check_distinct_rows, fit_kmeans_repeatedly
from fashion_core.computed.computation import Computation, ProgressCallback, check_choice, check_range
from fashion_core.computed.feature_spaces import FeatureSpace, image_features
from fashion_core.data import Dataset

N_RESTARTS = 3


@dataclass(frozen=True)
class ClusterCountSearch(Computation):
    """k-means for every k from 2 to 40 on a random sample of the train split.

    Arrays by k: ``k`` int64 [39]; ``inertia`` float64 [39], per image; ``silhouette`` float64 [39], the mean over a
    smaller sample, -1 to 1 (P. Rousseeuw, J. Comput. Appl. Math. 20, 1987). Raises ``ConfigError`` for a setting
    outside its range.
    """

    space: FeatureSpace = "pixels"
    seed: int = 0  # 0 to 2**31 - 1
    sample: int = 10_000  # train images clustered, 100 to 55,000
    silhouette_sample: int = 3000  # images of the sample that the silhouette is computed on

    kind: ClassVar[str] = "sweep"
    arrays: ClassVar[tuple[str, ...]] = ("k", "inertia", "silhouette")

    def __post_init__(self) -> None:
        check_choice("The feature space", self.space, FeatureSpace)
        check_range("The seed", self.seed, 0, 2**31 - 1)
        check_range("The sample", self.sample, 100, 55_000)
        check_range("The sample for the silhouette", self.silhouette_sample, 100, self.sample)

    def compute(self, dataset: Dataset, report: ProgressCallback) -> dict[str, np.ndarray]:
        from sklearn.metrics import silhouette_score

        features = image_features(self.space, dataset, lambda fraction, step: report(fraction / 2, step))
        train = features[dataset.split("train").indices]
        train = train[np.random.default_rng(self.seed).permutation(len(train))[: self.sample]]
        check_distinct_rows(train, MAX_CLUSTERS)
        ks = np.arange(2, MAX_CLUSTERS + 1)
        inertia, silhouette = [], []
        for k in ks:
            report(0.5 + 0.5 * (k - 2) / len(ks), f"k = {k}")
            best = min(fit_kmeans_repeatedly(train, int(k), N_RESTARTS, self.seed), key=lambda fit: fit.inertia_)
            inertia.append(best.inertia_ / len(train))
            n = self.silhouette_sample  # the sample is in random order
            silhouette.append(silhouette_score(train[:n], best.labels_[:n]))
        return {"k": ks, "inertia": np.array(inertia), "silhouette": np.array(silhouette)}
