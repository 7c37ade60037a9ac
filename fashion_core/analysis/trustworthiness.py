"""How far a flat map can be believed: trustworthiness, of the whole map and of each point on it."""

from collections.abc import Callable

import numpy as np

N_NEIGHBOURS = 15
DISTANCE_CHUNK_SIZE = 256  # points whose distances to all others are held at once


def trustworthiness_by_point(
    vectors: np.ndarray,
    points: np.ndarray,
    n_neighbours: int = N_NEIGHBOURS,
    on_progress: Callable[[float], None] = lambda share: None,
) -> np.ndarray:
    """Trustworthiness of each point, float32 [n], 0 to 1; their mean is the map's, as scikit-learn computes it.

    ``vectors`` float32 [n, d] are the originals, ``points`` float32 [n, 2] their places. A point loses trust by each
    of its ``neighbours`` nearest points on the map that is not among as many nearest originals, by how far beyond
    them it ranks. J. Venna and S. Kaski, "Neighborhood preservation in nonlinear projection methods", ICANN 2001.
    """
    from sklearn.neighbors import NearestNeighbors

    n = len(vectors)
    k = min(n_neighbours, (n - 1) // 2)
    near = NearestNeighbors(n_neighbors=k).fit(points).kneighbors(return_distance=False)  # [n, k], without itself
    squares = np.einsum("nd,nd->n", vectors, vectors)  # [n]
    trust = np.empty(n, np.float32)
    for start in range(0, n, DISTANCE_CHUNK_SIZE):
        rows = slice(start, start + DISTANCE_CHUNK_SIZE)
        distances = squares - 2 * vectors[rows] @ vectors.T  # [c, n], without the row's own square
        of_near = np.take_along_axis(distances, near[rows], axis=1)  # [c, k]
        places = np.arange(start, min(start + DISTANCE_CHUNK_SIZE, n))
        distances[places - start, places] = -np.inf  # a point is its own nearest
        distances.sort(axis=1)
        ranks = np.stack([np.searchsorted(row, found) for row, found in zip(distances, of_near, strict=True)])
        beyond = np.maximum(ranks - k, 0).sum(axis=1)
        trust[rows] = 1 - beyond * (2 / (k * (2 * n - 3 * k - 1)))
        on_progress(min(1.0, (start + DISTANCE_CHUNK_SIZE) / n))
    return trust
