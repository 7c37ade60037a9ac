"""Detect pictures of none of the ten classes by distances in the feature space of the networks' last layers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from fashion_core.analysis.features import l2_normalize_rows

# Fraction of validation garments, rendered as that kind of picture, with a score above the limit. On drawings the score
# says almost nothing (AUROC 0.51 on the development drawings), so only the highest scores give a warning.
OOD_FALSE_ALARM_RATES = {"sample": 0.05, "shop": 0.05, "photo": 0.15, "drawing": 0.005}
OOD_NEIGHBOUR_RANK = 10
N_PRINCIPAL_DIRECTIONS = 40  # of the reference features; the residual lies outside them


@dataclass(frozen=True)
class OodScoreScale:
    """``mean`` and ``spread`` (standard deviation) of each distance over the garments of one kind of picture; a sum of
    standardized distances above ``limit`` is out of distribution."""

    mean: tuple[float, ...]
    spread: tuple[float, ...]
    limit: float


@dataclass(frozen=True)
class OutOfDistributionDetector:
    """``reference_features``: of training garments in each network, float [n, d] of unit length. ``scales``: by kind of
    picture.

    The distances are that to the tenth nearest training garment in each network (Y. Sun et al., "Out-of-Distribution
    Detection with Deep Nearest Neighbors", ICML 2022), and in the first network the residual outside the principal
    directions of the training garments (H. Wang et al., "ViM", CVPR 2022).
    """

    reference_features: tuple[np.ndarray, ...]
    scales: Mapping[str, OodScoreScale]
    _directions: np.ndarray = field(init=False, repr=False)
    _centre: np.ndarray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        references = tuple(features.astype(np.float32) for features in self.reference_features)
        centre = references[0].mean(axis=0)
        directions = np.linalg.svd(references[0] - centre, full_matrices=False)[2]  # [d, d]
        object.__setattr__(self, "reference_features", references)
        object.__setattr__(self, "_centre", centre)
        object.__setattr__(self, "_directions", directions[:N_PRINCIPAL_DIRECTIONS])

    def compute_distances(self, features: Sequence[np.ndarray]) -> np.ndarray:
        """Distances float64 [n, networks + 1] of each network's features [n, d]."""
        units = [l2_normalize_rows(f) for f in features]
        distances = [_kth_neighbour_distance(f, r) for f, r in zip(units, self.reference_features, strict=True)]
        offset = units[0] - self._centre
        residual = np.linalg.norm(offset - offset @ self._directions.T @ self._directions, axis=1)
        return np.stack([*distances, residual], axis=1).astype(np.float64)

    def score(self, kind: str, distances: np.ndarray) -> float:
        """Score of a picture whose views have ``distances`` [v, t]: 0 on average for garments, out of distribution
        above 1."""
        scale = self.scales[kind]
        return float(sum_standardized_distances(distances, scale.mean, scale.spread).mean() / scale.limit)


def sum_standardized_distances(distances: np.ndarray, mean: Sequence[float], spread: Sequence[float]) -> np.ndarray:
    """Sum of each row of distances [n, t] in standard deviations from the mean, float64 [n]."""
    total: np.ndarray = ((distances - np.array(mean)) / np.array(spread)).sum(axis=1)
    return total


def _kth_neighbour_distance(features: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Cosine distance to the tenth nearest row of ``reference``, float32 [n]."""
    similarity = features @ reference.T  # [n, reference]
    k = min(OOD_NEIGHBOUR_RANK, similarity.shape[1])
    distance: np.ndarray = 1 - np.partition(similarity, -k, axis=1)[:, -k]
    return distance
