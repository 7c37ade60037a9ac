import numpy as np
import pytest

from fashion_core.computed.reference_features import (
    ReferenceFeatures,
    cosine_neighbours_of_mean_feature,
    l2_normalize_rows,
    shipped_weights_digest,
)
from fashion_core.errors import RunError
from fashion_core.runs.summary import RECOGNITION_RUN_IDS
from tests.core.datasets import ToyDataset


def test_the_nearest_neighbours_have_the_greatest_cosine() -> None:
    rng = np.random.default_rng(1)
    reference, asked = l2_normalize_rows(rng.normal(size=(50, 8))), rng.normal(size=(3, 8))
    numbers, similarity = cosine_neighbours_of_mean_feature(asked, reference.astype(np.float16), 5)
    expected = reference @ asked.mean(axis=0) / np.linalg.norm(asked.mean(axis=0))
    np.testing.assert_array_equal(numbers, np.argsort(-expected)[:5])
    np.testing.assert_allclose(similarity, np.sort(expected)[::-1][:5], atol=2e-3)


def test_features_have_unit_length_and_train_indices() -> None:
    data = ToyDataset(24)
    shares: list[float] = []
    arrays = ReferenceFeatures(shipped_weights_digest(RECOGNITION_RUN_IDS[0]), n=40).compute(
        data, lambda share, doing: shares.append(share)
    )
    assert arrays["features"].dtype == np.float16
    assert len(arrays["places"]) == len(arrays["features"]) == 40
    np.testing.assert_allclose(np.linalg.norm(arrays["features"].astype(np.float32), axis=1), 1, atol=2e-3)
    assert np.isin(arrays["places"], data.split("train").indices).all()
    assert shares[-1] == 1


def test_a_missing_run_raises() -> None:
    with pytest.raises(RunError, match="Install"):
        shipped_weights_digest("nowhere")
