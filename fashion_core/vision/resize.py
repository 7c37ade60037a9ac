"""Crop and shrink pictures; the last steps for every picture: longest edge to 28 pixels, centre."""

import numpy as np
from PIL import Image

from fashion_core.errors import PictureError

IMAGE_SIDE = 28
MIN_GARMENT_BRIGHTNESS = 8  # of a pixel that counts as garment


def crop_to_mask(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Crop ``image`` [h, w, ...] to the bounding box of ``mask`` bool [h, w], which must not be empty."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def shrink_to_side(image: np.ndarray, max_side: int) -> np.ndarray:
    """Shrink uint8 [h, w] or [h, w, 3] to at most ``max_side`` pixels on the longest side; smaller ones stay."""
    import cv2

    height, width = image.shape[:2]
    scale = min(1.0, max_side / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)


def resize_and_centre(grey: np.ndarray, width_factor: float = 1.0) -> np.ndarray:
    """uint8 [h, w], garment light on exactly 0 -> uint8 [28, 28], longest edge 28, centred, background 0.

    ``width_factor`` narrows a garment with spread sleeves. As Fashion-MNIST was made (arXiv:1708.07747, section 2), but
    with a box filter instead of subsampling. Raises ``PictureError`` when there is no garment.
    """
    mask = grey >= MIN_GARMENT_BRIGHTNESS
    if not mask.any():
        raise PictureError("There is no garment in this picture. Choose or draw another.")
    cropped = crop_to_mask(grey, mask)
    height, wide = cropped.shape[0], cropped.shape[1] * width_factor
    scale = IMAGE_SIDE / max(height, wide)
    size = (max(1, round(wide * scale)), max(1, round(height * scale)))
    small = np.asarray(Image.fromarray(cropped).resize(size, Image.Resampling.BOX))
    result = np.zeros((IMAGE_SIDE, IMAGE_SIDE), np.uint8)
    top, left = (IMAGE_SIDE - size[1]) // 2, (IMAGE_SIDE - size[0]) // 2
    result[top : top + size[1], left : left + size[0]] = small
    return result
