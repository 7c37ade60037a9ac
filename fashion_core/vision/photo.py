"""Photographs: find the garment, leave the rest black, bring its brightness to the data set's."""

from dataclasses import dataclass

import numpy as np

from fashion_core.errors import PictureError
from fashion_core.vision import segment

SEGMENTATION_SIDE = 160  # longest side on which the garment is looked for; more gains nothing measurable
PLAIN_BACKGROUND_TOLERANCE = (
    0.05 * 255
)  # distance from the corner colour up to which a shop's background counts as plain
MIN_PHOTO_SIDE = 12  # pixels of the shorter side on which a garment is looked for
MIN_GARMENT_FRACTION = 0.01  # share of the picture that a garment covers at least
MIN_RENDERED_BRIGHTNESS = 8  # brightness that a garment's darkest pixel gets, so that it is not background
NO_GARMENT_MESSAGE = (
    "No garment stands out from the background. Choose a picture with one garment, cut close, or paint what to keep."
)


@dataclass(frozen=True)
class GarmentMasks:
    """Masks bool [h, w] of the garment, the likeliest first; ``plain`` when the ground is a shop's plain one."""

    masks: tuple[np.ndarray, ...]
    is_plain_background: bool


def mask_plain_background(rgb: np.ndarray) -> np.ndarray | None:
    """Mask bool [h, w] of what differs from the corners' colour, or None when the border is not that colour.

    ``rgb``: uint8 [h, w, 3]. The data set's authors trimmed edges "that are very similar to the corner pixels",
    within 5 % (arXiv:1708.07747, section 2).
    """
    corners = np.stack([rgb[0, 0], rgb[0, -1], rgb[-1, 0], rgb[-1, -1]]).astype(np.float32)
    colour = np.median(corners, axis=0)
    distance = np.abs(rgb.astype(np.float32) - colour).max(axis=2)
    border = np.concatenate([distance[0], distance[-1], distance[:, 0], distance[:, -1]])
    if (border <= PLAIN_BACKGROUND_TOLERANCE).mean() < 0.95:
        return None
    return segment.clean_mask(distance > PLAIN_BACKGROUND_TOLERANCE)


def find_garment_masks(rgb: np.ndarray, *, is_plain_background: bool | None = None) -> GarmentMasks:
    """Masks of the garment in uint8 [h, w, 3]; raises ``PictureError`` when nothing stands out.

    ``plain`` is False when the ground is known not to be a shop's. On a cluttered ground there are three masks, the one
    most like what most of them agree on first.
    """
    if min(rgb.shape[:2]) < MIN_PHOTO_SIDE:
        raise PictureError("This picture is too narrow to find a garment on. Choose another, or cut it differently.")
    if rgb.reshape(-1, 3).std(axis=0).max() < 2:
        raise PictureError("This picture is all of one colour. Choose one with a garment on it.")
    mask = None if is_plain_background is False else mask_plain_background(rgb)
    if mask is not None and mask.mean() >= MIN_GARMENT_FRACTION:
        return GarmentMasks((mask,), is_plain_background=True)
    found = [mask for mask in segment.segment_garment(rgb) if mask.mean() >= MIN_GARMENT_FRACTION]
    if not found:
        raise PictureError(NO_GARMENT_MESSAGE)
    agreed = np.mean(found, axis=0) > 0.5
    found.sort(key=lambda mask: -float((mask & agreed).sum() / max((mask | agreed).sum(), 1)))
    return GarmentMasks(tuple(found), is_plain_background=False)


def apply_strokes_to_mask(
    rgb: np.ndarray, mask: np.ndarray, keep_strokes: np.ndarray, remove_strokes: np.ndarray
) -> np.ndarray:
    """``mask`` as the visitor's strokes ``keep`` and ``remove``, bool [h, w] each, would have it.

    Raises ``PictureError`` when nothing is left.
    """
    changed = segment.refine_mask_with_strokes(rgb, mask, keep_strokes, remove_strokes)
    if changed.mean() < MIN_GARMENT_FRACTION:
        raise PictureError("Nothing of the garment is left. Paint what to keep, or take strokes back.")
    return changed


def shrink_for_segmentation(rgb: np.ndarray) -> np.ndarray:
    """uint8 [h, w, 3] with the longest side at most 160 pixels."""
    from PIL import Image

    image = Image.fromarray(rgb)
    image.thumbnail((SEGMENTATION_SIDE, SEGMENTATION_SIDE))
    return np.asarray(image)


def render_photo(rgb: np.ndarray, mask: np.ndarray, *, invert: bool = True) -> np.ndarray:
    """Garment light on black, uint8 [h, w]: negated grey clipped to 8 to 255 inside ``mask``, 0 outside."""
    grey = rgb @ np.array([0.299, 0.587, 0.114])
    light = 255 - grey if invert else grey
    return np.where(mask, np.clip(np.rint(light), MIN_RENDERED_BRIGHTNESS, 255), 0).astype(np.uint8)
