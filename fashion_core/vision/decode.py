"""Decode picture files from untrusted sources."""

import io
import struct
import warnings
import zlib

import numpy as np
from PIL import Image, ImageOps

from fashion_core.errors import PictureError

PICTURE_FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")
# what Pillow raises for damaged files, besides DecompressionBombError
DECODE_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    IndexError,
    KeyError,
    struct.error,
    zlib.error,
    EOFError,
    OverflowError,
    MemoryError,
)
MAX_PICTURE_BYTES = 20 * 2**20
MAX_PICTURE_PIXELS = 64_000_000
TOO_MANY_PIXELS_MESSAGE = (
    f"This picture has more than {MAX_PICTURE_PIXELS // 10**6} megapixels. Make it smaller and try again."
)
MAX_DECODED_SIDE = 800  # pixels of the longest side: more than 28 × 28 needs, and fast


def decode_picture(content: bytes) -> np.ndarray:
    """Decode the first frame as RGB uint8 [h, w, 3], upright, with transparent areas white.

    Pictures are reduced to at most 800 pixels on the longest side. Raises ``PictureError`` when the file is empty, too
    large, truncated or not a picture.
    """
    if not content:
        raise PictureError("This file is empty. Choose a picture.")
    if len(content) > MAX_PICTURE_BYTES:
        raise PictureError(
            f"This file is larger than {MAX_PICTURE_BYTES // 2**20} MB. Make the picture smaller and try again."
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about sizes and broken metadata; the limits here are stricter
            with Image.open(io.BytesIO(content), formats=PICTURE_FORMATS) as image:
                width, height = image.size
                if width * height > MAX_PICTURE_PIXELS:
                    raise PictureError(TOO_MANY_PIXELS_MESSAGE)
                image.draft("RGB", (MAX_DECODED_SIDE, MAX_DECODED_SIDE))  # decodes a JPEG at a smaller size
                image.load()
                upright = ImageOps.exif_transpose(image)
                return _to_rgb(upright)
    except PictureError:
        raise
    except Image.DecompressionBombError as error:
        raise PictureError(TOO_MANY_PIXELS_MESSAGE) from error
    except DECODE_ERRORS as error:
        raise PictureError(
            "This file is not a picture that can be read, or only part of one. "
            "Choose a PNG, JPEG, GIF, WebP, BMP or TIFF."
        ) from error


def _to_rgb(image: Image.Image) -> np.ndarray:
    """uint8 [h, w, 3] of an image in any of Pillow's modes."""
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        values = np.asarray(image, np.float64)
        top = 65535.0 if values.max() > 255 else 255.0
        image = Image.fromarray(np.clip(values / top * 255, 0, 255).astype(np.uint8))
    if max(image.size) > MAX_DECODED_SIDE:
        if image.mode in ("P", "1"):
            image = image.convert("RGBA" if "transparency" in image.info else "RGB")
        image.thumbnail((MAX_DECODED_SIDE, MAX_DECODED_SIDE))
    if "A" in image.getbands() or "transparency" in image.info:
        layered = image.convert("RGBA")
        white = Image.new("RGBA", layered.size, "white")
        image = Image.alpha_composite(white, layered)
    return np.asarray(image.convert("RGB"), np.uint8)
