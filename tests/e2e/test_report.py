"""The report file in a browser, opened from disk without a network; its PDFs; and the page that makes it."""

import dataclasses
import io
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from pptx import Presentation

from fashion_core.__main__ import main
from fashion_core.data.classes import make_classes
from fashion_core.report import html, pdf
from fashion_core.report.content import ConfusionMatrixFigure
from fashion_core.runs import summary
from fashion_core.runs.store import RunStore
from tests.core.report.reports import build_test_report
from tests.e2e.conftest import wait_until_idle
from tests.e2e.test_accessibility import expect_no_violation


@pytest.fixture
def report(report_file: Path, new_page: Callable[..., Page]) -> Page:
    """The report open and offline; anything fetched or logged as an error fails the test."""
    page = new_page(offline=True)
    page.goto(report_file.as_uri())
    page.locator("html[data-drawn]").wait_for()
    return page


def count_predicted(run_id: str, true: int, predicted: int) -> int:
    return int(summary.summarize_runs(RunStore(), (run_id,))[0].metrics.confusion[true, predicted])


def test_a_cell_shows_its_images(report: Page, fashion_mnist_folder: Path) -> None:
    figure = report.locator("figure", has_text=re.compile(r"Figure 5[a-d]\. Improved CNN"))
    n = count_predicted("improved_cnn", 6, 0)
    figure.get_by_role("button", name=f"Shirt predicted as T-shirt/top: {n}", exact=True).click()
    expect(report.get_by_text(f"{n} images of Shirt that Improved CNN predicts as T-shirt/top")).to_be_visible()
    shown = report.locator(".cell-images .test-image")
    expect(shown).to_have_count(48)
    expect(report.get_by_role("img", name=re.compile("^Shirt, test image ")).first).to_be_visible()
    report.get_by_role("button", name=f"Show all {n}").click()
    expect(shown).to_have_count(n)
    expect(report.get_by_role("button", name="Close")).to_be_focused()
    # the images aren't blank
    pixels = report.evaluate(
        """async () => {
          const style = getComputedStyle(document.querySelector(".cell-images .test-image"));
          const image = new Image();
          image.src = style.backgroundImage.slice(5, -2);
          await image.decode();
          const [x, y] = style.backgroundPosition.split(" ").map((n) => -parseFloat(n) / 2);
          const canvas = Object.assign(document.createElement("canvas"), { width: 28, height: 28 });
          canvas.getContext("2d").drawImage(image, x, y, 28, 28, 0, 0, 28, 28);
          return new Set(canvas.getContext("2d").getImageData(0, 0, 28, 28).data).size;
        }"""
    )
    assert pixels > 20


def test_a_cell_of_k_means_claims_no_confidence(report: Page) -> None:
    figure = report.locator("figure", has_text=re.compile(r"Figure 5[a-d]\. k-means"))
    figure.get_by_role("button", name="Shirt predicted as Pullover: ").click()
    panel = report.locator(".cell-images").first
    expect(panel).to_contain_text(re.compile("images of Shirt that .* predicts as Pullover"))
    expect(panel).not_to_contain_text(re.compile("confident|%"))


def test_a_figure_whose_images_are_replaced_says_how_to_see_them(report: Page) -> None:
    tables, panels = report.locator("table[data-matrix]"), report.locator(".cell-images")
    for table in (tables.first, tables.last):
        table.get_by_role("button", name="Shirt predicted as Shirt: ").click()
    expect(panels).to_have_text(["Select a cell to see its images.", re.compile("images of Shirt")])


@pytest.mark.exhaustive
def test_the_text_of_a_diagram_fits_its_boxes(report: Page) -> None:
    outside = report.evaluate(
        """() => {
          const whole = (a, b) => a.left >= b.left && a.right <= b.right && a.top >= b.top && a.bottom <= b.bottom;
          return [...document.querySelectorAll("svg.diagram")].map((svg) => {
            const boxes = [...svg.querySelectorAll("rect")].map((box) => box.getBoundingClientRect());
            return [...svg.querySelectorAll("text")]
              .filter((text) => !boxes.some((box) => whole(text.getBoundingClientRect(), box)))
              .map((text) => text.textContent);
          });
        }"""
    )
    assert len(outside) == 4  # three networks, and the block of the last
    assert not any(outside), outside


@pytest.mark.exhaustive
def test_a_matrix_can_be_used_by_keyboard(report: Page) -> None:
    table = report.locator("table[data-matrix]").nth(1)
    table.get_by_role("button").first.focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", "ArrowLeft", "ArrowUp", "ArrowDown", "Enter"):
        report.keyboard.press(key)
    expect(table.get_by_role("button", name="Trouser predicted as Trouser: ")).to_be_focused()
    expect(report.get_by_text("images of Trouser that MLP classifies correctly")).to_be_visible()
    assert table.locator('button[tabindex="0"]').count() == 1


def test_an_image_on_the_map_is_named_and_a_class_can_be_shown_alone(report: Page) -> None:
    figure = report.locator("figure", has_text="Figure 2a.")
    left = figure.locator("svg.map").first
    left.focus()
    report.keyboard.press("ArrowRight")
    line = figure.locator(".map-reading")
    expect(line).to_contain_text(re.compile(r"test image \d+; cluster \d+: "))
    left.hover(position={"x": 250, "y": 200})
    expect(line).to_contain_text("test image")
    figure.locator(".classes").first.get_by_role("button", name="Trouser").click()
    right = figure.locator("svg.map").nth(1)
    drawn = right.locator("path.points").evaluate_all(
        "paths => paths.map((p) => p.getAttribute('d').split('M').length - 1).reduce((a, b) => a + b)"
    )
    assert drawn == 1000
    left.hover(position={"x": 200, "y": 60})
    expect(line).to_contain_text(re.compile("Trouser|Point at"))


def test_a_line_chart_shows_the_values_at_the_pointer(report: Page) -> None:
    chart = report.locator("svg.lines").first
    chart.hover(position={"x": 60, "y": 100})
    expect(report.locator(".reading").first).to_have_text(re.compile(r"Epoch 1, Train [\d.]+%, Validation [\d.]+%"))


def test_a_tap_shows_what_is_under_the_finger(report_file: Path, new_page: Callable[..., Page]) -> None:
    page = new_page(offline=True, has_touch=True)
    page.goto(report_file.as_uri())
    page.locator("html[data-drawn]").wait_for()
    page.locator("svg.lines").first.tap(position={"x": 60, "y": 100})
    expect(page.locator(".reading").first).to_have_text(re.compile(r"Epoch 1, "))
    figure = page.locator("figure", has_text="Figure 2a.")
    for side in (0, 1):  # the second tap takes the focus from the other map
        figure.locator("svg.map").nth(side).tap(position={"x": 250, "y": 200})
        expect(figure.locator(".map-reading")).to_contain_text("test image")


def test_shortcuts_of_the_browser_are_left_to_it(report: Page) -> None:
    prevented = report.evaluate(
        """() => ["svg.map", "td button"].flatMap((part) => ["altKey", "ctrlKey", "metaKey"]
          .map((modifier) => new KeyboardEvent("keydown",
            { key: "ArrowLeft", bubbles: true, cancelable: true, [modifier]: true }))
          .map((event) => !document.querySelector(part).dispatchEvent(event)))"""
    )
    assert prevented == [False] * 6


def test_the_report_fits_a_narrow_window(report: Page) -> None:
    report.set_viewport_size({"width": 420, "height": 860})
    assert report.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_numbers_and_names_of_a_matrix_stay_in_their_cells_in_a_narrow_window(
    new_page: Callable[..., Page], tmp_path: Path
) -> None:
    report = build_test_report(runs=("cnn",), sections=("confusion",))
    [section] = report.sections
    classes = make_classes([f"Handschuhe{c:02}" for c in range(15)])
    shown, counts = tuple(range(15)), np.full((15, 15), 123)
    blocks = tuple(
        dataclasses.replace(block, confusion=counts, classes=classes, shown=shown)
        for block in section.blocks
        if isinstance(block, ConfusionMatrixFigure)
    )
    report = dataclasses.replace(report, sections=(dataclasses.replace(section, blocks=blocks),))
    (tmp_path / "report.html").write_text(html.render_html(report), encoding="utf-8")
    page = new_page(viewport={"width": 420, "height": 860})
    page.goto((tmp_path / "report.html").as_uri())
    page.locator("html[data-drawn]").wait_for()
    outside = page.eval_on_selector_all(
        "table[data-matrix] tbody :is(th, td)",
        """cells => cells.filter((cell) => {
          const text = document.createRange();
          text.selectNodeContents(cell.querySelector("button")?.firstChild ?? cell);
          const [inner, outer] = [text, cell].map((part) => part.getBoundingClientRect());
          return inner.left < outer.left || inner.right > outer.right;
        }).map((cell) => cell.textContent)""",
    )
    assert outside == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.exhaustive
def test_a_button_prints_a_poster(report: Page) -> None:
    report.evaluate("window.print = () => { window.printed = document.documentElement.dataset.paper; }")
    report.get_by_role("button", name="Print as an A1 poster").click()
    assert report.evaluate("window.printed") == "a1"
    report.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert report.evaluate("document.documentElement.dataset.paper") == "a4"


def test_without_the_data_a_cell_lists_the_positions_of_its_images(
    new_page: Callable[..., Page], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FASHION_MNIST_DIR", raising=False)
    out = tmp_path / "report.html"
    assert main(["report", "--out", str(out), "--section", "confusion", "--run", "cnn"]) == 0
    page = new_page(offline=True)
    page.goto(out.as_uri())
    page.get_by_role("button", name="Shirt predicted as Bag: ").click()
    expect(page.get_by_text("This file has no images")).to_be_visible()
    expect(page.get_by_text("Positions among the test images: ")).to_be_visible()


@pytest.mark.exhaustive  # axe-core takes half a minute for a document this long
@pytest.mark.parametrize("width", [420, 1280])
def test_the_report_is_accessible(width: int, report_file: Path, new_page: Callable[..., Page]) -> None:
    page = new_page(offline=True, bypass_csp=True, viewport={"width": width, "height": 900})  # axe-core is a script
    page.goto(report_file.as_uri())
    page.locator("html[data-drawn]").wait_for()
    page.get_by_role("button", name="Shirt predicted as Pullover: ").first.click()
    expect_no_violation(page)


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("paper", "pages", "size"), [("a4", range(6, 16), (595, 842)), ("a1", range(1, 2), (1684, 2384))]
)
def test_the_pdf_has_pages_of_the_paper_size(
    paper: str, pages: range, size: tuple[int, int], report_file: Path, tmp_path: Path
) -> None:
    if pdf.find_chromium() is None:
        pytest.skip("needs Chromium: install the package chromium, or set CHROMIUM to its path")
    out = tmp_path / "report.pdf"
    assert main(["report", "--out", str(out), "--paper", paper]) == 0
    content = out.read_bytes()
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", content)
    assert len(boxes) in pages
    assert {tuple(round(float(side)) for side in box) for box in boxes} == {size}


@pytest.mark.exhaustive
def test_the_poster_fits_on_one_sheet(report_file: Path, new_page: Callable[..., Page]) -> None:
    page = new_page(offline=True)
    page.goto(report_file.as_uri())
    page.locator("html[data-drawn]").wait_for()
    page.evaluate("setPaper('a1')")
    outside = page.eval_on_selector_all(
        "main h2, main figure, main p",
        """parts => parts.map((part) => part.getBoundingClientRect())
          .filter((box) => box.width && (box.right > 2245 || box.bottom > 3180 || box.left < 0)).length""",
    )
    assert outside == 0
    assert float(page.evaluate("document.documentElement.style.getPropertyValue('--zoom')")) > 0.8


@pytest.mark.exhaustive
def test_the_page_previews_the_report_and_downloads_it(server: str, page: Page) -> None:
    page.goto(f"{server}/report")
    wait_until_idle(page)
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("heading", level=1)).to_have_text("Can clothing pictures be sorted automatically?")
    page.get_by_role("button", name="Customise").click()
    page.get_by_label("Title").fill("<b>Ours</b>")
    page.get_by_role("button", name="Build the report").click()
    wait_until_idle(page)
    expect(frame.get_by_role("heading", level=1)).to_have_text("<b>Ours</b>")
    page.keyboard.press("Escape")
    with page.expect_download() as download:
        page.get_by_role("button", name="HTML").click()
    assert "&lt;b&gt;Ours&lt;/b&gt;" in Path(download.value.path()).read_text(encoding="utf-8")
    with page.expect_download() as download:
        page.get_by_role("button", name="PowerPoint").click()
    slides = Presentation(io.BytesIO(Path(download.value.path()).read_bytes())).slides
    assert "<b>Ours</b>" in [shape.text_frame.text for shape in slides[0].shapes if shape.has_text_frame]
    with page.expect_download() as download:
        page.get_by_role("button", name="PDF").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")
