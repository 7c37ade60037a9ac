"""Files that nobody vouches for, each really made."""

import io
import struct
import zlib

import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageDraw

from fashion_core.errors import PictureError
from fashion_core.vision import decode
from fashion_core.vision.decode import decode_picture
from fashion_core.vision.preparation import prepare_picture

RNG = np.random.default_rng(4)
FORMATS = ["PNG", "JPEG", "GIF", "WEBP", "AVIF", "BMP", "TIFF", "HEIC"]
EXIF_ORIENTATION, QUARTER_CLOCKWISE = 0x0112, 6


def saved(image: Image.Image, form: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    if form == "HEIC":
        pillow_heif.from_pillow(image).save(buffer, **options)
    else:
        image.save(buffer, form, **options)
    return buffer.getvalue()


def shirt(mode: str = "RGB") -> Image.Image:
    """A dark top on white, 200 wide and 240 high."""
    pixels = np.full((240, 200, 3), 255, np.uint8)
    pixels[40:220, 60:140] = (60, 70, 140)
    pixels[40:90, 20:180] = (60, 70, 140)
    return Image.fromarray(pixels).convert(mode)


@pytest.mark.parametrize("form", FORMATS)
def test_every_allowed_format_is_read(form: str) -> None:
    picture = decode_picture(saved(shirt(), form))
    assert picture.rgb.shape == (240, 200, 3)
    assert picture.rgb[150, 100, 2] > picture.rgb[150, 100, 0] + 40
    assert (picture.opaque, picture.notice) == (None, "")
    assert prepare_picture(picture).image.max() > 100


@pytest.mark.parametrize("form", ["HEIC", "AVIF", "WEBP"])
def test_a_photograph_looks_as_in_jpeg(form: str) -> None:
    noise = RNG.normal(0, 5, (240, 200, 3))
    photograph = Image.fromarray(np.clip(np.asarray(shirt(), np.float64) - 20 + noise, 0, 255).astype(np.uint8))
    as_jpeg, other = (decode_picture(saved(photograph, name, quality=90)).rgb.astype(int) for name in ("JPEG", form))
    assert np.abs(as_jpeg - other).mean() < 4
    assert abs((as_jpeg - other).mean()) < 1  # the same brightness


def test_opening_heic_changes_nothing_for_other_users_of_pillow() -> None:
    content = saved(shirt(), "HEIC")
    decode_picture(content)
    with pytest.raises(OSError, match="cannot identify"):
        Image.open(io.BytesIO(content))


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(PictureError, match="empty"):
        decode_picture(b"")


@pytest.mark.parametrize("content", [b"not a picture", b"%PDF-1.4\n", b"<svg xmlns='http://www.w3.org/2000/svg'/>"])
def test_a_file_that_is_not_a_picture_is_refused(content: bytes) -> None:
    with pytest.raises(PictureError, match="not a picture"):
        decode_picture(content)


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "JPEG"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.8])
def test_a_truncated_file_is_refused(form: str, share: float) -> None:
    noisy = Image.fromarray(RNG.integers(0, 256, (60, 60, 3), dtype=np.uint8))
    content = saved(noisy, form)
    with pytest.raises(PictureError, match=r"Choose a PNG, JPEG, HEIC, AVIF, GIF, WebP, BMP or TIFF"):
        decode_picture(content[: int(len(content) * share)])


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("options", [{}, {"progressive": True}])
def test_a_jpeg_without_its_last_bytes_is_read_with_a_notice(mode: str, options: dict[str, object]) -> None:
    content = saved(shirt(mode), "JPEG", **options)
    whole, cut = decode_picture(content), decode_picture(content[:-40])
    assert whole.notice == ""
    assert "end of this file is missing" in cut.notice
    assert abs(len(cut.rgb) - 240) <= 16
    assert np.abs(cut.rgb[:200].astype(int) - whole.rgb[:200]).mean() < 4


def test_only_the_rows_that_are_there_are_kept_of_half_a_jpeg() -> None:
    noisy = Image.fromarray(RNG.integers(0, 256, (320, 200, 3), dtype=np.uint8))
    content = saved(noisy, "JPEG")
    whole, half = decode_picture(content), decode_picture(content[: len(content) // 2])
    assert 140 < len(half.rgb) < 180
    assert f"{len(half.rgb) / 320:.0%} of the picture" in half.notice
    np.testing.assert_array_equal(half.rgb[:140], whole.rgb[:140])


def test_a_truncated_jpeg_is_rotated_like_a_whole_one() -> None:
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = QUARTER_CLOCKWISE
    content = saved(shirt(), "JPEG", exif=exif.tobytes())
    height, width, _ = decode_picture(content[:-40]).rgb.shape
    assert height == 200
    assert 220 <= width <= 240


@pytest.mark.parametrize("share", [0.0, 0.05, 0.15])
def test_a_jpeg_of_which_almost_nothing_is_left_is_refused(share: float) -> None:
    noisy = Image.fromarray(RNG.integers(0, 256, (320, 200, 3), dtype=np.uint8))
    content = saved(noisy, "JPEG")
    n_header = content.index(b"\xff\xda") + 14
    with pytest.raises(PictureError, match=r"missing|only part"):
        decode_picture(content[: n_header + int((len(content) - n_header) * share)])


def test_a_file_over_20_megabytes_is_refused_by_size() -> None:
    with pytest.raises(PictureError, match="larger than 20 MB"):
        decode_picture(bytes(21 * 2**20))


def test_fifty_megapixels_work() -> None:
    picture = decode_picture(saved(shirt().resize((7000, 7200)), "JPEG", quality=40))
    assert max(picture.rgb.shape) <= decode.MAX_DECODED_SIDE
    assert prepare_picture(picture).image.max() > 100


@pytest.mark.parametrize("side", [9_000, 60_000])
def test_a_bomb_is_refused_before_it_is_decoded(side: int) -> None:
    header = saved(Image.new("L", (8, 8)), "PNG")
    size = side.to_bytes(4, "big") * 2
    chunk = b"IHDR" + size + header[24:29]
    bomb = header[:12] + chunk + zlib.crc32(chunk).to_bytes(4, "big") + header[33:]
    with pytest.raises(PictureError, match="more than 64 megapixels"):
        decode_picture(bomb)


@pytest.mark.parametrize("form", ["HEIC", "AVIF"])
def test_a_bomb_of_the_new_formats_is_refused_before_it_is_decoded(form: str) -> None:
    with pytest.raises(PictureError, match="more than 64 megapixels"):
        decode_picture(with_declared_size(saved(shirt(), form), 9_000, 9_000))


def test_a_heic_that_is_larger_than_it_says_is_refused() -> None:
    with pytest.raises(PictureError):
        decode_picture(with_declared_size(saved(shirt(), "HEIC"), 16, 16))


def test_an_avif_is_never_larger_than_it_says() -> None:
    assert decode_picture(with_declared_size(saved(shirt(), "AVIF"), 16, 16)).rgb.shape == (16, 16, 3)


def with_declared_size(content: bytes, width: int, height: int) -> bytes:
    """A HEIC or AVIF whose header gives another size."""
    place = content.index(b"ispe") + 8
    return content[:place] + struct.pack(">II", width, height) + content[place + 8 :]


@pytest.mark.parametrize("form", ["GIF", "WEBP", "AVIF"])
def test_an_animation_gives_its_first_frame(form: str) -> None:
    frames = [shirt(), Image.new("RGB", (200, 240), "red")]
    rgb = decode_picture(saved(frames[0], form, save_all=True, append_images=frames[1:])).rgb
    assert rgb[5, 5].min() > 250
    assert rgb[150, 100, 2] > rgb[150, 100, 0] + 40


def test_a_heic_with_several_images_gives_the_primary_one() -> None:
    file = pillow_heif.from_pillow(Image.new("RGB", (200, 240), "red"))
    file.add_from_pillow(shirt())
    file.add_from_pillow(Image.new("RGB", (640, 480), "green"))
    buffer = io.BytesIO()
    file.save(buffer, primary_index=1)
    rgb = decode_picture(buffer.getvalue()).rgb
    assert rgb.shape == (240, 200, 3)
    assert rgb[150, 100, 2] > rgb[150, 100, 0] + 40


@pytest.mark.slow
def test_a_small_thumbnail_of_a_heic_is_not_taken_for_the_picture() -> None:
    large = saved(shirt().resize((1000, 1200)), "HEIC", thumbnails=[64])
    assert decode_picture(large).rgb.shape == (800, 667, 3)
    small = saved(shirt(), "HEIC", thumbnails=[64, 200])
    assert decode_picture(small).rgb.shape == (240, 200, 3)


def test_a_thumbnail_that_is_large_enough_saves_decoding_a_heic() -> None:
    image = shirt().resize((1000, 1200))
    rgb = decode_picture(saved(image, "HEIC", thumbnails=[320])).rgb
    assert max(rgb.shape) == 320
    expected = np.asarray(image.resize(rgb.shape[1::-1]))
    assert np.abs(rgb.astype(int) - expected).mean() < 4


def test_a_photograph_of_a_phone_with_its_film_behind_it_is_read() -> None:
    noise = np.random.default_rng(0).integers(0, 256, 2**24, np.uint8).tobytes()
    assert noise.count(b"\xff\xda") > decode.MAX_JPEG_SCANS  # bytes like those of a scan, by chance
    film = b"\x00\x00\x00\x18ftypmp42" + noise
    for form in ("JPEG", "HEIC"):
        assert decode_picture(saved(shirt(), form) + film).rgb.shape == (240, 200, 3)


def test_a_film_is_refused() -> None:
    with pytest.raises(PictureError, match="not a picture"):
        decode_picture(b"\x00\x00\x00\x14ftypqt  " + bytes(1000))


@pytest.mark.parametrize("mode", ["CMYK", "L", "1", "P", "LA", "RGBA", "YCbCr", "LAB"])
def test_other_colour_modes_are_read(mode: str) -> None:
    form = "TIFF" if mode in ("LAB", "YCbCr", "LA") else "JPEG" if mode == "CMYK" else "PNG"
    image = Image.new("LAB", (200, 240), (255, 128, 128)) if mode == "LAB" else shirt(mode)
    rgb = decode_picture(saved(image, form)).rgb
    assert rgb.shape == (240, 200, 3)
    assert rgb.dtype == np.uint8
    assert rgb[5, 5].min() > 200


def test_sixteen_bits_keep_their_contrast() -> None:
    grey = np.asarray(shirt("L"), np.uint16) * 257
    rgb = decode_picture(saved(Image.fromarray(grey), "PNG")).rgb
    np.testing.assert_allclose(rgb[..., 0], np.asarray(shirt("L")), atol=1)


@pytest.mark.parametrize(
    ("dtype", "white"), [(np.float32, 1), (np.float32, 255), (np.float32, 65_535), (np.int32, 2**30)]
)
def test_a_tiff_of_32_bits_keeps_its_contrast(dtype: type, white: int) -> None:
    stored: np.ndarray = (np.asarray(shirt("L"), np.float64) / 255 * white).astype(dtype)
    rgb = decode_picture(saved(Image.fromarray(stored), "TIFF")).rgb
    np.testing.assert_allclose(rgb[..., 0], np.asarray(shirt("L")), atol=2)


@pytest.mark.parametrize("form", ["PNG", "WEBP", "AVIF", "HEIC", "TIFF", "GIF"])
def test_transparency_becomes_white_paper_and_a_mask(form: str) -> None:
    image = shirt("RGBA")
    pixels = np.array(image)
    pixels[pixels[..., 0] == 255] = (0, 0, 0, 0)  # black, but nothing of it visible
    picture = decode_picture(saved(Image.fromarray(pixels), form))
    assert picture.rgb[5, 5].min() > 250
    assert picture.opaque is not None
    assert (picture.opaque == (pixels[..., 3] > 0)).mean() > 0.99


def test_a_picture_that_is_opaque_everywhere_has_no_mask() -> None:
    assert decode_picture(saved(shirt("RGBA"), "PNG")).opaque is None


def test_a_palette_with_a_transparent_colour_gives_a_mask() -> None:
    image = shirt().quantize(4)
    background = image.getpixel((5, 5))
    picture = decode_picture(saved(image, "PNG", transparency=background))
    assert picture.opaque is not None
    assert not picture.opaque[5, 5]
    assert picture.opaque[150, 100]


def test_a_large_cut_out_is_reduced_with_its_mask() -> None:
    pixels = np.array(shirt("RGBA").resize((2000, 2400)))
    pixels[..., 3] = np.where(pixels[..., 0] == 255, 0, 255)
    picture = decode_picture(saved(Image.fromarray(pixels), "PNG"))
    assert picture.opaque is not None
    assert picture.opaque.shape == picture.rgb.shape[:2]
    assert max(picture.opaque.shape) == decode.MAX_DECODED_SIDE


@pytest.mark.parametrize("form", ["JPEG", "HEIC", "AVIF", "WEBP", "PNG", "TIFF"])
def test_a_photograph_is_rotated_once_by_its_exif_orientation(form: str) -> None:
    image = shirt()
    ImageDraw.Draw(image).rectangle((0, 0, 40, 20), "red")  # top left, which becomes top right
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = QUARTER_CLOCKWISE
    rgb = decode_picture(saved(image, form, exif=exif.tobytes())).rgb
    assert rgb.shape == (200, 240, 3)
    assert rgb[10, 232, 0] > rgb[10, 232, 1] + 100
    assert rgb[10, 5].min() > 200


def test_mutated_files_give_a_picture_or_an_error() -> None:
    small = shirt().resize((50, 60))
    sound = [saved(small, form) for form in FORMATS]
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


@pytest.mark.parametrize(
    ("mode", "form", "side"), [("RGB", "WEBP", 5200), ("I;16", "PNG", 5200), ("RGBA", "PNG", 7000)]
)
def test_kinds_that_take_much_memory_have_a_lower_limit(mode: str, form: str, side: int) -> None:
    with pytest.raises(PictureError, match="megapixels"):
        decode_picture(saved(Image.new(mode, (side, side)), form))


def test_a_picture_of_24_megapixels_that_a_phone_saved_as_webp_is_read() -> None:
    picture = decode_picture(saved(shirt().resize((4284, 5712)), "WEBP", quality=20, method=0))
    assert picture.rgb.shape == (800, 600, 3)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "WEBP", "TIFF", "HEIC", "AVIF"])
def test_decoding_ends_when_its_time_is_over(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decode, "MAX_DECODE_SECONDS", -1.0)
    with pytest.raises(PictureError, match="too long"):
        decode_picture(saved(shirt(), form))


def test_a_jpeg_with_very_many_scans_is_refused() -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(buffer, "JPEG", progressive=True)
    content = buffer.getvalue()
    last_scan = content[content.rindex(b"\xff\xda") : -2]
    with pytest.raises(PictureError, match="scans"):
        decode_picture(content[:-2] + 200 * last_scan + content[-2:])
    content = saved(Image.new("RGB", (8000, 8000), "red"), "JPEG", progressive=True)
    with pytest.raises(PictureError, match="scans"):
        decode_picture(content[:-2] + 40 * last_scan + content[-2:])


def test_the_scans_of_a_jpeg_with_several_pictures_are_counted_too() -> None:
    frame = Image.new("RGB", (64, 64), "red")
    content = saved(frame, "MPO", progressive=True, save_all=True, append_images=[frame])
    assert decode_picture(content).rgb.shape == (64, 64, 3)
    end = content.index(b"\xff\xd9")
    last_scan = content[content.rindex(b"\xff\xda", 0, end) : end]
    with pytest.raises(PictureError, match="scans"):
        decode_picture(content[:end] + 200 * last_scan + content[end:])
