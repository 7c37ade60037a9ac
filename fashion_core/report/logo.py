"""The picture on a report's first page: any file in, a small PNG out."""

import io
import warnings

from PIL import Image, ImageOps

from fashion_core.errors import PictureError
from fashion_core.vision.decode import DECODE_ERRORS

MAX_LOGO_BYTES = 5 * 2**20
MAX_LOGO_PIXELS = 25_000_000
MAX_LOGO_SIDE = 640  # pixels kept: more than a title page shows
LOGO_FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP")


def convert_logo_to_png(content: bytes) -> bytes:
    """The picture as a PNG of at most 640 pixels a side, transparency kept, nothing else of the file.

    Raises ``PictureError`` in a sentence when the file is too large or no picture.
    """
    if len(content) > MAX_LOGO_BYTES:
        raise PictureError(f"The logo has more than {MAX_LOGO_BYTES // 2**20} MB. Make it smaller and choose it again.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's remarks on sizes and broken metadata; the limits are ours
            with Image.open(io.BytesIO(content), formats=LOGO_FORMATS) as image:
                if image.width * image.height > MAX_LOGO_PIXELS:
                    raise PictureError(
                        f"The logo has more than {MAX_LOGO_PIXELS // 10**6} megapixels. Make it smaller."
                    )
                upright = ImageOps.exif_transpose(image).convert("RGBA")
            upright.thumbnail((MAX_LOGO_SIDE, MAX_LOGO_SIDE))
            clean = Image.new("RGBA", upright.size)
            clean.paste(upright)  # the pixels alone, without the file's metadata
            into = io.BytesIO()
            clean.save(into, "PNG", optimize=True)
    except PictureError:
        raise
    except (*DECODE_ERRORS, Image.DecompressionBombError) as error:
        raise PictureError(
            "The logo is no picture that can be read. Choose a whole PNG, JPEG, GIF, WebP or BMP."
        ) from error
    return into.getvalue()


def is_valid_logo(content: bytes) -> bool:
    """Whether ``content`` is a PNG as ``read`` gives it: settings files come from anywhere."""
    try:
        with Image.open(io.BytesIO(content), formats=("PNG",)) as image:
            fits = max(image.size) <= MAX_LOGO_SIDE and image.mode == "RGBA"
            if fits:
                image.load()
    except (*DECODE_ERRORS, Image.DecompressionBombError):
        return False
    return fits
