"""The changes that make a training image look like a photograph's or a drawing's."""

import numpy as np
import pytest
import torch

from fashion_core.config.train_config import TrainConfig
from fashion_core.data.sample_data import generate_sample_images
from fashion_core.training import robust_augmentation
from fashion_core.training.augment import augment_training_batch


@pytest.fixture(scope="module")
def batch() -> tuple[torch.Tensor, torch.Tensor]:
    images, labels = generate_sample_images(12, 3)
    return torch.from_numpy(images).unsqueeze(1).float() / 255, torch.from_numpy(labels.astype(np.int64))


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize(
    "change",
    [
        robust_augmentation.imitate_photographs_and_drawings,
        robust_augmentation.imitate_photographs,
        robust_augmentation.imitate_drawings,
        robust_augmentation.make_out_of_distribution_images,
    ],
)
def test_pictures_stay_in_the_data_set_s_form(change, batch) -> None:
    x, labels = batch
    changed = change(x, labels, generator())
    assert changed.shape == x.shape
    assert changed.dtype == torch.float32
    assert torch.isfinite(changed).all()
    assert changed.min() >= 0
    assert changed.max() <= 1


@pytest.mark.parametrize(
    "change",
    [robust_augmentation.imitate_photographs_and_drawings, robust_augmentation.make_out_of_distribution_images],
)
def test_the_same_seed_gives_the_same_pictures(change, batch) -> None:
    first, again, other = (change(*batch, generator(seed)) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_a_share_of_the_images_is_left_as_it_is(batch) -> None:
    x, labels = batch
    same = (robust_augmentation.imitate_photographs_and_drawings(x, labels, generator()) == x).all(dim=(1, 2, 3))
    assert same.float().mean() == pytest.approx(1 - robust_augmentation.IMITATED_IMAGE_FRACTION, abs=0.02)


def test_refitting_fills_the_longest_edge_and_centres(batch) -> None:
    x = torch.zeros(2, 1, 40, 40)
    x[0, 0, 5:25, 8:18] = 0.7
    x[1, 0, 30:34, 1:39] = 0.7
    there = robust_augmentation.crop_and_resize(x)[:, 0] > 0
    for picture, tall in zip(there, (True, False), strict=True):
        rows, columns = np.flatnonzero(picture.any(dim=1)), np.flatnonzero(picture.any(dim=0))
        assert len(rows if tall else columns) == 28
        shorter = columns if tall else rows
        assert abs((shorter[0] + shorter[-1]) - 27) <= 1


def test_an_empty_picture_does_not_break_a_batch() -> None:
    x = torch.zeros(8, 1, 28, 28)
    assert torch.isfinite(
        robust_augmentation.imitate_photographs_and_drawings(x, torch.zeros(8, dtype=torch.int64), generator())
    ).all()


def test_a_drawing_has_no_holes() -> None:
    ring = torch.zeros(20, 1, 56, 56)
    ring[:, :, 10:46, 10:46] = 0.8
    ring[:, :, 22:34, 22:34] = 0
    drawn = robust_augmentation.render_filled_drawings(
        ring, torch.full((20,), 8), robust_augmentation.RandomSource(20, generator())
    )
    assert (drawn[:, 0, 14, 14] > 0).float().mean() > 0.5


def test_outliers_follow_the_batch_with_equal_targets(batch) -> None:
    x, labels = batch
    config = TrainConfig("improved_cnn", 1, robust=True, outliers=0.25)
    images, targets = augment_training_batch(x, labels, config, generator())
    n, m = len(x), round(0.25 * len(x))
    assert images.shape == (n + m, 1, 28, 28)
    assert targets.shape == (n + m, 10)
    assert torch.equal(targets[:n].argmax(dim=1), labels)
    assert torch.allclose(targets[n:], torch.full((m, 10), 0.1))


def test_without_them_the_targets_are_the_labels(batch) -> None:
    x, labels = batch
    images, targets = augment_training_batch(x, labels, TrainConfig("mlp", 1), generator())
    assert torch.equal(images, x)
    assert torch.equal(targets, labels)
