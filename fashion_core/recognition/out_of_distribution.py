"""Whether a picture is like any garment that was learnt: distances in what the networks' last layers see."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from fashion_core.analysis.features import normalize_rows

# share of validation garments, seen as a kind of picture shows them, that lie above its limit; for drawings the score
# tells next to nothing (0.51 under the ROC curve on the development drawings), so only the strangest carry a warning
FALSE_ALARM_RATES = {"sample": 0.05, "shop": 0.05, "photo": 0.15, "drawing": 0.005}
N_NEIGHBOURS = 10
N_PRINCIPAL_DIRECTIONS = 40  # principal directions of the features; what lies outside them is the residual


@dataclass(frozen=True)
class OodScoreScale:
    """``mean`` and ``spread`` of each term over garments in a kind of picture; above ``limit`` their sum is strange."""

    mean: tuple[float, ...]
    spread: tuple[float, ...]
    limit: float


@dataclass(frozen=True)
class OutOfDistributionDetector:
    """``reference_features``: features of training garments in each network, float [n, d] of unit length; ``scales`` by kind.

    The terms are the distance to the tenth nearest training garment in each network (Y. Sun et al.,
    "Out-of-Distribution Detection with Deep Nearest Neighbors", ICML 2022), and in the first the share of the features
    outside the training garments' principal directions (H. Wang et al., "ViM", CVPR 2022).
    """

    reference_features: tuple[np.ndarray, ...]
    scales: Mapping[str, OodScoreScale]
    _directions: np.ndarray = field(init=False, repr=False)
    _centre: np.ndarray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "reference_features", tuple(bank.astype(np.float32) for bank in self.reference_features)
        )
        centre = self.reference_features[0].mean(axis=0)
        directions = np.linalg.svd(self.reference_features[0] - centre, full_matrices=False)[2][
            :N_PRINCIPAL_DIRECTIONS
        ]  # [40, d]
        object.__setattr__(self, "_centre", centre)
        object.__setattr__(self, "_directions", directions)

    def compute_distances(self, features: Sequence[np.ndarray]) -> np.ndarray:
        """Of each network's features [n, d]: float64 [n, networks + 1]."""
        units = [normalize_rows(f) for f in features]
        distances = [_kth_neighbour_distance(f, bank) for f, bank in zip(units, self.reference_features, strict=True)]
        offset = units[0] - self._centre
        residual = np.linalg.norm(offset - offset @ self._directions.T @ self._directions, axis=1)
        return np.stack([*distances, residual], axis=1).astype(np.float64)

    def score(self, kind: str, distances: np.ndarray) -> float:
        """How strange a picture is whose views have ``terms`` [v, t]: 0 for garments on average, strange above 1."""
        scale = self.scales[kind]
        return float(sum_standardized(distances, scale.mean, scale.spread).mean() / scale.limit)


def sum_standardized(terms: np.ndarray, mean: Sequence[float], spread: Sequence[float]) -> np.ndarray:
    """The sum of each row's terms [n, t], each in units of its spread, float64 [n]."""
    total: np.ndarray = ((terms - np.array(mean)) / np.array(spread)).sum(axis=1)
    return total


def _kth_neighbour_distance(features: np.ndarray, bank: np.ndarray) -> np.ndarray:
    """Cosine distance to the tenth nearest row of ``bank``, float32 [n]."""
    similarity = features @ bank.T  # [n, bank]
    k = min(N_NEIGHBOURS, similarity.shape[1])
    tenth: np.ndarray = 1 - np.partition(similarity, -k, axis=1)[:, -k]
    return tenth
