"""The whole picture as an image, with nothing cut out: for pictures that show no garment on a background."""

import numpy as np
from PIL import Image

from fashion_core.errors import PictureError
from fashion_core.vision.resize import IMAGE_SIDE

MIN_SPREAD = 2  # standard deviation of the channel that varies most, in a picture that shows something


def letterbox(rgb: np.ndarray, *, invert: bool = False) -> np.ndarray:
    """Fit uint8 [h, w, 3] into grey uint8 [28, 28], centred, with black bars.

    A picture whose border is light is inverted, so that it is light on black as other images are; ``invert`` swaps
    that. Raises ``PictureError`` when the picture has only one colour.
    """
    if rgb.reshape(-1, 3).std(axis=0).max() < MIN_SPREAD:
        raise PictureError("This picture has only one colour. Choose one that shows something.")
    grey = np.rint(rgb @ np.array([0.299, 0.587, 0.114])).astype(np.uint8)
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    if (np.median(border) > 127) != invert:
        grey = 255 - grey
    scale = IMAGE_SIDE / max(grey.shape)
    height, width = (max(1, round(side * scale)) for side in grey.shape)
    result = np.zeros((IMAGE_SIDE, IMAGE_SIDE), np.uint8)
    top, left = (IMAGE_SIDE - height) // 2, (IMAGE_SIDE - width) // 2
    small = Image.fromarray(grey).resize((width, height), Image.Resampling.BOX)
    result[top : top + height, left : left + width] = np.asarray(small)
    return result
