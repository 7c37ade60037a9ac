"""Decode picture files from untrusted sources."""

import io
import re
import struct
import time
import warnings
import zlib
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from fashion_core.errors import PictureError

PILLOW_FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "AVIF", "BMP", "TIFF")  # HEIC has a library of its own
READABLE_FORMATS = "PNG, JPEG, HEIC, AVIF, GIF, WebP, BMP or TIFF"
# what Pillow and pillow-heif raise for damaged files, besides DecompressionBombError
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
    RuntimeError,
)
MAX_PICTURE_BYTES = 20 * 2**20
MAX_PICTURE_PIXELS = 64_000_000
TOO_MANY_PIXELS_MESSAGE = (
    f"This picture has more than {MAX_PICTURE_PIXELS // 10**6} megapixels. Make it smaller and try again."
)
MAX_DECODED_BYTES = 400 * 2**20
# measured, while it is decoded and reduced
BYTES_PER_PIXEL, BYTES_PER_TRANSPARENT_PIXEL, BYTES_PER_WIDE_PIXEL, BYTES_PER_WEBP_PIXEL = 6, 9, 16, 16
MAX_DECODE_SECONDS = 5.0
MAX_JPEG_SCANS = 100  # usual are 1 to 12
MAX_JPEG_SCAN_PIXELS = 2_000_000_000  # of all scans, each of which goes over the whole picture
JPEG_MARKER = re.compile(rb"\xff([\x02-\xcf\xd8-\xfe])")  # not what stands for a byte of data, nor a restart
JPEG_SCAN_CODE, JPEG_END_CODE = b"\xda", b"\xd9"
MAX_DECODED_SIDE = 800  # pixels of the longest side: more than 28 × 28 needs, and fast
MIN_THUMBNAIL_SIDE = 240  # pixels of the shorter side: phones put 320 x 240 into a HEIC, which decodes 100 times faster
MIN_READABLE_FRACTION = 0.25  # of the rows of a truncated JPEG
JPEG_START, JPEG_END = b"\xff\xd8", b"\xff\xd9"
ISO_MEDIA_FILE_MARK = b"ftyp"  # at byte 4 of HEIC, AVIF and MP4
MISSING_JPEG_SAMPLE = 128  # what libjpeg puts where data is missing; 127 in CMYK
MIN_OPAQUE_ALPHA = 128


@dataclass(frozen=True)
class DecodedPicture:
    """``rgb`` uint8 [h, w, 3], upright, with transparent areas white. ``opaque`` bool [h, w]: where it isn't
    transparent; None when nothing is. ``notice``: a sentence to show, such as that part of the file is missing, or
    empty."""

    rgb: np.ndarray
    opaque: np.ndarray | None = None
    notice: str = ""


def decode_picture(content: bytes) -> DecodedPicture:
    """Decode the first frame or, in HEIC, the primary image.

    Pictures are reduced to at most 800 pixels on the longest side. A JPEG whose end is missing is cropped to the rows
    that are there. Raises ``PictureError`` when the file is empty, too large, damaged or not a picture.
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
            image, notice = _load_with_notice(content)
            ImageOps.exif_transpose(image, in_place=True)
            rgb, opaque = _to_rgb(image)
            return DecodedPicture(rgb, opaque, notice)
    except Image.DecompressionBombError as error:
        raise PictureError(TOO_MANY_PIXELS_MESSAGE) from error
    except DECODE_ERRORS as error:
        raise PictureError(
            f"This file is not a picture that can be read, or only part of one. Choose a {READABLE_FORMATS} file."
        ) from error


def _load_with_notice(content: bytes) -> tuple[Image.Image, str]:
    """The first frame, and a notice if the end of a JPEG is missing; then only the rows that are there."""
    deadline = time.monotonic() + MAX_DECODE_SECONDS
    try:
        return _load_first_frame(content, deadline), ""
    except OSError:
        if not content.startswith(JPEG_START):
            raise
    image = _load_first_frame(content + JPEG_END, deadline)  # libjpeg fills the rest with grey, as in browsers
    samples = np.asarray(image).reshape(image.height, -1).astype(np.int16)
    is_filled = (np.abs(samples - MISSING_JPEG_SAMPLE) <= 1).all(axis=1)
    n_rows = int(np.flatnonzero(~is_filled).max(initial=-1)) + 1
    fraction = n_rows / image.height
    if fraction < MIN_READABLE_FRACTION:
        raise PictureError("Most of this file is missing. Copy or download it again.")
    extent = "" if fraction > 0.99 else f"; {fraction:.0%} of the picture could be read"
    return image.crop((0, 0, image.width, n_rows)), f"The end of this file is missing{extent}."


def _load_first_frame(content: bytes, deadline: float) -> Image.Image:
    image = _open(_TimedReader(content, deadline))
    if image.width * image.height > MAX_PICTURE_PIXELS:
        raise PictureError(TOO_MANY_PIXELS_MESSAGE)
    n_pixels = image.width * image.height
    max_pixels = MAX_DECODED_BYTES // _bytes_per_pixel(image)
    if n_pixels > max_pixels:
        raise PictureError(
            f"In this format, a picture can have {max_pixels // 10**6} megapixels. Make it smaller and try again."
        )
    n_scans = _count_scans(content) if content.startswith(JPEG_START) else 1
    if n_scans > MAX_JPEG_SCANS or n_scans * n_pixels > MAX_JPEG_SCAN_PIXELS:
        raise PictureError("This JPEG has more scans than any camera writes. Save it again and try that.")
    if max(image.size) > MAX_DECODED_SIDE:  # decode a JPEG at a smaller size, or a thumbnail of the whole HEIC
        side = MIN_THUMBNAIL_SIDE if image.format == "HEIF" else MAX_DECODED_SIDE
        image.draft("RGB", (side, side))
    image.load()
    return image


def _count_scans(content: bytes) -> int:
    """Scans of the first picture in a JPEG; phones put more pictures, or a film, behind it."""
    n_scans, position = 0, len(JPEG_START)
    while (marker := JPEG_MARKER.search(content, position)) and marker[1] != JPEG_END_CODE:
        n_scans += marker[1] == JPEG_SCAN_CODE
        position = marker.end() + int.from_bytes(content[marker.end() : marker.end() + 2])  # the length of its segment
    return n_scans


class _TimedReader(io.BytesIO):
    """The content of a file, which can be read until ``deadline``, in ``time.monotonic()``: so decoding ends then."""

    def __init__(self, content: bytes, deadline: float) -> None:
        super().__init__(content)
        self._deadline = deadline

    def read(self, size: int | None = -1, /) -> bytes:
        if time.monotonic() > self._deadline:
            raise PictureError("This picture takes too long to decode. Save it in another format and try that.")
        return super().read(size)


def _open(file: io.BytesIO) -> ImageFile.ImageFile:
    """Read the header only. HEIC files are opened without registering their format for the whole process."""
    try:
        return Image.open(file, formats=PILLOW_FORMATS)
    except UnidentifiedImageError:
        if file.getbuffer()[4:8] != ISO_MEDIA_FILE_MARK:
            raise
        import pillow_heif

        return pillow_heif.HeifImageFile(file)


def _is_wide(image: Image.Image) -> bool:
    """Whether a pixel has more than 8 bits a channel."""
    return image.mode in ("I", "F") or image.mode.startswith("I;16")


def _bytes_per_pixel(image: Image.Image) -> int:
    if image.format == "WEBP":
        return BYTES_PER_WEBP_PIXEL
    if _is_wide(image):
        return BYTES_PER_WIDE_PIXEL
    return BYTES_PER_TRANSPARENT_PIXEL if image.has_transparency_data else BYTES_PER_PIXEL


def _wide_unit(values: np.ndarray) -> float:
    """How much of ``values``, of more than 8 bits, is a step of 8 bits: files don't say which value is white."""
    largest = float(values.max())
    if values.dtype.kind == "f" and largest <= 1:
        return 1 / 255
    if largest <= 255:
        return 1.0
    return 257.0 if largest <= 65_535 else largest / 255


def _to_rgb(image: Image.Image) -> tuple[np.ndarray, np.ndarray | None]:
    """uint8 [h, w, 3] of an image in any of Pillow's modes, and bool [h, w] where it is opaque, None for everywhere."""
    if _is_wide(image):
        stored = np.asarray(image)
        values = stored.astype(np.float32)
        values /= _wide_unit(stored)
        image = Image.fromarray(np.clip(values, 0, 255, out=values).astype(np.uint8))
    if max(image.size) > MAX_DECODED_SIDE:
        if image.mode in ("P", "1"):
            image = image.convert("RGBA" if image.has_transparency_data else "RGB")
        # as sharp as the default, bicubic, in half the time
        image.thumbnail((MAX_DECODED_SIDE, MAX_DECODED_SIDE), Image.Resampling.HAMMING)
    if not image.has_transparency_data:
        return np.asarray(image.convert("RGB"), np.uint8), None
    layered = image.convert("RGBA")
    rgb = Image.alpha_composite(Image.new("RGBA", layered.size, "white"), layered).convert("RGB")
    opaque = np.asarray(layered.getchannel("A")) >= MIN_OPAQUE_ALPHA
    return np.asarray(rgb), None if opaque.all() else opaque
