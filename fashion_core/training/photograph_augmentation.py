"""Training images that imitate what people photograph; on whole batches of tensors.

Photographs show garments on floors and beds: with spread sleeves, in pairs, at an angle, wrinkled, patterned, bright or
dark, cut out of the background with ragged edges. They are made from the training images themselves, float32
[n, 1, 28, 28], 0 to 1, garment light on black.
"""

import math
from functools import lru_cache

import torch
from torch.nn import functional

from fashion_core.data.classes import SHORT_CLASS_NAMES

IMAGE_SIDE = 28
PAIR_REACH = 2.0  # half side of the area in which a pair of shoes is arranged; that of an image is 1
FINE_SIDE = 56  # pixels a side while garments are distorted, so that they are not blurred
MAX_BACKGROUND_BRIGHTNESS = 0.03  # brightness up to which a pixel is background
MIN_GARMENT_BRIGHTNESS = 8 / 255  # as in prepared photographs
SLEEVED_CLASSES = tuple(SHORT_CLASS_NAMES.index(name) for name in ("T-shirt", "Pullover", "Coat", "Shirt"))
SHOES = tuple(SHORT_CLASS_NAMES.index(name) for name in ("Sandal", "Sneaker", "Boot"))
TROUSER, DRESS = SHORT_CLASS_NAMES.index("Trouser"), SHORT_CLASS_NAMES.index("Dress")


class RandomSource:
    """Draws ``n`` random values at a time from one generator, shaped [n, 1, 1, 1] to multiply a batch."""

    def __init__(self, n: int, generator: torch.Generator) -> None:
        self.n, self.generator = n, generator

    def uniform(self, low: float, high: float) -> torch.Tensor:
        return torch.empty(self.n, 1, 1, 1).uniform_(low, high, generator=self.generator)

    def bernoulli(self, p: float) -> torch.Tensor:
        return torch.rand(self.n, 1, 1, 1, generator=self.generator) < p

    def smooth_noise(self, coarse: int, fine: int, channels: int = 1) -> torch.Tensor:
        """Smooth noise of about unit size, [n, channels, fine, fine], with ``coarse`` bumps a side."""
        grid = torch.randn(self.n, channels, coarse, coarse, generator=self.generator)
        spline = _spline(coarse, fine)
        return spline @ grid @ spline.T


@lru_cache(maxsize=16)
def _spline(coarse: int, fine: int) -> torch.Tensor:
    """Bicubic interpolation of ``coarse`` values to ``fine`` as a matrix, float32 [fine, coarse]."""
    unit = torch.eye(coarse).view(coarse, 1, coarse, 1).expand(-1, -1, -1, coarse)
    return functional.interpolate(unit, size=(fine, coarse), mode="bicubic", align_corners=True)[:, 0, :, 0].T


def imitate_photographs(x: torch.Tensor, labels: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Each image as if prepared from a photograph of the garment on a floor."""
    random = RandomSource(len(x), generator)
    garments = distort_and_recentre_garments(arrange_shoes(x, labels, random), labels, random)
    return imitate_cutout_edges(distort_brightness_and_texture(garments, random), random)


def arrange_shoes(x: torch.Tensor, labels: torch.Tensor, random: RandomSource) -> torch.Tensor:
    """Turn shoes at random and make pairs of half of them, as they stand on a floor; other garments stay."""
    axis = torch.linspace(-PAIR_REACH, PAIR_REACH, FINE_SIDE)
    v, u = torch.meshgrid(axis, axis, indexing="ij")
    u, v = u.expand(len(x), 1, -1, -1), v.expand(len(x), 1, -1, -1)
    angle = torch.where(random.bernoulli(0.5), random.uniform(-0.5, 0.5), random.uniform(-math.pi / 2, math.pi / 2))
    u, v = u * torch.cos(angle) - v * torch.sin(angle), u * torch.sin(angle) + v * torch.cos(angle)
    beside = random.uniform(0.2, 0.6) * random.bernoulli(0.5)  # 0: a single shoe
    along = random.uniform(-0.3, 0.3) * (beside > 0)
    other = torch.where(random.bernoulli(0.5) & (beside > 0), -u, u)
    pair = torch.maximum(_sample(x, u - along, v - beside), _sample(x, other + along, v + beside))
    is_shoe = torch.isin(labels, torch.tensor(SHOES)).view(-1, 1, 1, 1)
    return torch.where(is_shoe, crop_and_resize(pair), x)


def distort_and_recentre_garments(x: torch.Tensor, labels: torch.Tensor, random: RandomSource) -> torch.Tensor:
    """Spread sleeves and legs, rotate, shear, stretch, tilt and warp each garment; crop and centre it at 28 pixels."""
    n, reach = len(x), 1.5  # the canvas covers [-reach, reach], the image [-1, 1]
    axis = torch.linspace(-reach, reach, FINE_SIDE + FINE_SIDE // 2)
    v, u = torch.meshgrid(axis, axis, indexing="ij")
    u, v = u.expand(n, 1, -1, -1), v.expand(n, 1, -1, -1)
    side = u.shape[-1]
    warp = random.smooth_noise(4, side, channels=2) * random.uniform(0, 0.05)
    angle = random.uniform(-0.21, 0.21)
    shear, tilt = random.uniform(-0.12, 0.12), random.uniform(-0.12, 0.12)
    narrow = torch.exp(random.uniform(-0.35, 0.3))
    depth = 1 + tilt * v  # distant parts are smaller
    u, v = u / depth, v / depth
    u, v = u * torch.cos(angle) - v * torch.sin(angle), u * torch.sin(angle) + v * torch.cos(angle)
    u, v = (u + shear * v) * narrow + warp[:, :1], v + warp[:, 1:]
    # legs part below the crotch
    crotch, apart = random.uniform(-0.4, 0.2), random.uniform(0, 0.5)
    spread_legs = (labels == TROUSER).view(-1, 1, 1, 1) & random.bernoulli(0.5)
    gap = torch.where(spread_legs, (v - crotch).clamp(min=0) * apart, torch.zeros(()))
    body = _sample(x, torch.sign(u) * (u.abs() - gap), v) * (u.abs() > gap)
    # sleeves are outside the body's width; they rotate about the shoulders
    spread = torch.isin(labels, torch.tensor(SLEEVED_CLASSES)).view(-1, 1, 1, 1) & random.bernoulli(0.6)
    half, shoulder = random.uniform(0.38, 0.62), random.uniform(-0.85, -0.6)
    lift = torch.where(spread, random.uniform(0.1, 1.1), torch.zeros(n, 1, 1, 1))
    away, sign = u.abs() - half, torch.sign(u)
    down = v - shoulder
    arm_u = away * torch.cos(lift) - down * torch.sin(lift)
    arm_v = away * torch.sin(lift) + down * torch.cos(lift)
    arms = _sample(x, sign * (arm_u + half), arm_v + shoulder) * ((arm_u > 0) & (away > -0.1))
    body = torch.where(spread, torch.maximum(body * (away <= 0), arms), body)
    return crop_and_resize(body)


def _sample(x: torch.Tensor, u: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    return functional.grid_sample(x, torch.cat([u, v], dim=1).permute(0, 2, 3, 1), align_corners=False)


def crop_and_resize(x: torch.Tensor) -> torch.Tensor:
    """Crop the garment, resize its longest edge to 28 pixels and centre it: [n, 1, 28, 28]."""
    n, _, height, width = x.shape
    inside = x[:, 0] > MAX_BACKGROUND_BRIGHTNESS
    v0, v1 = _extent(inside.any(dim=2))
    u0, u1 = _extent(inside.any(dim=1))
    size = torch.maximum(v1 - v0, u1 - u0).clamp(min=1.0)  # in pixels
    step = (torch.arange(FINE_SIDE) + 0.5) / FINE_SIDE - 0.5
    v = ((v0 + v1) / 2)[:, None] + step * size[:, None]  # [n, 56]
    u = ((u0 + u1) / 2)[:, None] + step * size[:, None]
    grid = torch.stack(
        [
            (2 * u / width - 1)[:, None, :].expand(n, FINE_SIDE, FINE_SIDE),
            (2 * v / height - 1)[:, :, None].expand(n, FINE_SIDE, FINE_SIDE),
        ],
        dim=3,
    )
    large = functional.grid_sample(x, grid, align_corners=False)
    result = functional.avg_pool2d(large, 2)
    return torch.where(result > MAX_BACKGROUND_BRIGHTNESS, result, torch.zeros(()))


def _extent(inside: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Index of the first True of bool [n, m], and one past the last, float32 [n] each."""
    m = inside.shape[1]
    positions = torch.arange(m)
    first = torch.where(inside, positions, m).amin(dim=1)
    last = torch.where(inside, positions + 1, 0).amax(dim=1)
    return first.float().clamp(max=m - 1), torch.maximum(last, first + 1).float().clamp(max=m)


def distort_brightness_and_texture(x: torch.Tensor, random: RandomSource) -> torch.Tensor:
    """Change contrast and level of the garment, negate or flatten it; add wrinkles, stripes, a print and blur."""
    mask = x > MAX_BACKGROUND_BRIGHTNESS
    inside = mask.sum(dim=(2, 3), keepdim=True).clamp(min=1)
    mean = (x * mask).sum(dim=(2, 3), keepdim=True) / inside
    y = torch.where(random.bernoulli(0.25), 1 - x, x)
    mean = torch.where(y == x, mean, 1 - mean)
    level = torch.where(random.bernoulli(0.5), random.uniform(0.15, 0.95), mean)
    contrast = torch.where(random.bernoulli(0.5), random.uniform(0.2, 1.4), torch.ones(()))
    contrast = torch.where(random.bernoulli(0.06), torch.zeros(()), contrast)
    y = level + (y - mean) * contrast
    y = y + torch.where(
        random.bernoulli(0.4), random.smooth_noise(7, IMAGE_SIDE) * random.uniform(0, 0.12), torch.zeros(())
    )
    axis = torch.linspace(-1, 1, IMAGE_SIDE)
    v, u = torch.meshgrid(axis, axis, indexing="ij")
    turn = random.uniform(0, math.pi)
    along = u * torch.cos(turn) + v * torch.sin(turn)  # [n, 1, 28, 28]
    y = y + torch.where(random.bernoulli(0.3), along * random.uniform(0, 0.15), torch.zeros(()))
    stripes = torch.sin(along * random.uniform(6, 40) + random.uniform(0, 6)) * random.uniform(0.05, 0.3)
    y = y + torch.where(random.bernoulli(0.12), stripes, torch.zeros(()))
    print_ = (random.smooth_noise(6, IMAGE_SIDE).abs() > 0.8) * random.uniform(-0.4, 0.4)  # a print or a logo
    y = y + torch.where(random.bernoulli(0.12), print_, torch.zeros(()))
    soft = functional.avg_pool2d(functional.pad(y * mask, [1] * 4), 3, stride=1)
    weight = functional.avg_pool2d(functional.pad(mask.float(), [1] * 4), 3, stride=1).clamp(min=1e-3)
    y = torch.where(random.bernoulli(0.3), soft / weight, y)
    return torch.where(mask, y.clamp(MIN_GARMENT_BRIGHTNESS, 1), torch.zeros(()))


def imitate_cutout_edges(x: torch.Tensor, random: RandomSource) -> torch.Tensor:
    """Make edges like those of a cut-out: ragged, with background left on, or cut off by the edge of the picture."""
    n = len(x)
    mask = (x > MAX_BACKGROUND_BRIGHTNESS).float()
    soft = functional.avg_pool2d(mask, 5, stride=1, padding=2)
    ragged = (soft + random.smooth_noise(14, IMAGE_SIDE) * random.uniform(0, 0.25)) > random.uniform(0.35, 0.6)
    ragged = torch.where(random.bernoulli(0.45), ragged, mask > 0)
    # a blot of ground at the edge
    near = functional.max_pool2d(mask, 9, stride=1, padding=4) > 0
    blot = (random.smooth_noise(5, IMAGE_SIDE) > random.uniform(1.1, 2.5)) & near & random.bernoulli(0.25)
    ground = (random.uniform(0.05, 0.95) + random.smooth_noise(9, IMAGE_SIDE) * random.uniform(0, 0.15)).clamp(
        MIN_GARMENT_BRIGHTNESS, 1
    )
    visible = ragged | blot
    y = torch.where(visible, torch.where(mask > 0, x, ground), torch.zeros(()))
    cut = random.uniform(0.02, 0.14) * IMAGE_SIDE * random.bernoulli(0.15)  # rows or columns outside the picture
    position = torch.arange(IMAGE_SIDE).float()
    which = torch.randint(0, 4, (n, 1, 1, 1), generator=random.generator)
    row, column = position.view(1, 1, -1, 1), position.view(1, 1, 1, -1)
    hidden = (
        ((which == 0) & (row < cut))
        | ((which == 1) & (row >= IMAGE_SIDE - cut))
        | ((which == 2) & (column < cut))
        | ((which == 3) & (column >= IMAGE_SIDE - cut))
    )
    return crop_and_resize(torch.where(hidden, torch.zeros(()), y))


def make_out_of_distribution_images(x: torch.Tensor, labels: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Images of none of the ten classes, made from a batch: halves of garments, merged garments, lumps.

    The upper part of trousers looks like shorts, the lower part of a dress like a skirt. A network that learns to be
    unsure of these is unsure of other unknown things too (D. Hendrycks et al., "Deep Anomaly Detection with Outlier
    Exposure", ICLR 2019).
    """
    n = len(x)
    random = RandomSource(n, generator)
    position = torch.arange(IMAGE_SIDE).float()
    row, column = position.view(1, 1, -1, 1), position.view(1, 1, 1, -1)
    part = random.uniform(0.3, 0.55) * IMAGE_SIDE
    trousers = (labels == TROUSER).view(-1, 1, 1, 1)
    dresses = (labels == DRESS).view(-1, 1, 1, 1)
    upper = torch.where(row < part, x, torch.zeros(()))
    lower = torch.where(row >= IMAGE_SIDE - part, x, torch.zeros(()))
    wide = torch.where(column < part, x, torch.zeros(()))
    shuffled = torch.randperm(n, generator=generator)
    other, differs = x[shuffled], (labels[shuffled] != labels).view(-1, 1, 1, 1)
    joined = torch.where(torch.where(random.bernoulli(0.5), row < IMAGE_SIDE / 2, column < IMAGE_SIDE / 2), x, other)
    v, u = torch.meshgrid(torch.linspace(-1, 1, IMAGE_SIDE), torch.linspace(-1, 1, IMAGE_SIDE), indexing="ij")
    lump = (u / random.uniform(0.3, 1)) ** 2 + (v / random.uniform(0.3, 1)) ** 2 + random.smooth_noise(
        5, IMAGE_SIDE
    ) * 0.35 < 1
    flat_bottom = (v < random.uniform(-0.2, 1)) | ~random.bernoulli(0.5)
    brim = (v.abs() < random.uniform(0.05, 0.2)) & (u.abs() < random.uniform(0.6, 1)) & random.bernoulli(0.4)
    texture = (random.uniform(0.1, 0.9) + random.smooth_noise(8, IMAGE_SIDE) * random.uniform(0, 0.2)).clamp(
        MIN_GARMENT_BRIGHTNESS, 1
    )
    lump = torch.where((lump & flat_bottom) | brim, texture, torch.zeros(()))
    kind = torch.randint(0, 8, (n, 1, 1, 1), generator=generator)
    made = torch.where(kind < 2, lump, torch.where((kind < 4) & differs, joined, torch.where(kind < 5, wide, lower)))
    made = torch.where(trousers & (kind > 0), upper, torch.where(dresses & (kind > 0), lower, made))
    return imitate_cutout_edges(distort_brightness_and_texture(crop_and_resize(made), random), random)
