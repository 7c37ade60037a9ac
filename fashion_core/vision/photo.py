"""Photographs: find the garment's mask, and render it light on black as in Fashion-MNIST."""

from dataclasses import dataclass

import numpy as np

from fashion_core.errors import PictureError
from fashion_core.vision import segment

MAX_SEGMENTATION_SIDE_PIXELS = 144  # pixels of the longest side; more gains nothing measurable
PLAIN_BACKGROUND_TOLERANCE = 0.05 * 255  # largest difference from the corners' colour on a plain background
PALE_TOLERANCE = 4  # the same for a white garment on white, if the background is as plain as that
MAX_PALE_DISTANCE = 40  # median difference of a white garment from its background
MIN_PALE_GAIN = 4  # with the smaller tolerance, more than this times the area is a white garment, not a shadow
MIN_PHOTO_SIDE = 12  # pixels of the shorter side
MIN_GARMENT_FRACTION = 0.01  # of the picture
OPAQUE_FRACTION_RANGE = 0.02, 0.95  # of a picture with a garment that is cut out; anything else is not its shape
MIN_RENDERED_BRIGHTNESS = 8  # of a garment's darkest pixel, to tell it from the background
NO_GARMENT_MESSAGE = (
    "No garment stands out from the background. Choose a picture of one garment, cropped close, or mark the garment."
)


@dataclass(frozen=True)
class GarmentMasks:
    """Masks bool [h, w] of the garment, the likeliest first, and whether the background is plain, as in a shop."""

    masks: tuple[np.ndarray, ...]
    is_plain_background: bool


def find_garment_on_plain_background(rgb: np.ndarray) -> np.ndarray | None:
    """Mask bool [h, w] of what differs from the corners' colour; None when the border has other colours too, or when
    nothing stands out.

    ``rgb``: uint8 [h, w, 3]. The authors of Fashion-MNIST trimmed edges "that are very similar to the corner pixels",
    within 5 % (arXiv:1708.07747, section 2). White garments on white get a smaller tolerance, and no holes.
    """
    distance = _distance_from_corners(rgb)
    border = np.concatenate([distance[0], distance[-1], distance[:, 0], distance[:, -1]])
    if (border <= PLAIN_BACKGROUND_TOLERANCE).mean() < 0.95:
        return None
    mask = segment.clean_mask(distance > PLAIN_BACKGROUND_TOLERANCE)
    if np.quantile(border, 0.95) <= PALE_TOLERANCE:
        larger = segment.clean_mask(_fill_holes(distance > PALE_TOLERANCE))
        is_pale = mask.any() and np.median(distance[mask]) < MAX_PALE_DISTANCE
        if larger.sum() > mask.sum() * (1.1 if is_pale else MIN_PALE_GAIN):
            mask = larger
    return mask if mask.mean() >= MIN_GARMENT_FRACTION else None


def count_garments_on_plain_background(rgb: np.ndarray) -> int:
    """How many pieces of similar size stand apart in uint8 [h, w, 3]; ``find_garment_on_plain_background`` keeps those
    in the centre."""
    import cv2

    apart = (_distance_from_corners(rgb) > PLAIN_BACKGROUND_TOLERANCE).astype(np.uint8)
    return segment.count_similar_pieces(
        cv2.morphologyEx(apart, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8), iterations=2)
    )


def _distance_from_corners(rgb: np.ndarray) -> np.ndarray:
    """The largest difference over the channels from the median colour of the corners, float32 [h, w]."""
    import cv2

    corners = np.stack([rgb[0, 0], rgb[0, -1], rgb[-1, 0], rgb[-1, -1]]).astype(np.float32)
    colour = np.median(corners, axis=0)
    return np.maximum.reduce(cv2.split(np.abs(rgb.astype(np.float32) - colour)))


def _fill_holes(mask: np.ndarray) -> np.ndarray:
    """bool [h, w] with small gaps closed, and everything it then encloses."""
    import cv2

    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
    closed = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, kernel, iterations=2)
    outside = np.pad(closed, 1)
    cv2.floodFill(outside, None, (0, 0), 2)
    return outside[1:-1, 1:-1] != 2


def find_cut_out(opaque: np.ndarray) -> GarmentMasks | None:
    """The garment in a picture with transparency; None unless it covers 2 to 95 % of ``opaque`` bool [h, w]."""
    mask = segment.clean_mask(opaque)
    low, high = OPAQUE_FRACTION_RANGE
    return GarmentMasks((mask,), is_plain_background=True) if low <= mask.mean() <= high else None


def find_garment_masks(rgb: np.ndarray, plain: np.ndarray | None = None) -> GarmentMasks:
    """Find the garment in uint8 [h, w, 3]; raises ``PictureError`` when nothing stands out.

    ``plain``: its mask on a plain background. On any other there are up to three masks, first the one most like what
    the majority of them agree on.
    """
    if min(rgb.shape[:2]) < MIN_PHOTO_SIDE:
        raise PictureError(
            "This picture is too narrow to find a garment in it. Choose another, or crop it differently."
        )
    if rgb.reshape(-1, 3).std(axis=0).max() < 2:
        raise PictureError("This picture has only one colour. Choose one of a garment.")
    if plain is not None:
        return GarmentMasks((plain,), is_plain_background=True)
    masks = [mask for mask in segment.propose_garment_masks(rgb) if mask.mean() >= MIN_GARMENT_FRACTION]
    if not masks:
        raise PictureError(NO_GARMENT_MESSAGE)
    majority = np.mean(masks, axis=0) > 0.5
    masks.sort(key=lambda mask: -float((mask & majority).sum() / max((mask | majority).sum(), 1)))
    return GarmentMasks(tuple(masks), is_plain_background=False)


def apply_strokes_to_mask(
    rgb: np.ndarray, mask: np.ndarray, keep_strokes: np.ndarray, remove_strokes: np.ndarray
) -> np.ndarray:
    """Correct ``mask`` with strokes bool [h, w] over what belongs to the garment and what doesn't.

    Raises ``PictureError`` when nothing is left.
    """
    refined = segment.refine_mask_with_strokes(rgb, mask, keep_strokes, remove_strokes)
    if refined.mean() < MIN_GARMENT_FRACTION:
        raise PictureError("Nothing of the garment is left. Mark what to keep, or undo strokes.")
    return refined


def shrink_for_segmentation(rgb: np.ndarray) -> np.ndarray:
    """Shrink uint8 [h, w, 3] to at most 144 pixels on the longest side."""
    from PIL import Image

    image = Image.fromarray(rgb)
    image.thumbnail((MAX_SEGMENTATION_SIDE_PIXELS, MAX_SEGMENTATION_SIDE_PIXELS))
    return np.asarray(image)


def render_photo(rgb: np.ndarray, mask: np.ndarray, *, invert: bool = True) -> np.ndarray:
    """Render the garment light on black, uint8 [h, w]: inverted grey of 8 to 255 inside ``mask``, 0 outside."""
    grey = rgb @ np.array([0.299, 0.587, 0.114])
    light = 255 - grey if invert else grey
    return np.where(mask, np.clip(np.rint(light), MIN_RENDERED_BRIGHTNESS, 255), 0).astype(np.uint8)
