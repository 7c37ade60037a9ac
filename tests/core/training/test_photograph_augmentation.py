"""The changes that make a training image look like one from a photograph."""

import numpy as np
import pytest
import torch

from fashion_core.data.sample_data import generate_sample_images
from fashion_core.training import photograph_augmentation


@pytest.fixture(scope="module")
def batch() -> tuple[torch.Tensor, torch.Tensor]:
    images, labels = generate_sample_images(12, 3)
    return torch.from_numpy(images).unsqueeze(1).float() / 255, torch.from_numpy(labels.astype(np.int64))


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize(
    "change",
    [
        photograph_augmentation.imitate_photographs,
        photograph_augmentation.make_out_of_distribution_images,
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
    [photograph_augmentation.imitate_photographs, photograph_augmentation.make_out_of_distribution_images],
)
def test_the_same_seed_gives_the_same_pictures(change, batch) -> None:
    first, again, other = (change(*batch, generator(seed)) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_refitting_fills_the_longest_edge_and_centres(batch) -> None:
    x = torch.zeros(2, 1, 40, 40)
    x[0, 0, 5:25, 8:18] = 0.7
    x[1, 0, 30:34, 1:39] = 0.7
    there = photograph_augmentation.crop_and_resize(x)[:, 0] > 0
    for picture, tall in zip(there, (True, False), strict=True):
        rows, columns = np.flatnonzero(picture.any(dim=1)), np.flatnonzero(picture.any(dim=0))
        assert len(rows if tall else columns) == 28
        shorter = columns if tall else rows
        assert abs((shorter[0] + shorter[-1]) - 27) <= 1


def test_an_empty_picture_does_not_break_a_batch() -> None:
    x = torch.zeros(8, 1, 28, 28)
    assert torch.isfinite(
        photograph_augmentation.imitate_photographs(x, torch.zeros(8, dtype=torch.int64), generator())
    ).all()


def test_only_shoes_become_pairs(batch) -> None:
    x, labels = batch
    arranged = photograph_augmentation.arrange_shoes(
        x, labels, photograph_augmentation.RandomSource(len(x), generator())
    )
    is_shoe = torch.isin(labels, torch.tensor(photograph_augmentation.SHOES))
    same = (arranged == x).flatten(1).all(dim=1)
    assert torch.equal(same, ~is_shoe)
