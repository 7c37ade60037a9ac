import io
import json
import re
import shutil
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from fashion_core.data import FashionMNIST
from fashion_core.report import html, logo, matrix_colours
from fashion_core.report.content import ConfusionMatrixFigure, Report
from fashion_core.runs.store import RunStore
from tests.core.report.reports import (
    HTML_INJECTION,
    build_default_report,
    build_test_report,
    find_figures,
    noise_picture,
)


class Page(HTMLParser):
    """What an HTML document is made of and refers to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.references: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.unnamed: list[str] = []
        self.data = ""
        self._in_data = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.append(tag)
        self.attributes += list(values)
        self.references += [values[name] or "" for name in ("src", "href") if name in values]
        named = values.get("alt") or values.get("aria-label") or values.get("aria-hidden")
        if tag in ("img", "svg") and not named:
            self.unnamed.append(str(attrs))
        self._in_data = values.get("id") == "report-data"

    def handle_data(self, data: str) -> None:
        if self._in_data:
            self.data += data

    def handle_endtag(self, tag: str) -> None:
        self._in_data = False


@pytest.fixture(scope="module")
def report() -> Report:
    return build_default_report()


@pytest.fixture(scope="module")
def text(report: Report) -> str:
    return html.render_html(report)


def test_it_works_offline(text: str) -> None:
    page = Page(text)
    assert all(reference.startswith(("data:", "#")) for reference in page.references)
    assert "http://" not in re.sub(r'xmlns="[^"]+"|"http://www.w3.org/2000/svg"', "", text)
    assert "default-src 'none'" in text


def test_every_image_and_chart_has_an_alternative_text(text: str) -> None:
    page = Page(text)
    assert page.unnamed == []
    assert page.tags.count("svg") > 20


def test_the_policy_allows_its_script(text: str) -> None:
    import base64
    import hashlib

    script = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    assert len(script) == 1
    allowed = re.search(r"script-src 'sha256-([^']+)'", text)
    assert allowed
    assert base64.b64encode(hashlib.sha256(script[0].encode()).digest()).decode() == allowed[1]


def test_the_script_has_the_predictions_of_every_matrix(report: Report, text: str) -> None:
    import base64

    data = json.loads(Page(text).data)
    matrices = find_figures(report, ConfusionMatrixFigure)
    assert len(data["runs"]) == len(matrices) == 6
    for values, matrix in zip(data["runs"], matrices, strict=True):
        assert values["title"] == matrix.run_title
        assert base64.b64decode(values["answers"]) == matrix.predicted_classes.tobytes()
        assert (values["confidence"] is None) == (matrix.confidence is None)
    assert base64.b64decode(data["labels"]) == report.test_labels.tobytes()
    assert data["pictures"] is False


@pytest.mark.slow
def test_with_the_data_it_has_every_test_image_and_stays_small(fashion_mnist: FashionMNIST) -> None:
    text = html.render_html(build_test_report(fashion_mnist))
    assert 2_000_000 < len(text) < 8_000_000
    assert json.loads(Page(text).data)["pictures"] is True
    images = fashion_mnist.published_test_arrays[0]
    with Image.open(io.BytesIO(html.encode_sprite_sheet(images))) as image:
        sheet = np.asarray(image.convert("L"))
    assert sheet.shape == (2800, 2800)
    for index in (0, 99, 100, 1234, 9999):
        row, column = divmod(index, html.SPRITE_COLUMNS)
        decoded = sheet[28 * row : 28 * row + 28, 28 * column : 28 * column + 28].astype(float)
        assert np.abs(decoded - images[index]).mean() < 12  # WebP is lossy


def test_markup_in_titles_and_records_is_shown_as_text() -> None:
    folder = RunStore().runs_folder / "injection"
    shutil.copytree(RunStore().get("cnn").path, folder)
    record = json.loads((folder / "run.json").read_text()) | {
        "id": "injection",
        "title": HTML_INJECTION,
        "hardware": HTML_INJECTION,
    }
    record["versions"] = {HTML_INJECTION: HTML_INJECTION}
    (folder / "run.json").write_text(json.dumps(record))
    clean = Page(html.render_html(build_test_report(runs=("cnn",))))
    text = html.render_html(build_test_report(runs=("injection",), title=HTML_INJECTION, author=HTML_INJECTION))
    page = Page(text)
    assert "<img src=x" not in text
    assert page.tags.count("script") == clean.tags.count("script") == 2
    assert page.tags.count("img") == clean.tags.count("img")
    assert not [name for name in page.attributes if name.startswith("on")]
    assert json.loads(page.data)["runs"][0]["title"] == HTML_INJECTION


def test_a_logo_is_shown_on_top() -> None:
    text = html.render_html(build_test_report(sections=("question",), logo=logo.convert_logo_to_png(noise_picture())))
    assert re.search(r'<header>\s*<img class="logo" src="data:image/png;base64,[^"]+" alt="Logo">', text)


def test_the_paper_size_is_in_the_file(report: Report) -> None:
    assert '<html lang="en" data-paper="a1">' in html.render_html(report, "a1")


@pytest.mark.parametrize("fraction", np.linspace(0, 1, 51))
def test_numbers_contrast_with_their_cells(fraction: float) -> None:
    def luminance(colour: tuple[int, int, int]) -> float:
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in np.array(colour) / 255]
        return float(np.dot([0.2126, 0.7152, 0.0722], linear))

    background = matrix_colours.colour_cell_by_row_fraction(fraction)
    low, high = sorted(map(luminance, (background, matrix_colours.contrasting_text_colour(background))))
    assert (high + 0.05) / (low + 0.05) >= 4.5
