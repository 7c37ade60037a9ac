"""Arrays as pictures."""

import io

import numpy as np
from PIL import Image

POSITIVE_RGB, NEGATIVE_RGB, ZERO_RGB = (230, 97, 0), (26, 133, 255), 250
SATURATING_BRIGHTNESS_DIFFERENCE = 128  # brightness difference from which the colour no longer changes


def brightness_difference_to_rgb(difference: np.ndarray) -> np.ndarray:
    """Brightness differences float [..., 28, 28] -> RGB uint8: blue below 0, orange above."""
    strength = np.clip(np.abs(difference) / SATURATING_BRIGHTNESS_DIFFERENCE, 0, 1)[..., None]
    colour = np.where(difference[..., None] > 0, np.array(POSITIVE_RGB), np.array(NEGATIVE_RGB))
    return (strength * colour + (1 - strength) * ZERO_RGB).astype(np.uint8)


def grey_to_rgb(images: np.ndarray) -> np.ndarray:
    """Grey uint8 [..., h, w] -> RGB [..., h, w, 3]."""
    return np.repeat(images[..., None], 3, axis=-1)


def encode_png(image: np.ndarray, *, scale: int = 1) -> bytes:
    """Grey uint8 [h, w] or RGB uint8 [h, w, 3] as a PNG, each pixel enlarged to ``scale`` x ``scale``."""
    buffer = io.BytesIO()
    Image.fromarray(image.repeat(scale, axis=0).repeat(scale, axis=1)).save(buffer, "PNG", compress_level=6)
    return buffer.getvalue()
