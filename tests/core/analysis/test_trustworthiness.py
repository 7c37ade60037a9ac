import numpy as np
import pytest
from sklearn.manifold import trustworthiness as oracle

from fashion_core.analysis.trustworthiness import trustworthiness_by_point

RNG = np.random.default_rng(4)


@pytest.mark.parametrize("neighbours", [5, 15])
def test_the_mean_equals_scikit_learn(neighbours: int) -> None:
    vectors = RNG.normal(size=(600, 20)).astype(np.float32)
    points = vectors[:, :2] + RNG.normal(size=(600, 2)).astype(np.float32) / 2
    trust = trustworthiness_by_point(vectors, points, neighbours)
    assert trust.shape == (600,)
    assert trust.mean() == pytest.approx(oracle(vectors, points, n_neighbors=neighbours), abs=1e-4)


def test_a_copy_of_the_data_has_trustworthiness_1() -> None:
    points = RNG.normal(size=(300, 2)).astype(np.float32)
    assert trustworthiness_by_point(points, points).min() == pytest.approx(1, abs=1e-3)


def test_a_misplaced_point_has_the_lowest_trustworthiness() -> None:
    vectors = np.concatenate([RNG.normal(size=(150, 5)), RNG.normal(size=(150, 5)) + 20]).astype(np.float32)
    points = vectors[:, :2].copy()
    points[0] = points[200]
    assert trustworthiness_by_point(vectors, points).argmin() == 0


def test_progress_ends_at_one() -> None:
    fractions: list[float] = []
    trustworthiness_by_point(*[RNG.normal(size=(300, 2)).astype(np.float32)] * 2, on_progress=fractions.append)
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
