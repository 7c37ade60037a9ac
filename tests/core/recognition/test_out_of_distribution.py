import numpy as np
import pytest

from fashion_core.recognition.out_of_distribution import (
    N_PRINCIPAL_DIRECTIONS,
    OOD_NEIGHBOUR_RANK,
    OodScoreScale,
    OutOfDistributionDetector,
    l2_normalize_rows,
    sum_standardized_distances,
)

RNG = np.random.default_rng(3)


def make_reference(n: int = 300, d: int = 60) -> np.ndarray:
    """Directions that lie near a plane of 10 dimensions."""
    plane = RNG.normal(size=(10, d))
    return l2_normalize_rows(RNG.normal(size=(n, 10)) @ plane + 0.01 * RNG.normal(size=(n, d)))


def test_distances_equal_scikit_learn() -> None:
    from sklearn.neighbors import NearestNeighbors

    reference, features = make_reference(), RNG.normal(size=(7, 60))
    distances = OutOfDistributionDetector((reference,), {}).compute_distances([features])[:, 0]
    expected = (
        NearestNeighbors(n_neighbors=OOD_NEIGHBOUR_RANK, metric="cosine").fit(reference).kneighbors(features)[0][:, -1]
    )
    np.testing.assert_allclose(distances, expected, atol=1e-5)


def test_the_residual_equals_that_of_scikit_learn_pca() -> None:
    from sklearn.decomposition import PCA

    reference, features = make_reference(), l2_normalize_rows(RNG.normal(size=(7, 60)))
    fitted = PCA(N_PRINCIPAL_DIRECTIONS, svd_solver="full").fit(reference)
    expected = np.linalg.norm(features - fitted.inverse_transform(fitted.transform(features)), axis=1)
    np.testing.assert_allclose(
        OutOfDistributionDetector((reference,), {}).compute_distances([features])[:, -1], expected, atol=1e-4
    )


def test_features_far_from_the_reference_have_a_higher_score() -> None:
    reference = make_reference()
    detector = OutOfDistributionDetector((reference[:200],), {})
    near, far = detector.compute_distances([reference[200:]]), detector.compute_distances([RNG.normal(size=(100, 60))])
    mean, spread = tuple(near.mean(axis=0)), tuple(near.std(axis=0))
    limit = float(np.quantile(sum_standardized_distances(near, mean, spread), 0.95))
    scaled = OutOfDistributionDetector((reference[:200],), {"photo": OodScoreScale(mean, spread, limit)})
    assert np.mean([scaled.score("photo", term[None]) > 1 for term in near]) == pytest.approx(0.05, abs=0.02)
    assert all(scaled.score("photo", term[None]) > 1 for term in far)


def test_a_reference_smaller_than_the_number_of_neighbours_works() -> None:
    assert np.isfinite(OutOfDistributionDetector((make_reference(4),), {}).compute_distances([make_reference(3)])).all()
