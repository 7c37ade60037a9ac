"""Arrays as pictures."""

import io

import numpy as np
from PIL import Image


def signed_to_rgb(difference: np.ndarray) -> np.ndarray:
    """Signed brightness float [..., 28, 28], -255 to 255 -> RGB uint8: blue where negative, orange where positive."""
    strength = np.clip(np.abs(difference) / 128, 0, 1)[..., None]
    colour = np.where(difference[..., None] > 0, np.array([230, 97, 0]), np.array([26, 133, 255]))
    return (strength * colour + (1 - strength) * 250).astype(np.uint8)


def grey_to_rgb(images: np.ndarray) -> np.ndarray:
    """Grey uint8 [..., h, w] -> RGB [..., h, w, 3]."""
    return np.repeat(images[..., None], 3, axis=-1)


def encode_png(image: np.ndarray, *, scale: int = 1) -> bytes:
    """Grey uint8 [h, w] or RGB uint8 [h, w, 3] as a PNG, each pixel a square of ``scale`` pixels."""
    into = io.BytesIO()
    large = image.repeat(scale, axis=0).repeat(scale, axis=1)
    Image.fromarray(large).save(into, "PNG", compress_level=6)
    return into.getvalue()
