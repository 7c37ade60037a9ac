"""The logo on a report's first page: from any picture file to a small PNG."""

import io
import warnings

from PIL import Image, ImageOps

from fashion_core.errors import PictureError
from fashion_core.vision.decode import DECODE_ERRORS

MAX_LOGO_BYTES = 5 * 2**20
MAX_LOGO_PIXELS = 25_000_000
MAX_LOGO_SIDE_PIXELS = 640  # pixels; more than a title page shows
LOGO_FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP")


def convert_logo_to_png(content: bytes) -> bytes:
    """The picture as a PNG of at most 640 pixels a side, with its transparency and without the file's metadata.

    Such a PNG stays as it is. Raises ``PictureError`` if the file is too large or not a picture.
    """
    if len(content) > MAX_LOGO_BYTES:
        raise PictureError(f"The logo is larger than {MAX_LOGO_BYTES // 2**20} MB. Choose a smaller file.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns about large sizes and broken metadata
            with Image.open(io.BytesIO(content), formats=LOGO_FORMATS) as image:
                if image.width * image.height > MAX_LOGO_PIXELS:
                    raise PictureError(
                        f"The logo has more than {MAX_LOGO_PIXELS // 10**6} megapixels. Choose a smaller picture."
                    )
                upright = ImageOps.exif_transpose(image).convert("RGBA")
            upright.thumbnail((MAX_LOGO_SIDE_PIXELS, MAX_LOGO_SIDE_PIXELS))
            pixels_only = Image.new("RGBA", upright.size)
            pixels_only.paste(upright)
            buffer = io.BytesIO()
            pixels_only.save(buffer, "PNG", optimize=True)
    except (*DECODE_ERRORS, Image.DecompressionBombError) as error:
        raise PictureError(
            "The logo is not a picture that can be read. Choose a PNG, JPEG, GIF, WebP or BMP file."
        ) from error
    return buffer.getvalue()
