import shutil
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from fashion_core.errors import DataError, JobCancelled
from fashion_core.models import picture_features, pretrained
from fashion_core.models.picture_features import features_path, load_or_compute_features
from tests.core.datasets import ToyDataset
from tests.ui.catalogues import write_catalogue


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many pictures a stand-in for the network computed, call by call: a picture's features begin with its mean."""
    sizes: list[int] = []

    def extract(pictures: Sequence[np.ndarray], on_batch: Callable[[int], None] = lambda n: None) -> np.ndarray:
        sizes.append(len(pictures))
        features = np.zeros((len(pictures), pretrained.N_FEATURES), np.float32)
        features[:, 0] = [picture.mean() for picture in pictures]
        return features

    monkeypatch.setattr(pretrained, "extract_features", extract)
    return sizes


def test_features_are_in_the_order_of_the_images_and_computed_once(computed: list[int]) -> None:
    dataset = ToyDataset(12, 7)
    features = load_or_compute_features(dataset, "train")
    means = dataset.published_train_arrays[0].mean(axis=(1, 2))
    np.testing.assert_allclose(features[:, 0], means, rtol=1e-2)
    assert sum(computed) == len(means)
    np.testing.assert_array_equal(load_or_compute_features(ToyDataset(12, 7), "train"), features)
    assert sum(computed) == len(means)


def test_what_was_done_before_a_cancel_is_kept(computed: list[int]) -> None:
    dataset = ToyDataset(48, 7)

    def cancel_after_the_first_chunk(n_done: int, n: int) -> None:
        if n_done:
            raise JobCancelled("Stopped.")

    with pytest.raises(JobCancelled):
        load_or_compute_features(dataset, "train", cancel_after_the_first_chunk)
    assert computed == [picture_features.PICTURES_PER_CHUNK]
    load_or_compute_features(dataset, "train")
    assert sum(computed) == len(dataset.published_train_arrays[0])


def test_a_damaged_file_is_computed_again(computed: list[int]) -> None:
    dataset = ToyDataset(12, 2)
    expected = load_or_compute_features(dataset, "test")
    features_path(dataset).write_bytes(b"damaged")
    np.testing.assert_array_equal(load_or_compute_features(dataset, "test"), expected)
    assert len(computed) == 2


def test_a_catalogue_that_is_deleted_meanwhile_stays_deleted(computed: list[int]) -> None:
    catalogue = write_catalogue("gone", 2)

    def delete(n_done: int, n: int) -> None:
        shutil.rmtree(catalogue.folder, ignore_errors=True)

    with pytest.raises(DataError):
        load_or_compute_features(catalogue, "train", delete)
    assert not catalogue.folder.exists()
