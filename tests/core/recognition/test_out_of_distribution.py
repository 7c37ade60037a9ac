import numpy as np
import pytest

from fashion_core.recognition.out_of_distribution import (
    N_PRINCIPAL_DIRECTIONS,
    OOD_NEIGHBOURS,
    OodScoreScale,
    OutOfDistributionDetector,
    normalize_rows,
    sum_standardized_distances,
)

RNG = np.random.default_rng(3)


def bank(n: int = 300, d: int = 60) -> np.ndarray:
    """Directions that lie near a plane of 10 dimensions."""
    plane = RNG.normal(size=(10, d))
    return normalize_rows(RNG.normal(size=(n, 10)) @ plane + 0.01 * RNG.normal(size=(n, d)))


def test_distances_equal_scikit_learn() -> None:
    from sklearn.neighbors import NearestNeighbors

    known, asked = bank(), RNG.normal(size=(7, 60))
    found = OutOfDistributionDetector((known,), {}).compute_distances([asked])[:, 0]
    expected = NearestNeighbors(n_neighbors=OOD_NEIGHBOURS, metric="cosine").fit(known).kneighbors(asked)[0][:, -1]
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_the_residual_equals_that_of_scikit_learn_pca() -> None:
    from sklearn.decomposition import PCA

    known, asked = bank(), normalize_rows(RNG.normal(size=(7, 60)))
    fitted = PCA(N_PRINCIPAL_DIRECTIONS, svd_solver="full").fit(known)
    expected = np.linalg.norm(asked - fitted.inverse_transform(fitted.transform(asked)), axis=1)
    np.testing.assert_allclose(
        OutOfDistributionDetector((known,), {}).compute_distances([asked])[:, -1], expected, atol=1e-4
    )


def test_features_far_from_the_reference_have_a_higher_score() -> None:
    known = bank()
    strangers = OutOfDistributionDetector((known[:200],), {})
    near, far = strangers.compute_distances([known[200:]]), strangers.compute_distances([RNG.normal(size=(100, 60))])
    mean, spread = tuple(near.mean(axis=0)), tuple(near.std(axis=0))
    limit = float(np.quantile(sum_standardized_distances(near, mean, spread), 0.95))
    judged = OutOfDistributionDetector((known[:200],), {"photo": OodScoreScale(mean, spread, limit)})
    assert np.mean([judged.score("photo", term[None]) > 1 for term in near]) == pytest.approx(0.05, abs=0.02)
    assert all(judged.score("photo", term[None]) > 1 for term in far)


def test_a_reference_smaller_than_the_number_of_neighbours_works() -> None:
    assert np.isfinite(OutOfDistributionDetector((bank(4),), {}).compute_distances([bank(3)])).all()
