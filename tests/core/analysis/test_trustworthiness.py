import numpy as np
import pytest
from sklearn.manifold import trustworthiness as oracle

from fashion_core.analysis.trustworthiness import trustworthiness_by_point

RNG = np.random.default_rng(4)


@pytest.mark.parametrize("neighbours", [5, 15])
def test_the_mean_is_scikit_learn_s(neighbours: int) -> None:
    vectors = RNG.normal(size=(600, 20)).astype(np.float32)
    points = vectors[:, :2] + RNG.normal(size=(600, 2)).astype(np.float32) / 2
    ours = trustworthiness_by_point(vectors, points, neighbours)
    assert ours.shape == (600,)
    assert ours.mean() == pytest.approx(oracle(vectors, points, n_neighbors=neighbours), abs=1e-4)


def test_a_faithful_map_is_trusted_wholly() -> None:
    points = RNG.normal(size=(300, 2)).astype(np.float32)
    assert trustworthiness_by_point(points, points).min() == pytest.approx(1, abs=1e-3)


def test_a_point_put_among_strangers_is_trusted_least() -> None:
    vectors = np.concatenate([RNG.normal(size=(150, 5)), RNG.normal(size=(150, 5)) + 20]).astype(np.float32)
    points = vectors[:, :2].copy()
    points[0] = points[200]
    assert trustworthiness_by_point(vectors, points).argmin() == 0


def test_progress_ends_at_one() -> None:
    shares: list[float] = []
    trustworthiness_by_point(*[RNG.normal(size=(300, 2)).astype(np.float32)] * 2, on_progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
