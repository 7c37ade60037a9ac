"""How inertia and silhouette change with the number of clusters."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from fashion_core.computed.clustering import LARGEST_K, check_distinct, restarts
from fashion_core.computed.computation import Computation, Report, check_choice, check_range
from fashion_core.computed.spaces import Space, features
from fashion_core.data import Dataset

RESTARTS = 3


@dataclass(frozen=True)
class Sweep(Computation):
    """k-means for every k from 2 to 40 on a random sample of the train split.

    Arrays, by k: ``k`` int64 [39]; ``inertia`` float64 [39], per image, in the space's squared units; ``silhouette``
    float64 [39], the mean over a sub-sample (P. Rousseeuw, 1987; -1 to 1). Raises ``ConfigError`` when a setting is
    outside its range.
    """

    space: Space = "pixels"
    seed: int = 0  # 0 to 2**31 - 1
    sample: int = 10_000  # train images clustered, 100 to 55,000
    silhouette_sample: int = 3000  # of them, those whose silhouette is taken

    kind: ClassVar[str] = "sweep"
    arrays: ClassVar[tuple[str, ...]] = ("k", "inertia", "silhouette")

    def __post_init__(self) -> None:
        check_choice("The feature space", self.space, Space)
        check_range("The seed", self.seed, 0, 2**31 - 1)
        check_range("The sample", self.sample, 100, 55_000)
        check_range("The silhouette's sample", self.silhouette_sample, 100, self.sample)

    def compute(self, dataset: Dataset, report: Report) -> dict[str, np.ndarray]:
        from sklearn.metrics import silhouette_score

        everything = features(self.space, dataset, lambda share, doing: report(share / 2, doing))
        train = everything[dataset.split("train").indices]
        rng = np.random.default_rng(self.seed)
        train = train[rng.permutation(len(train))[: self.sample]]
        check_distinct(train, LARGEST_K)
        ks = np.arange(2, LARGEST_K + 1)
        inertia, silhouette = [], []
        for k in ks:
            report(0.5 + 0.5 * (k - 2) / len(ks), f"k = {k}")
            best = min(restarts(train, int(k), RESTARTS, self.seed), key=lambda fitted: fitted.inertia_)
            inertia.append(best.inertia_ / len(train))
            some = slice(0, self.silhouette_sample)  # the sample is in random order
            silhouette.append(silhouette_score(train[some], best.labels_[some]))
        return {"k": ks, "inertia": np.array(inertia), "silhouette": np.array(silhouette)}
