"""Files that nobody vouches for, each really made."""

import io
import zlib

import numpy as np
import pytest
from PIL import Image

from fashion_core.errors import PictureError
from fashion_core.vision import decode
from fashion_core.vision.decode import decode_picture
from fashion_core.vision.preparation import prepare_picture

RNG = np.random.default_rng(4)


def saved(image: Image.Image, form: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def shirt(mode: str = "RGB") -> Image.Image:
    """A dark top on white, 200 wide and 240 high."""
    pixels = np.full((240, 200, 3), 255, np.uint8)
    pixels[40:220, 60:140] = (60, 70, 140)
    pixels[40:90, 20:180] = (60, 70, 140)
    return Image.fromarray(pixels).convert(mode)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF"])
def test_every_allowed_format_is_read(form: str) -> None:
    rgb = decode_picture(saved(shirt(), form))
    assert rgb.shape == (240, 200, 3)
    assert rgb[150, 100, 2] > rgb[150, 100, 0] + 40
    assert prepare_picture(rgb).image.max() > 100


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(PictureError, match="empty"):
        decode_picture(b"")


@pytest.mark.parametrize("content", [b"not a picture", b"%PDF-1.4\n", b"<svg xmlns='http://www.w3.org/2000/svg'/>"])
def test_a_file_that_is_not_a_picture_is_refused(content: bytes) -> None:
    with pytest.raises(PictureError, match="not a picture"):
        decode_picture(content)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.8])
def test_a_truncated_file_is_refused_or_works_but_never_breaks(form: str, share: float) -> None:
    noisy = Image.fromarray(RNG.integers(0, 256, (60, 60, 3), dtype=np.uint8))
    content = saved(noisy, form)
    with pytest.raises(PictureError, match=r"PNG, JPEG, GIF, WebP, BMP or TIFF"):
        decode_picture(content[: int(len(content) * share)])


def test_a_file_over_20_megabytes_is_refused_by_size() -> None:
    with pytest.raises(PictureError, match="larger than 20 MB"):
        decode_picture(bytes(21 * 2**20))


def test_fifty_megapixels_work() -> None:
    rgb = decode_picture(saved(shirt().resize((7000, 7200)), "JPEG", quality=40))
    assert max(rgb.shape) <= decode.MAX_DECODED_SIDE
    assert prepare_picture(rgb).image.max() > 100


@pytest.mark.parametrize("side", [9_000, 60_000])
def test_a_bomb_is_refused_before_it_is_decoded(side: int) -> None:
    header = saved(Image.new("L", (8, 8)), "PNG")
    size = side.to_bytes(4, "big") * 2
    chunk = b"IHDR" + size + header[24:29]
    bomb = header[:12] + chunk + zlib.crc32(chunk).to_bytes(4, "big") + header[33:]
    with pytest.raises(PictureError, match="more than 64 megapixels"):
        decode_picture(bomb)


def test_an_animation_gives_its_first_frame() -> None:
    frames = [shirt(), Image.new("RGB", (200, 240), "red")]
    rgb = decode_picture(saved(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    assert tuple(rgb[5, 5]) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["CMYK", "L", "1", "P", "LA", "RGBA", "YCbCr", "LAB"])
def test_other_colour_modes_are_read(mode: str) -> None:
    form = "TIFF" if mode in ("LAB", "YCbCr", "LA") else "JPEG" if mode == "CMYK" else "PNG"
    image = Image.new("LAB", (200, 240), (255, 128, 128)) if mode == "LAB" else shirt(mode)
    rgb = decode_picture(saved(image, form))
    assert rgb.shape == (240, 200, 3)
    assert rgb.dtype == np.uint8
    assert rgb[5, 5].min() > 200


def test_sixteen_bits_keep_their_contrast() -> None:
    grey = np.asarray(shirt("L"), np.uint16) * 257
    rgb = decode_picture(saved(Image.fromarray(grey), "PNG"))
    np.testing.assert_allclose(rgb[..., 0], np.asarray(shirt("L")), atol=1)


def test_transparency_becomes_white_paper() -> None:
    image = shirt("RGBA")
    pixels = np.array(image)
    pixels[pixels[..., 0] == 255] = (0, 0, 0, 0)  # black, but nothing of it visible
    rgb = decode_picture(saved(Image.fromarray(pixels), "PNG"))
    assert tuple(rgb[5, 5]) == (255, 255, 255)


def test_a_photograph_is_rotated_by_its_exif_orientation() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn a quarter clockwise
    rgb = decode_picture(saved(shirt(), "JPEG", exif=exif.tobytes()))
    assert rgb.shape == (200, 240, 3)


def test_mutated_files_give_a_picture_or_an_error() -> None:
    small = shirt().resize((50, 60))
    sound = [saved(small, form) for form in ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")]
    outcomes = {"picture": 0, "sentence": 0}
    for i in range(300):
        content = bytearray(sound[i % len(sound)])
        for place in RNG.integers(0, len(content), RNG.integers(1, 30)):
            content[place] = RNG.integers(0, 256)
        try:
            prepare_picture(decode_picture(bytes(content)))
            outcomes["picture"] += 1
        except PictureError:
            outcomes["sentence"] += 1
    assert sum(outcomes.values()) == 300
    assert min(outcomes.values()) > 0
