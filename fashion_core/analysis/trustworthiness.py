"""Trustworthiness of a two-dimensional map, point by point."""

from collections.abc import Callable

import numpy as np

N_TRUSTWORTHINESS_NEIGHBOURS = 15
DISTANCE_CHUNK_SIZE = 256  # points whose distances to all others are in memory at once


def trustworthiness_by_point(
    vectors: np.ndarray,
    points: np.ndarray,
    n_neighbours: int = N_TRUSTWORTHINESS_NEIGHBOURS,
    on_progress: Callable[[float], None] = lambda fraction: None,
) -> np.ndarray:
    """Trustworthiness of each point, float32 [n], 0 to 1; the mean equals scikit-learn's ``trustworthiness``.

    ``vectors`` float32 [n, d] are the originals, ``points`` float32 [n, 2] their positions on the map. A point loses
    trustworthiness for each of its ``n_neighbours`` nearest points on the map that is not among as many nearest
    originals, in proportion to its rank beyond them. J. Venna and S. Kaski, "Neighborhood preservation in nonlinear
    projection methods", ICANN 2001.
    """
    from sklearn.neighbors import NearestNeighbors

    n = len(vectors)
    k = min(n_neighbours, (n - 1) // 2)
    neighbours = NearestNeighbors(n_neighbors=k).fit(points).kneighbors(return_distance=False)  # [n, k], without itself
    squared_norms = np.einsum("nd,nd->n", vectors, vectors)  # [n]
    trust = np.empty(n, np.float32)
    for start in range(0, n, DISTANCE_CHUNK_SIZE):
        rows = slice(start, start + DISTANCE_CHUNK_SIZE)
        distances = squared_norms - 2 * vectors[rows] @ vectors.T  # [c, n], without the row's own squared norm
        to_neighbours = np.take_along_axis(distances, neighbours[rows], axis=1)  # [c, k]
        indices = np.arange(start, min(start + DISTANCE_CHUNK_SIZE, n))
        distances[indices - start, indices] = -np.inf  # a point is its own nearest
        distances.sort(axis=1)
        ranks = np.stack([np.searchsorted(row, near) for row, near in zip(distances, to_neighbours, strict=True)])
        excess = np.maximum(ranks - k, 0).sum(axis=1)
        trust[rows] = 1 - excess * (2 / (k * (2 * n - 3 * k - 1)))
        on_progress(min(1.0, (start + DISTANCE_CHUNK_SIZE) / n))
    return trust
