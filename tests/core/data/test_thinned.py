"""A data set with a part of the training images of some classes."""

import numpy as np

from fashion_core.data.thinned import ThinnedDataset
from tests.core.datasets import ToyDataset


def test_only_training_images_of_the_thinned_classes_are_left_out() -> None:
    whole = ToyDataset()
    thinned = ThinnedDataset(whole, [1, 3], 0.25)
    before, after = (np.bincount(each.split("train").labels, minlength=10) for each in (whole, thinned))
    assert after.tolist() == [round(0.25 * n) if c in (1, 3) else n for c, n in enumerate(before)]
    assert thinned.split_sizes["train"] == after.sum()
    for split in ("validation", "test"):
        assert np.array_equal(thinned.split(split).images, whole.split(split).images)  # type: ignore[arg-type]
    assert set(thinned.train_indices) < set(whole.train_indices)


def test_each_class_keeps_an_image_and_the_seed_draws_which() -> None:
    whole = ToyDataset()
    assert (np.bincount(ThinnedDataset(whole, range(10), 0.001).split("train").labels) == 1).all()
    draws = [ThinnedDataset(whole, [0], 0.5, seed).train_indices.tolist() for seed in (0, 0, 1)]
    assert draws[0] == draws[1] != draws[2]
