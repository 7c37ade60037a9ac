"""Training images made to look like what people photograph and draw: on whole batches of tensors.

Photographs show garments spread on floors and beds: sleeves apart, seen at an angle, wrinkled and patterned, light
ones too, cut out of their ground with ragged edges. Drawings show silhouettes with lines. All of it is made of the
training images themselves. Pictures are float32 [n, 1, 28, 28], 0 to 1, garment light on black.
"""

import math
from functools import lru_cache

import torch
from torch.nn import functional

from fashion_core.data.labels import SHORT_NAMES

SIDE = 28
FINE = 56  # side on which garments are bent, so that bending does not blur them
GROUND = 0.03  # brightness up to which a pixel is background
FAINTEST = 8 / 255  # of a garment's pixel, as in photographs
TOUCHED = 0.75  # share of the images that are changed at all
DRAWN = 0.35  # share of the changed ones that become drawings
WITH_SLEEVES = tuple(SHORT_NAMES.index(name) for name in ("T-shirt", "Pullover", "Coat", "Shirt"))
OPENING = (SHORT_NAMES.index("Coat"), SHORT_NAMES.index("Shirt"))
TROUSER, DRESS = SHORT_NAMES.index("Trouser"), SHORT_NAMES.index("Dress")


class Dice:
    """Random numbers of one generator, ``n`` at a time, shaped to multiply a batch [n, 1, 1, 1]."""

    def __init__(self, n: int, generator: torch.Generator) -> None:
        self.n, self.generator = n, generator

    def uniform(self, low: float, high: float) -> torch.Tensor:
        return torch.empty(self.n, 1, 1, 1).uniform_(low, high, generator=self.generator)

    def chance(self, p: float) -> torch.Tensor:
        return torch.rand(self.n, 1, 1, 1, generator=self.generator) < p

    def noise(self, coarse: int, fine: int, channels: int = 1) -> torch.Tensor:
        """Smooth noise of about unit size, [n, channels, fine, fine], with ``coarse`` bumps a side."""
        grid = torch.randn(self.n, channels, coarse, coarse, generator=self.generator)
        spline = _spline(coarse, fine)
        return spline @ grid @ spline.T


@lru_cache(maxsize=16)
def _spline(coarse: int, fine: int) -> torch.Tensor:
    """Bicubic interpolation of ``coarse`` values to ``fine`` as a matrix, float32 [fine, coarse]."""
    unit = torch.eye(coarse).view(coarse, 1, coarse, 1).expand(-1, -1, -1, coarse)
    return functional.interpolate(unit, size=(fine, coarse), mode="bicubic", align_corners=True)[:, 0, :, 0].T


def roughen(x: torch.Tensor, labels: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Change most images of a batch as photographs and drawings would; ``labels`` int64 [n]."""
    order = torch.randperm(len(x), generator=generator)
    n_touched = round(TOUCHED * len(x))
    n_drawn = round(DRAWN * n_touched)
    drawn, photographed = order[:n_drawn], order[n_drawn:n_touched]
    y = x.clone()
    y[drawn] = as_drawings(x[drawn], labels[drawn], generator)
    y[photographed] = as_photographs(x[photographed], labels[photographed], generator)
    return y


def as_photographs(x: torch.Tensor, labels: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Each image as a photograph on a floor would come out of its preparation."""
    dice = Dice(len(x), generator)
    return tear(relight(bend(x, labels, dice), dice), dice)


def as_drawings(x: torch.Tensor, labels: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Each image as a drawing would come out of its preparation."""
    dice = Dice(len(x), generator)
    return draw(bend(x, labels, dice, strength=1.6, fine=True), labels, dice)


def bend(
    x: torch.Tensor, labels: torch.Tensor, dice: Dice, *, strength: float = 1.0, fine: bool = False
) -> torch.Tensor:
    """Spread sleeves and legs, turn, shear, stretch, tilt and warp; then the longest edge is 28 again, centred.

    With ``fine`` the result is [n, 1, 56, 56].
    """
    n, reach = len(x), 1.5  # the finer canvas shows [-reach, reach], the image being [-1, 1]
    axis = torch.linspace(-reach, reach, FINE + FINE // 2)
    v, u = torch.meshgrid(axis, axis, indexing="ij")
    u, v = u.expand(n, 1, -1, -1), v.expand(n, 1, -1, -1)
    side = u.shape[-1]
    warp = dice.noise(4, side, channels=2) * dice.uniform(0, 0.05) * strength
    angle = dice.uniform(-0.21, 0.21)
    shear, tilt = dice.uniform(-0.12, 0.12) * strength, dice.uniform(-0.12, 0.12) * strength
    narrow = torch.exp(dice.uniform(-0.35 * strength, 0.3))
    depth = 1 + tilt * v  # far parts are smaller
    u, v = u / depth, v / depth
    u, v = u * torch.cos(angle) - v * torch.sin(angle), u * torch.sin(angle) + v * torch.cos(angle)
    u, v = (u + shear * v) * narrow + warp[:, :1], v + warp[:, 1:]
    # legs part below the crotch
    crotch, apart = dice.uniform(-0.4, 0.2), dice.uniform(0, 0.5 * strength)
    walks = (labels == TROUSER).view(-1, 1, 1, 1) & dice.chance(0.5)
    gap = torch.where(walks, (v - crotch).clamp(min=0) * apart, torch.zeros(()))
    broad = torch.where(walks, dice.uniform(1 / strength, 1.0), torch.ones(()))  # drawn ones are nearly as wide as long
    body = _sample(x, torch.sign(u) * (u.abs() - gap) * broad, v) * (u.abs() > gap)
    # arms are what lies outside the body's width; they turn about the shoulders
    spread = torch.isin(labels, torch.tensor(WITH_SLEEVES)).view(-1, 1, 1, 1) & dice.chance(min(0.95, 0.6 * strength))
    half, shoulder = dice.uniform(0.38, 0.62), dice.uniform(-0.85, -0.6)
    lift = torch.where(spread, dice.uniform(0.1, 1.1), torch.zeros(n, 1, 1, 1))
    away, sign = u.abs() - half, torch.sign(u)
    down = v - shoulder
    thin, short = dice.uniform(1 / strength**1.5, 1.0), dice.uniform(1.0, strength)  # drawn sleeves are thick and short
    arm_u = (away * torch.cos(lift) - down * torch.sin(lift)) * thin
    arm_v = (away * torch.sin(lift) + down * torch.cos(lift)) * short
    arms = _sample(x, sign * (arm_u + half), arm_v + shoulder) * ((arm_u > 0) & (away > -0.1))
    body = torch.where(spread, torch.maximum(body * (away <= 0), arms), body)
    return refit(body, fine=fine)


def _sample(x: torch.Tensor, u: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    return functional.grid_sample(x, torch.cat([u, v], dim=1).permute(0, 2, 3, 1), align_corners=False)


def refit(x: torch.Tensor, *, fine: bool = False) -> torch.Tensor:
    """[n, 1, h, w] -> [n, 1, 28, 28], or 56: what is there is cropped, its longest edge made 28 (56), and centred."""
    n, _, height, width = x.shape
    there = x[:, 0] > GROUND
    v0, v1 = _extent(there.any(dim=2))
    u0, u1 = _extent(there.any(dim=1))
    size = torch.maximum(v1 - v0, u1 - u0).clamp(min=1.0)  # in pixels
    step = (torch.arange(FINE) + 0.5) / FINE - 0.5
    v = ((v0 + v1) / 2)[:, None] + step * size[:, None]  # [n, 56]
    u = ((u0 + u1) / 2)[:, None] + step * size[:, None]
    grid = torch.stack(
        [
            (2 * u / width - 1)[:, None, :].expand(n, FINE, FINE),
            (2 * v / height - 1)[:, :, None].expand(n, FINE, FINE),
        ],
        dim=3,
    )
    large = functional.grid_sample(x, grid, align_corners=False)
    result = large if fine else functional.avg_pool2d(large, 2)
    return torch.where(result > GROUND, result, torch.zeros(()))


def _extent(there: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """First and one past the last True of bool [n, m], float32 [n] each."""
    m = there.shape[1]
    places = torch.arange(m)
    first = torch.where(there, places, m).amin(dim=1)
    last = torch.where(there, places + 1, 0).amax(dim=1)
    return first.float().clamp(max=m - 1), torch.maximum(last, first + 1).float().clamp(max=m)


def relight(x: torch.Tensor, dice: Dice) -> torch.Tensor:
    """Contrast, level, negation, flatness, wrinkles, stripes and blur of the garment alone."""
    mask = x > GROUND
    inside = mask.sum(dim=(2, 3), keepdim=True).clamp(min=1)
    mean = (x * mask).sum(dim=(2, 3), keepdim=True) / inside
    y = torch.where(dice.chance(0.25), 1 - x, x)
    mean = torch.where(y == x, mean, 1 - mean)
    level = torch.where(dice.chance(0.5), dice.uniform(0.15, 0.95), mean)
    contrast = torch.where(dice.chance(0.5), dice.uniform(0.2, 1.4), torch.ones(()))
    contrast = torch.where(dice.chance(0.06), torch.zeros(()), contrast)
    y = level + (y - mean) * contrast
    y = y + torch.where(dice.chance(0.4), dice.noise(7, SIDE) * dice.uniform(0, 0.12), torch.zeros(()))
    axis = torch.linspace(-1, 1, SIDE)
    v, u = torch.meshgrid(axis, axis, indexing="ij")
    turn = dice.uniform(0, math.pi)
    along = u * torch.cos(turn) + v * torch.sin(turn)  # [n, 1, 28, 28]
    y = y + torch.where(dice.chance(0.3), along * dice.uniform(0, 0.15), torch.zeros(()))
    stripes = torch.sin(along * dice.uniform(6, 40) + dice.uniform(0, 6)) * dice.uniform(0.05, 0.3)
    y = y + torch.where(dice.chance(0.12), stripes, torch.zeros(()))
    print_ = (dice.noise(6, SIDE).abs() > 0.8) * dice.uniform(-0.4, 0.4)  # a print or a logo
    y = y + torch.where(dice.chance(0.12), print_, torch.zeros(()))
    soft = functional.avg_pool2d(functional.pad(y * mask, [1] * 4), 3, stride=1)
    weight = functional.avg_pool2d(functional.pad(mask.float(), [1] * 4), 3, stride=1).clamp(min=1e-3)
    y = torch.where(dice.chance(0.3), soft / weight, y)
    return torch.where(mask, y.clamp(FAINTEST, 1), torch.zeros(()))


def tear(x: torch.Tensor, dice: Dice) -> torch.Tensor:
    """Edges as a cut-out leaves them: ragged, with some ground left on, bits missing, or cut by the picture's edge."""
    n = len(x)
    mask = (x > GROUND).float()
    soft = functional.avg_pool2d(mask, 5, stride=1, padding=2)
    ragged = (soft + dice.noise(14, SIDE) * dice.uniform(0, 0.25)) > dice.uniform(0.35, 0.6)
    ragged = torch.where(dice.chance(0.45), ragged, mask > 0)
    # a blot of ground at the edge
    near = functional.max_pool2d(mask, 9, stride=1, padding=4) > 0
    blot = (dice.noise(5, SIDE) > dice.uniform(1.1, 2.5)) & near & dice.chance(0.25)
    ground = (dice.uniform(0.05, 0.95) + dice.noise(9, SIDE) * dice.uniform(0, 0.15)).clamp(FAINTEST, 1)
    kept = ragged | blot
    y = torch.where(kept, torch.where(mask > 0, x, ground), torch.zeros(()))
    cut = dice.uniform(0.02, 0.14) * SIDE * dice.chance(0.15)  # rows or columns that the picture does not show
    place = torch.arange(SIDE).float()
    which = torch.randint(0, 4, (n, 1, 1, 1), generator=dice.generator)
    row, column = place.view(1, 1, -1, 1), place.view(1, 1, 1, -1)
    hidden = (
        ((which == 0) & (row < cut))
        | ((which == 1) & (row >= SIDE - cut))
        | ((which == 2) & (column < cut))
        | ((which == 3) & (column >= SIDE - cut))
    )
    return refit(torch.where(hidden, torch.zeros(()), y))


def draw(x: torch.Tensor, labels: torch.Tensor, dice: Dice) -> torch.Tensor:
    """The garment as a drawing that is filled: [n, 1, 56, 56] -> [n, 1, 28, 28].

    A smooth silhouette without holes, its outline, some of its inner lines, and lines that people draw: the opening of
    a coat or a shirt, a stroke here and there.
    """
    mask = (x > GROUND).float()
    wide = functional.avg_pool2d(mask, 9, stride=1, padding=4)
    narrow = functional.avg_pool2d(mask, 5, stride=1, padding=2)
    shape = torch.where(dice.chance(0.4), wide, narrow) > dice.uniform(0.3, 0.55)
    shape = torch.where(dice.chance(0.8), _filled(shape), shape)
    ink = 1 + 2 * torch.randint(1, 3, (1,), generator=dice.generator).item()  # pixels that a line is wide: 3 or 5
    inner = -functional.max_pool2d(-shape.float(), int(ink), stride=1, padding=int(ink) // 2)
    outline = shape & (inner == 0)
    slope_u = functional.pad((x[..., 2:] - x[..., :-2]).abs(), [1, 1, 0, 0])
    slope_v = functional.pad((x[:, :, 2:] - x[:, :, :-2]).abs(), [0, 0, 1, 1])
    lines = (torch.maximum(slope_u, slope_v) > dice.uniform(0.1, 0.5)) & dice.chance(0.6)
    axis = torch.linspace(-1, 1, FINE)
    v, u = torch.meshgrid(axis, axis, indexing="ij")
    opens = torch.isin(labels, torch.tensor(OPENING)).view(-1, 1, 1, 1) & dice.chance(0.6)
    opening = (u - dice.uniform(-0.12, 0.12) - v * dice.uniform(-0.08, 0.08)).abs() < dice.uniform(0.03, 0.08)
    turn = dice.uniform(0, math.pi)
    along, across = u * torch.cos(turn) + v * torch.sin(turn), v * torch.cos(turn) - u * torch.sin(turn)
    stroke = ((across - dice.uniform(-0.6, 0.6)).abs() < 0.05) & ((along - dice.uniform(-0.6, 0.6)).abs() < 0.35)
    lines = (lines | (opening & opens) | (stroke & dice.chance(0.25))) & (inner > 0)
    style = torch.randint(0, 3, (dice.n, 1, 1, 1), generator=dice.generator)  # as in vision.drawing
    fill = torch.where(style == 2, 120 / 255, 180 / 255) + dice.uniform(-0.1, 0.15)
    tone = torch.where(style == 2, 250 / 255, torch.where(style == 1, 40 / 255, 90 / 255)) + dice.uniform(-0.1, 0.0)
    y = torch.where(shape, torch.where(lines | (outline & (style != 1)), tone, fill), torch.zeros(()))
    return refit(functional.avg_pool2d(y, 2))


def _filled(shape: torch.Tensor) -> torch.Tensor:
    """bool [n, 1, h, w] with what it encloses, found at half the size."""
    free = 1 - functional.max_pool2d(shape.float(), 2)
    outside = functional.pad(torch.zeros_like(free)[..., 1:-1, 1:-1], [1] * 4, value=1.0) * free
    for _ in range(SIDE):  # reaches all but mazes
        outside = functional.max_pool2d(outside, 3, stride=1, padding=1) * free
    enclosed = (outside + (1 - free)) == 0
    return shape | functional.interpolate(enclosed.float(), scale_factor=2, mode="nearest").bool()


def no_garments(x: torch.Tensor, labels: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Things that are none of the ten classes, made of a batch: halves of garments, garments grown together, lumps.

    The upper part of trousers is shorts and the lower part of a dress a skirt; a network that has to be unsure of
    such things is unsure of others too (D. Hendrycks et al., "Deep Anomaly Detection with Outlier Exposure", ICLR
    2019).
    """
    n = len(x)
    dice = Dice(n, generator)
    place = torch.arange(SIDE).float()
    row, column = place.view(1, 1, -1, 1), place.view(1, 1, 1, -1)
    share = dice.uniform(0.3, 0.55) * SIDE
    trousers = (labels == TROUSER).view(-1, 1, 1, 1)
    dresses = (labels == DRESS).view(-1, 1, 1, 1)
    upper = torch.where(row < share, x, torch.zeros(()))
    lower = torch.where(row >= SIDE - share, x, torch.zeros(()))
    wide = torch.where(column < share, x, torch.zeros(()))
    shuffled = torch.randperm(n, generator=generator)
    other, differs = x[shuffled], (labels[shuffled] != labels).view(-1, 1, 1, 1)
    joined = torch.where(torch.where(dice.chance(0.5), row < SIDE / 2, column < SIDE / 2), x, other)
    v, u = torch.meshgrid(torch.linspace(-1, 1, SIDE), torch.linspace(-1, 1, SIDE), indexing="ij")
    lump = (u / dice.uniform(0.3, 1)) ** 2 + (v / dice.uniform(0.3, 1)) ** 2 + dice.noise(5, SIDE) * 0.35 < 1
    flat_bottom = (v < dice.uniform(-0.2, 1)) | ~dice.chance(0.5)
    brim = (v.abs() < dice.uniform(0.05, 0.2)) & (u.abs() < dice.uniform(0.6, 1)) & dice.chance(0.4)
    texture = (dice.uniform(0.1, 0.9) + dice.noise(8, SIDE) * dice.uniform(0, 0.2)).clamp(FAINTEST, 1)
    lump = torch.where((lump & flat_bottom) | brim, texture, torch.zeros(()))
    kind = torch.randint(0, 8, (n, 1, 1, 1), generator=generator)
    made = torch.where(kind < 2, lump, torch.where((kind < 4) & differs, joined, torch.where(kind < 5, wide, lower)))
    made = torch.where(trousers & (kind > 0), upper, torch.where(dresses & (kind > 0), lower, made))
    return tear(relight(refit(made), dice), dice)
