import io
import json

import pytest
from PIL import Image, PngImagePlugin

from fashion_core.errors import ConfigError, PictureError
from fashion_core.report import logo
from fashion_core.report.settings import MAX_RUNS, SECTION_TITLES, ReportSettings
from tests.core.report.reports import noise_picture


def saved(**changes: object) -> bytes:
    return json.dumps(json.loads(ReportSettings().to_json()) | changes).encode()


def test_settings_come_back_as_they_were_saved() -> None:
    settings = ReportSettings(
        "Ä & <b>", "Zoë", ("cnn", "mine"), ("results", "question"), logo.convert_logo_to_png(noise_picture())
    )
    assert ReportSettings.from_json(settings.to_json().encode()) == settings
    assert ReportSettings.from_json(ReportSettings().to_json().encode()) == ReportSettings()


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"title": " "}, "title needs 1 to"),
        ({"title": "x" * 121}, "title needs"),
        ({"author": "two\nlines"}, "author holds a line break"),
        ({"author": "\ud800"}, "cannot be shown"),
        ({"title": 5}, "title needs"),
        ({"runs": ()}, "1 to 12 different runs"),
        ({"runs": ("cnn", "cnn")}, "different runs"),
        ({"runs": tuple(map(str, range(MAX_RUNS + 1)))}, "1 to 12"),
        ({"sections": ()}, "at least one section"),
        ({"sections": ("results", "nowhere")}, "no section named 'nowhere'"),
        ({"logo": b"no picture"}, "logo is no picture"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(values: dict[str, object], word: str) -> None:
    with pytest.raises(ConfigError, match=word):
        ReportSettings(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "not readable JSON"),
        (b"\xff\xfe", "not readable JSON"),
        (b"[" * 100_000, "not readable JSON"),
        (b"[]", "no settings of a report"),
        (b"{}", "no settings of a report"),
        (saved(schema=2), "format number 2 and this program reads 1. Update"),
        (saved(colour="red"), "setting 'colour' is unknown"),
        (saved(runs="cnn"), "'runs' must be a list"),
        (saved(runs=[["cnn"]]), "different runs"),
        (saved(logo="%%%"), "logo in the settings file is damaged"),
        (saved(logo=5), "logo in the settings file is damaged"),
        (saved(title=None), "title needs"),
        (b" " * (4 * 2**20 + 1), "more than 4 MB"),
    ],
)
def test_a_file_that_is_no_settings_is_named_in_a_sentence(content: bytes, word: str) -> None:
    with pytest.raises(ConfigError, match=word):
        ReportSettings.from_json(content)


def test_every_section_has_a_builder() -> None:
    from fashion_core.report.build import SECTION_BUILDERS

    assert list(SECTION_BUILDERS) == list(SECTION_TITLES)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP", "BMP"])
def test_a_logo_of_any_usual_kind_becomes_a_small_png(form: str) -> None:
    with Image.open(io.BytesIO(logo.convert_logo_to_png(noise_picture(form, (1500, 700))))) as image:
        assert (image.format, max(image.size)) == ("PNG", logo.MAX_LOGO_SIDE)


def test_a_logo_s_metadata_and_what_follows_the_picture_are_dropped() -> None:
    into, told = io.BytesIO(), PngImagePlugin.PngInfo()
    told.add_text("Comment", "<script>")
    Image.new("RGB", (20, 20)).save(into, "PNG", pnginfo=told)
    clean = logo.convert_logo_to_png(into.getvalue() + b"<script>")
    assert b"script" not in clean


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "no picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no picture"),
        (noise_picture()[:2000], "no picture"),
        (noise_picture() + b" " * logo.MAX_LOGO_BYTES, "more than 5 MB"),
    ],
)
def test_a_logo_that_is_no_picture_is_refused(content: bytes, word: str) -> None:
    with pytest.raises(PictureError, match=word):
        logo.convert_logo_to_png(content)


def test_a_logo_with_too_many_pixels_is_refused_before_it_is_decoded() -> None:
    into = io.BytesIO()
    Image.new("1", (6000, 6000)).save(into, "PNG")
    with pytest.raises(PictureError, match="megapixels"):
        logo.convert_logo_to_png(into.getvalue())
