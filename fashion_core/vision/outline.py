"""The outline of a garment, drawn on its picture."""

import numpy as np

OUTLINE_COLOUR = (214, 0, 108)  # RGB, on light and on dark pictures
LINES_PER_SIDE = 100  # the line's width is this part of the longer side


def draw_outline(picture: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """A copy of ``picture`` uint8 [h, w] or [h, w, 3] as uint8 [h, w, 3] with a line around ``mask`` bool [h, w]."""
    import cv2

    rgb = picture.copy() if picture.ndim == 3 else np.repeat(picture[..., None], 3, axis=2)
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    width = max(2, max(mask.shape) // LINES_PER_SIDE)
    return np.asarray(cv2.drawContours(rgb, contours, -1, OUTLINE_COLOUR, width))
