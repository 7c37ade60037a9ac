"""Random changes to training images, on whole batches of tensors."""

import torch
from torch.nn import functional

from fashion_core.config.train_config import LOW_RESOLUTION_SIDE, TrainConfig
from fashion_core.data.classes import N_CLASSES
from fashion_core.models.base import PIXEL_MEAN, PIXEL_STD


def augment_training_batch(
    x: torch.Tensor, labels: torch.Tensor, config: TrainConfig, generator: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Images and targets of a step, from normalised images float32 [n, 1, 28, 28] and ``labels`` int64 [n].

    Targets are the labels or, if m out-of-distribution images follow the n images, probabilities float32 [n + m, 10],
    which for those are all equal.
    """
    if not config.robust and not config.outliers:
        return augment_images(x, config, generator), labels
    from fashion_core.training.robust_augmentation import (
        imitate_photographs_and_drawings,
        make_out_of_distribution_images,
    )

    pixels = x * PIXEL_STD + PIXEL_MEAN
    targets = labels
    augmented = imitate_photographs_and_drawings(pixels, labels, generator) if config.robust else pixels
    if m := round(config.outliers * len(x)):
        chosen = torch.randperm(len(x), generator=generator)[:m]
        augmented = torch.cat([augmented, make_out_of_distribution_images(pixels[chosen], labels[chosen], generator)])
        uniform = torch.full((m, N_CLASSES), 1 / N_CLASSES)
        targets = torch.cat([functional.one_hot(labels, N_CLASSES).float(), uniform])
    return augment_images((augmented - PIXEL_MEAN) / PIXEL_STD, config, generator), targets


def downsample(x: torch.Tensor) -> torch.Tensor:
    """Images float32 [n, 1, 28, 28] at ``LOW_RESOLUTION_SIDE`` pixels a side, by averaging."""
    small = functional.interpolate(x, size=(LOW_RESOLUTION_SIDE, LOW_RESOLUTION_SIDE), mode="area")
    return small.contiguous(memory_format=torch.channels_last)


def augment_images(x: torch.Tensor, config: TrainConfig, generator: torch.Generator) -> torch.Tensor:
    """Shift, mirror and erase a batch float32 [n, 1, 28, 28] as ``config`` says; randomness from ``generator``.

    Erasing fills a rectangle of 2 to 25 % of the area with noise (Z. Zhong et al., "Random Erasing Data
    Augmentation", arXiv:1708.04896).
    """
    n, _, height, width = x.shape
    if config.shift:
        margin = config.shift
        background = x.amin()
        padded = functional.pad(x - background, [margin] * 4)  # with the background, which is not 0
        rows = torch.randint(0, 2 * margin + 1, (n, 1), generator=generator) + torch.arange(height)  # [n, 28]
        columns = torch.randint(0, 2 * margin + 1, (n, 1), generator=generator) + torch.arange(width)  # [n, 28]
        x = padded[torch.arange(n)[:, None, None], 0, rows[:, :, None], columns[:, None, :]].unsqueeze(1) + background
    if config.mirror:
        flips = torch.rand(n, generator=generator) < 0.5
        x = torch.where(flips[:, None, None, None], x.flip(3), x)
    if config.erase:
        chosen = torch.rand(n, generator=generator) < config.erase
        area = torch.empty(n).uniform_(0.02, 0.25, generator=generator) * height * width
        aspect = torch.exp(torch.empty(n).uniform_(-1.0, 1.0, generator=generator))  # height over width, 0.37 to 2.7
        tall = (area * aspect).sqrt().clamp(1, height)
        wide = (area / aspect).sqrt().clamp(1, width)
        top = torch.rand(n, generator=generator) * (height - tall)
        left = torch.rand(n, generator=generator) * (width - wide)
        y = torch.arange(height)
        z = torch.arange(width)
        in_rows = (y >= top[:, None]) & (y < (top + tall)[:, None])  # [n, 28]
        in_columns = (z >= left[:, None]) & (z < (left + wide)[:, None])  # [n, 28]
        hole = (in_rows[:, :, None] & in_columns[:, None, :] & chosen[:, None, None]).unsqueeze(1)
        x = torch.where(hole, torch.randn(x.shape, generator=generator), x)
    return x.contiguous(memory_format=torch.channels_last)
