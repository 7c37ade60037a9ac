"""The slideshow: keys, notes, interactive figures, and nothing cut off on two usual screen sizes."""

import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Error, Page, expect

from fashion_core.data import fashion_mnist, load_dataset
from fashion_core.report import slideshow
from fashion_core.report.build import build_report
from fashion_core.report.content import Report
from fashion_core.report.settings import default_report_settings
from fashion_core.report.slides import build_slides
from fashion_core.runs.store import RunStore
from tests.conftest import real_data_folder
from tests.core.report.reports import build_test_report
from tests.e2e.conftest import wait_until_idle
from tests.e2e.test_accessibility import axe_violations
from tests.ui.catalogues import save_run, write_catalogue

# what of the slide or the bar below it is not wholly in the window, or is cut off by what it lies in
CUT_OFF = """() => {
  const parts = "h1, .lead, .words p, .source," +
    "figure, figcaption, svg, table, td, th, .row img, .row span, .controls *";
  const inside = ({ left, top, right, bottom }) =>
    left >= -1 && top >= -1 && right <= innerWidth + 1 && bottom <= innerHeight + 1;
  const describe = (e) => `${e.tagName}.${e.className} ${e.textContent.slice(0, 40)}`;
  const visible = (e) => e.checkVisibility() && e.getBoundingClientRect().width > 0 && !e.closest(".unseen");
  const out = [...document.querySelectorAll(parts)].filter((e) => visible(e) && !inside(e.getBoundingClientRect()));
  const full = [...document.querySelectorAll(".slide, .body, .charts, .words, .scroll, .matrices, html, body")]
    .filter((e) => e.checkVisibility() && (e.scrollHeight > e.clientHeight + 1 || e.scrollWidth > e.clientWidth + 1));
  return [...out, ...full].map(describe);
}"""
LINES = """() => [...document.querySelectorAll("h1")].filter((e) => e.checkVisibility())
  .map((e) => Math.round(e.getBoundingClientRect().height / parseFloat(getComputedStyle(e).lineHeight)))"""
SIZES = """() => ["h1", ":is(.lead, .words p)"].map((part) => [...document.querySelectorAll(part)]
  .filter((e) => e.checkVisibility()).map((e) => parseFloat(getComputedStyle(e).fontSize)))"""


@pytest.fixture(scope="module")
def report() -> Report:
    folder = real_data_folder()
    return build_test_report(load_dataset(fashion_mnist.find_fashion_mnist_folder(folder)) if folder else None)


@pytest.fixture(scope="module")
def address(report: Report, tmp_path_factory: pytest.TempPathFactory) -> str:
    out: Path = tmp_path_factory.mktemp("present") / "present.html"
    out.write_text(slideshow.render_slideshow(report), encoding="utf-8")
    return out.as_uri()


def opened(page: Page, address: str) -> Page:
    page.goto(address)
    page.locator("html[data-drawn]").wait_for()
    return page


@pytest.mark.parametrize(("width", "height"), [(1280, 720), pytest.param(1920, 1080, marks=pytest.mark.exhaustive)])
def test_every_slide_is_readable_and_complete(
    width: int, height: int, address: str, report: Report, new_page: Callable[..., Page]
) -> None:
    page = opened(new_page(viewport={"width": width, "height": height}), address)
    slides = build_slides(report)
    for number, slide in enumerate(slides, 1):
        expect(page.get_by_role("heading", level=1)).to_have_text(slide.section.headline)
        expect(page.locator(".position")).to_contain_text(f"{number} of {len(slides)}")
        assert page.evaluate(CUT_OFF) == []
        headings, words = page.evaluate(SIZES)
        assert page.evaluate(LINES) == [1]
        assert min(headings) >= 36 * height / 720
        assert min(words) >= 23.9 * height / 720  # 24 pixels, up to rounding
        page.keyboard.press("ArrowRight")


@pytest.mark.exhaustive
def test_many_classes_with_long_names_are_complete(
    new_page: Callable[..., Page], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FASHION_HOME", str(tmp_path))
    names = tuple(f"Class number {i} whose name is as long as somebody could think of" for i in range(200))
    catalogue = write_catalogue("many", 200, names=names, title="A catalogue with a title that goes on and on")
    for seed in range(4):
        save_run(catalogue, f"run-{seed}", 0.9, seed=seed, title=f"Run {seed} with a title that goes on and on and on")
    report = build_report(default_report_settings(RunStore(), catalogue), RunStore(), catalogue)
    out = tmp_path / "many.html"
    out.write_text(slideshow.render_slideshow(report), encoding="utf-8")
    page = opened(new_page(viewport={"width": 1280, "height": 720}), out.as_uri())
    for _ in build_slides(report):
        assert page.evaluate(LINES) == [1]
        assert page.evaluate(CUT_OFF) == []
        page.keyboard.press("ArrowRight")


@pytest.mark.exhaustive
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_slide_is_accessible(
    scheme: Literal["light", "dark"], address: str, report: Report, new_page: Callable[..., Page]
) -> None:
    page = opened(new_page(viewport={"width": 1280, "height": 720}, color_scheme=scheme, bypass_csp=True), address)
    for slide in build_slides(report):
        expect(page.get_by_role("heading", level=1)).to_have_text(slide.section.headline)
        assert axe_violations(page) == []
        page.keyboard.press("ArrowRight")


def test_keys_change_the_slide_and_the_address(address: str, report: Report, page: Page) -> None:
    slides = build_slides(report)
    heading = page.get_by_role("heading", level=1)

    def at(number: int) -> None:
        expect(heading).to_have_text(slides[number - 1].section.headline)
        expect(page).to_have_url(re.compile(f"#{number}$"))

    opened(page, f"{address}#nonsense")
    at(1)
    for key, number in (
        ("ArrowRight", 2), ("PageDown", 3), ("Space", 4), ("ArrowLeft", 3), ("PageUp", 2), ("Shift+Space", 1),
        ("ArrowLeft", 1), ("End", len(slides)), ("ArrowRight", len(slides)),
    ):  # fmt: skip
        page.keyboard.press(key)
        at(number)
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    at(3)
    page.reload()
    at(3)
    page.go_back()
    at(2)
    page.get_by_role("button", name="Next").click()
    at(3)
    page.get_by_role("button", name="Next").focus()
    page.keyboard.press("Space")  # presses the button, once
    at(4)


def test_notes_open_below_the_step(address: str, report: Report, page: Page) -> None:
    opened(page, address)
    notes = page.get_by_role("complementary")
    expect(notes).to_have_count(0)
    page.keyboard.press("n")
    for slide in build_slides(report):
        for words in (*slide.notes, *slide.sources):
            expect(notes).to_contain_text(words)
        assert page.evaluate(CUT_OFF) == []
        page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="Notes").click()
    expect(notes).to_have_count(0)


def test_a_cell_shows_its_images_until_escape(address: str, page: Page) -> None:
    opened(page, f"{address}#6")
    page.get_by_role("button", name="Shirt predicted as T-shirt/top: ").last.click()
    heading = page.get_by_text(re.compile(r"images of Shirt that .* predicts as T-shirt/top"))
    expect(heading).to_be_visible()
    page.keyboard.press("ArrowRight")  # moves in the matrix
    expect(heading).to_be_visible()
    page.keyboard.press("Escape")
    expect(heading).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_contain_text("hardest class")


def test_images_of_a_cell_are_closed_when_the_slide_is_left(address: str, page: Page) -> None:
    opened(page, f"{address}#6")
    page.get_by_role("button", name="Shirt predicted as T-shirt/top: ").last.click()
    panel = page.locator(".cell-images:has(strong)")
    for leave in (lambda: page.keyboard.press("PageDown"), page.go_back):
        expect(panel).to_have_count(1)
        leave()
        expect(panel).to_have_count(0)
        page.get_by_role("button", name="Shirt predicted as Shirt: ").last.click()


@pytest.mark.parametrize("number", [6, pytest.param(7, marks=pytest.mark.exhaustive)])
def test_the_images_of_a_cell_leave_its_matrix_in_view_and_can_be_closed(
    number: int, address: str, new_page: Callable[..., Page]
) -> None:
    page = opened(new_page(viewport={"width": 1280, "height": 720}), f"{address}#{number}")
    table = page.locator("table[data-matrix]").locator("visible=true").last
    table.get_by_role("button", name="Shirt predicted as T-shirt/top: ").click()
    panel = page.locator(".cell-images").locator("visible=true")
    (images, matrix) = (part.bounding_box() for part in (panel, table))
    assert images is not None
    assert matrix is not None
    assert images["x"] >= matrix["x"] + matrix["width"] or images["x"] + images["width"] <= matrix["x"]
    panel.get_by_role("button", name="Close").click()
    expect(panel).to_have_text("Select a cell to see its images.")
    expect(table.get_by_role("button", name="Shirt predicted as T-shirt/top: ")).to_be_focused()
    expect(page.get_by_role("button", pressed=True)).to_have_count(0)


def test_the_dashboard_opens_the_slideshow_and_escape_closes_it(server: str, page: Page) -> None:
    page.goto(f"{server}/report")
    wait_until_idle(page)
    with page.expect_popup() as popup:
        page.get_by_role("link", name="Present").click()
    shown = popup.value
    errors: list[str] = []
    shown.on("console", lambda message: errors.extend([message.text] if message.type == "error" else []))
    shown.on("pageerror", lambda error: errors.append(str(error)))
    shown.locator("html[data-drawn]").wait_for()
    shown.keyboard.press("ArrowRight")
    expect(shown).to_have_url(re.compile("#2$"))
    shown.reload()
    expect(shown.locator(".position")).to_contain_text("2 of")
    assert errors == []
    with suppress(Error):  # the window is gone before the key is let go
        shown.keyboard.press("Escape")
    if not shown.is_closed():
        shown.wait_for_event("close")
    expect(page.get_by_role("heading", level=1)).to_have_text("Report")
