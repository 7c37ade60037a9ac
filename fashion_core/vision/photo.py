"""Photographs: find the garment, leave the rest black, bring its brightness to the data set's."""

import numpy as np

from fashion_core.errors import PictureError

SIDE = 160  # longest side on which the garment is looked for; more gains nothing measurable
BORDER = 0.04  # share of each side that is background for certain
PLAIN = 0.05 * 255  # distance from the corner colour up to which a shop's background counts as plain
NARROWEST = 12  # pixels of the shorter side on which a garment is looked for
SMALLEST = 0.01  # share of the picture that a garment covers at least


def plain_background(rgb: np.ndarray) -> np.ndarray | None:
    """Mask bool [h, w] of what differs from the corners' colour, or None when the border is not that colour.

    ``rgb``: uint8 [h, w, 3]. The data set's authors trimmed edges "that are very similar to the corner pixels",
    within 5 % (arXiv:1708.07747, section 2).
    """
    corners = np.stack([rgb[0, 0], rgb[0, -1], rgb[-1, 0], rgb[-1, -1]]).astype(np.float32)
    colour = np.median(corners, axis=0)
    distance = np.abs(rgb.astype(np.float32) - colour).max(axis=2)
    border = np.concatenate([distance[0], distance[-1], distance[:, 0], distance[:, -1]])
    if (border <= PLAIN).mean() < 0.95:
        return None
    return _clean(distance > PLAIN)


def grabcut(rgb: np.ndarray) -> np.ndarray:
    """Mask bool [h, w] of the garment on a cluttered ground, by GrabCut from an inset rectangle.

    C. Rother, V. Kolmogorov and A. Blake, "GrabCut" (SIGGRAPH 2004), on Lab colours with a and b doubled, after a
    bilateral filter.
    """
    import cv2

    height, width = rgb.shape[:2]
    smooth = cv2.bilateralFilter(rgb, 7, 40, 7)
    lab = cv2.cvtColor(smooth, cv2.COLOR_RGB2LAB).astype(np.float32)
    lab[..., 1:] = np.clip(128 + 2 * (lab[..., 1:] - 128), 0, 255)
    mask = np.full((height, width), cv2.GC_PR_FGD, np.uint8)
    dy, dx = max(1, round(height * BORDER)), max(1, round(width * BORDER))
    mask[:dy], mask[-dy:], mask[:, :dx], mask[:, -dx:] = (cv2.GC_BGD,) * 4
    cv2.setRNGSeed(0)  # GrabCut's mixtures start at random
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(lab.astype(np.uint8), mask, (0, 0, 1, 1), *models, 4, cv2.GC_INIT_WITH_MASK)
    return _clean((mask == cv2.GC_FGD) | (mask == cv2.GC_PR_FGD))


def find_garment(rgb: np.ndarray) -> np.ndarray:
    """Mask bool [h, w] of the garment in uint8 [h, w, 3]; raises ``PictureError`` when nothing stands out."""
    if min(rgb.shape[:2]) < NARROWEST:
        raise PictureError("This picture is too narrow to find a garment on. Choose another, or cut it differently.")
    if rgb.reshape(-1, 3).std(axis=0).max() < 2:
        raise PictureError("This picture is all of one colour. Choose one with a garment on it.")
    mask = plain_background(rgb)
    if mask is None or mask.mean() < SMALLEST:
        mask = grabcut(rgb)
    if mask.mean() < SMALLEST:
        raise PictureError("No garment stands out from the background. Choose a picture with one garment, cut close.")
    return mask


def shrink(rgb: np.ndarray) -> np.ndarray:
    """uint8 [h, w, 3] with the longest side at most 160 pixels."""
    from PIL import Image

    image = Image.fromarray(rgb)
    image.thumbnail((SIDE, SIDE))
    return np.asarray(image)


def render(rgb: np.ndarray, mask: np.ndarray, *, invert: bool = True) -> np.ndarray:
    """Garment light on black, uint8 [h, w]: negated grey clipped to 8 to 255 inside ``mask``, 0 outside."""
    grey = rgb @ np.array([0.299, 0.587, 0.114])
    light = 255 - grey if invert else grey
    return np.where(mask, np.clip(np.rint(light), 8, 255), 0).astype(np.uint8)


def _clean(mask: np.ndarray) -> np.ndarray:
    """Speckles and gaps removed, the largest central part kept, small holes filled; bool [h, w]."""
    import cv2

    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
    found = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, kernel)
    found = cv2.morphologyEx(found, cv2.MORPH_CLOSE, kernel, iterations=2)
    n, parts, stats, centres = cv2.connectedComponentsWithStats(found)
    if n <= 1:
        return mask & False
    height, width = mask.shape
    offset = np.hypot((centres[1:, 0] - width / 2) / width, (centres[1:, 1] - height / 2) / height)
    score = stats[1:, cv2.CC_STAT_AREA] * np.exp(-((offset / 0.35) ** 2))
    best = 1 + int(score.argmax())
    # a second part of similar size belongs to the garment too: the other trouser leg, the other shoe
    kept = parts == best
    for other in range(1, n):
        if other != best and score[other - 1] > 0.5 * score[best - 1]:
            kept |= parts == other
    holes, labels, hole_stats, _ = cv2.connectedComponentsWithStats((~kept).astype(np.uint8), connectivity=4)
    for hole in range(1, holes):
        x, y, w, h, area = hole_stats[hole]
        inside = x > 0 and y > 0 and x + w < width and y + h < height
        if inside and area < 0.04 * kept.sum():
            kept |= labels == hole
    return kept
