import dataclasses

import pytest
import torch

from fashion_core.config.train_config import LOW_RESOLUTION_SIDE, TrainConfig
from fashion_core.training.augment import augment_images, downsample, mix_images

PLAIN = TrainConfig("cnn", 1)


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(3)


@pytest.fixture
def images() -> torch.Tensor:
    x = torch.full((64, 1, 28, 28), -0.81)  # the normalised background
    x[:, :, 10:18, 8:16] = 2.0
    return x


def test_nothing_asked_changes_nothing(images: torch.Tensor) -> None:
    assert torch.equal(augment_images(images, PLAIN, generator()), images)


def test_a_shift_moves_by_at_most_what_was_asked_and_fills_with_background(images: torch.Tensor) -> None:
    moved = augment_images(images, dataclasses.replace(PLAIN, shift=2), generator())
    tops = {int((image[0] > 0).any(dim=1).nonzero().min()) for image in moved}
    assert tops == {8, 9, 10, 11, 12}
    assert set(moved.unique().tolist()) == set(images.unique().tolist())


def test_about_half_are_mirrored(images: torch.Tensor) -> None:
    mirrored = augment_images(images, dataclasses.replace(PLAIN, mirror=True), generator())
    flipped = [torch.equal(a, b.flip(2)) for a, b in zip(mirrored, images, strict=True)]
    kept = [torch.equal(a, b) for a, b in zip(mirrored, images, strict=True)]
    assert all(f or k for f, k in zip(flipped, kept, strict=True))
    assert 16 < sum(flipped) < 48


def test_erasing_reaches_the_asked_share_of_images(images: torch.Tensor) -> None:
    assert (
        (augment_images(images, dataclasses.replace(PLAIN, erase=1.0), generator()) != images).flatten(1).any(1).all()
    )
    some = (augment_images(images, dataclasses.replace(PLAIN, erase=0.3), generator()) != images).flatten(1).any(1)
    assert 8 <= int(some.sum()) <= 32


def test_a_smaller_image_keeps_the_mean_and_what_is_where() -> None:
    x = torch.rand(3, 1, 28, 28, generator=generator())
    x[:, :, :, 14:] = 2.0
    small = downsample(x)
    assert small.shape == (3, 1, LOW_RESOLUTION_SIDE, LOW_RESOLUTION_SIDE)
    torch.testing.assert_close(
        small[:, :, :, LOW_RESOLUTION_SIDE // 2 :],
        torch.full((3, 1, LOW_RESOLUTION_SIDE, LOW_RESOLUTION_SIDE // 2), 2.0),
    )
    torch.testing.assert_close(small.mean(dim=(2, 3)), x.mean(dim=(2, 3)), atol=0.02, rtol=0)


def test_the_same_generator_gives_the_same_images(images: torch.Tensor) -> None:
    config = dataclasses.replace(PLAIN, shift=2, mirror=True, erase=0.5)
    assert torch.equal(augment_images(images, config, generator()), augment_images(images, config, generator()))


def test_mixup_mixes_images_and_targets_alike() -> None:
    labels = torch.arange(64) % 3
    images = labels[:, None, None, None].float().expand(64, 1, 28, 28)
    mixed, targets = mix_images(images, labels, 3, 1.0, generator())
    torch.testing.assert_close(targets.sum(dim=1), torch.ones(64))
    torch.testing.assert_close(mixed[:, 0, 0, 0], targets @ torch.tensor([0.0, 1.0, 2.0]))
    assert bool((targets[range(64), labels] >= 0.5).all())
    assert bool((targets.max(dim=1).values < 1).any())
