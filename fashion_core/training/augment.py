"""Random changes to training images, on whole batches of tensors."""

import numpy as np
import torch
from torch.nn import functional

from fashion_core.config.train_config import LOW_RESOLUTION_SIDE, TrainConfig
from fashion_core.models.base import PIXEL_MEAN, PIXEL_STD
from fashion_core.training.extra_pictures import ExtraPictures

# With pictures, a step takes for each image of the data set:
PICTURES_PER_IMAGE = 1.75
OUT_OF_DISTRIBUTION_FRACTION = 0.1  # images made of parts of garments, which are none of the ten classes
IMITATED_FRACTION = 0.5  # images that are changed to look like a photograph


def augment_training_batch(
    x: torch.Tensor,
    labels: torch.Tensor,
    config: TrainConfig,
    generator: torch.Generator,
    n_classes: int,
    pictures: ExtraPictures | None = None,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Images and targets of a step, from normalised images float32 [n, 1, 28, 28] and ``labels`` int64 [n].

    Targets are the labels, or with mixup float32 [n, classes]. With ``pictures`` part of the images become imitations
    of photographs, and pictures and images of none of the ten classes are mixed in: m images in all, and targets
    float32 [m, 10].
    """
    if pictures is None:
        x = augment_images(x, config, generator)
        return mix_images(x, labels, n_classes, config.mixup, generator) if config.mixup else (x, labels)
    from fashion_core.training.photograph_augmentation import imitate_photographs, make_out_of_distribution_images

    pixels = x * PIXEL_STD + PIXEL_MEAN
    n_imitated, n_other = round(IMITATED_FRACTION * len(x)), round(OUT_OF_DISTRIBUTION_FRACTION * len(x))
    sampled, sampled_targets = pictures.sample(round(PICTURES_PER_IMAGE * len(x)), generator)
    mixed = torch.cat(
        [
            imitate_photographs(pixels[:n_imitated], labels[:n_imitated], generator),
            pixels[n_imitated:],
            make_out_of_distribution_images(pixels[:n_other], labels[:n_other], generator),
            sampled,
        ]
    )
    uniform = torch.full((n_other, n_classes), 1 / n_classes)
    targets = torch.cat([functional.one_hot(labels, n_classes).float(), uniform, sampled_targets])
    order = torch.randperm(len(mixed), generator=generator)  # each ghost batch gets some of every kind
    return augment_images((mixed[order] - PIXEL_MEAN) / PIXEL_STD, config, generator), targets[order]


def mix_images(
    x: torch.Tensor, labels: torch.Tensor, n_classes: int, alpha: float, generator: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Each image mixed with another of the batch, and targets float32 [n, classes] mixed alike.

    The image's own part is at least a half; it is drawn from a Beta(``alpha``, ``alpha``) distribution (H. Zhang
    et al., "mixup: Beyond Empirical Risk Minimization", ICLR 2018).
    """
    n = len(x)
    seed = int(torch.randint(2**31, (1,), generator=generator))
    parts = torch.from_numpy(np.random.default_rng(seed).beta(alpha, alpha, n).astype(np.float32))
    parts = torch.maximum(parts, 1 - parts)[:, None]
    other = torch.randperm(n, generator=generator)
    targets = functional.one_hot(labels, n_classes).float()
    mixed = x * parts[..., None, None] + x[other] * (1 - parts)[..., None, None]
    return mixed.contiguous(memory_format=torch.channels_last), targets * parts + targets[other] * (1 - parts)


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
