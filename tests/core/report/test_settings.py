import io
import json

import pytest
from PIL import Image, PngImagePlugin

from fashion_core.errors import ConfigError, FashionError, PictureError
from fashion_core.report import logo
from fashion_core.report.content import SECTION_TITLES
from fashion_core.report.settings import MAX_REPORT_RUNS, ReportSettings
from tests.core.report.reports import noise_picture


def saved(**changes: object) -> bytes:
    return json.dumps(json.loads(ReportSettings().to_json()) | changes).encode()


def test_saved_settings_can_be_opened() -> None:
    settings = ReportSettings(
        "Ä & <b>", "Zoë", ("cnn", "mine"), ("results", "question"), logo.convert_logo_to_png(noise_picture())
    )
    assert ReportSettings.from_json(settings.to_json().encode()) == settings
    assert ReportSettings.from_json(ReportSettings().to_json().encode()) == ReportSettings()


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"title": " "}, "title needs"),
        ({"title": "x" * 121}, "title needs"),
        ({"author": "two\nlines"}, "author has a line break"),
        ({"author": "\ud800"}, "cannot be shown"),
        ({"title": 5}, "title needs"),
        ({"runs": ()}, "1 to 12"),
        ({"runs": ("cnn", "cnn")}, "different runs"),
        ({"runs": tuple(map(str, range(MAX_REPORT_RUNS + 1)))}, "1 to 12"),
        ({"sections": ()}, "at least one section"),
        ({"sections": ("results", "nowhere")}, "nowhere"),
        ({"logo": b"no picture"}, "logo is not a picture"),
    ],
)
def test_invalid_settings_are_refused(values: dict[str, object], word: str) -> None:
    with pytest.raises(FashionError, match=word):
        ReportSettings(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "not valid JSON"),
        (b"\xff\xfe", "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
        (b"[]", "no report settings"),
        (b"{}", "no report settings"),
        (saved(schema=2), "format 2, and this program reads format 1"),
        (saved(colour="red"), "setting 'colour' is unknown"),
        (saved(runs="cnn"), "'runs' must be a list"),
        (saved(runs=[["cnn"]]), "different runs"),
        (saved(runs=["/etc"]), "by its path"),
        (saved(runs=["..\\cnn"]), "by its path"),
        (saved(logo="%%%"), "logo in the settings file is damaged"),
        (saved(logo=5), "logo in the settings file is damaged"),
        (saved(title=None), "title needs"),
        (b" " * (4 * 2**20 + 1), "larger than 4 MB"),
    ],
)
def test_invalid_settings_files_are_refused(content: bytes, word: str) -> None:
    with pytest.raises(ConfigError, match=word):
        ReportSettings.from_json(content)


def test_every_section_has_a_builder() -> None:
    from fashion_core.report.build import SECTION_BUILDERS

    assert list(SECTION_BUILDERS) == list(SECTION_TITLES)


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "GIF", "WEBP", "BMP"])
def test_a_logo_of_any_usual_format_becomes_a_small_png(file_format: str) -> None:
    with Image.open(io.BytesIO(logo.convert_logo_to_png(noise_picture(file_format, (700, 300))))) as image:
        assert (image.format, max(image.size)) == ("PNG", logo.MAX_LOGO_SIDE_PIXELS)


def test_metadata_and_bytes_after_the_picture_are_dropped_from_a_logo() -> None:
    buffer, metadata = io.BytesIO(), PngImagePlugin.PngInfo()
    metadata.add_text("Comment", "<script>")
    Image.new("RGB", (20, 20)).save(buffer, "PNG", pnginfo=metadata)
    clean = logo.convert_logo_to_png(buffer.getvalue() + b"<script>")
    assert b"script" not in clean


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "not a picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a picture"),
        (noise_picture()[:2000], "not a picture"),
        (noise_picture() + b" " * logo.MAX_LOGO_BYTES, "larger than 5 MB"),
    ],
)
def test_invalid_logos_are_refused(content: bytes, word: str) -> None:
    with pytest.raises(PictureError, match=word):
        logo.convert_logo_to_png(content)


def test_a_logo_with_too_many_pixels_is_refused_before_it_is_decoded() -> None:
    buffer = io.BytesIO()
    Image.new("1", (6000, 6000)).save(buffer, "PNG")
    with pytest.raises(PictureError, match="megapixels"):
        logo.convert_logo_to_png(buffer.getvalue())
