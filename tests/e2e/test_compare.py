"""Clicks on the Compare page in a real browser."""

import re
import time
from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Locator, Page, expect

from fashion_core.runs.store import RunStore
from tests.e2e.conftest import wait_until_idle
from ui.page_state import BACK_SECONDS


@pytest.fixture(autouse=True)
def _real_data(fashion_mnist_folder) -> None:
    """Everything here is about the real garments."""


def answers(run_id: str):
    runs = RunStore()
    predictions = runs.load_predictions(runs.get(run_id))
    return predictions.labels, predictions.probabilities.argmax(axis=1)


def pictures(page: Page, n: int, rows: int = 0) -> None:
    """Wait until a gallery shows ``n`` garments, or its first page of 36."""
    shown = page.locator(".picture-grid").nth(rows).locator("img")
    expect(shown).to_have_count(min(n, 36))
    expect(shown.first).to_have_js_property("naturalWidth", 28)


def is_in_view(shown: Locator) -> bool:
    """Whether all of it is inside the window."""
    box, window = shown.bounding_box(), shown.page.viewport_size
    assert box is not None
    assert window is not None
    is_inside = box["y"] >= 0 and box["y"] + box["height"] <= window["height"]
    return is_inside and box["x"] >= 0 and box["x"] + box["width"] <= window["width"]


def cell(page: Page, matrix: int, words: str):
    return page.locator(".matrices table").nth(matrix).get_by_role("button", name=re.compile(words))


@pytest.mark.exhaustive
def test_a_cell_shows_as_many_garments_as_it_says(server: str, page: Page) -> None:
    page.goto(f"{server}/compare")
    wait_until_idle(page)
    labels, said = answers("cnn")
    n = int(((labels == 6) & (said == 2)).sum())
    button = cell(page, 0, "^Shirt predicted as Pullover: ")
    expect(button).to_have_text(str(n))
    button.click()
    expect(page.get_by_text(f"{n} garments of class Shirt that A predicts as Pullover")).to_be_visible()
    pictures(page, n)
    page.wait_for_url(re.compile("pick=A.6.2"))
    page.reload()
    expect(page.get_by_text(f"{n} garments of class Shirt that A predicts as Pullover")).to_be_visible()
    page.locator(".picture-grid button").first.click()
    expect(page.get_by_text("each run's probabilities")).to_be_visible()


@pytest.mark.exhaustive
def test_a_garment_leads_to_what_the_models_look_at(server: str, page: Page) -> None:
    page.goto(f"{server}/compare?pick=A.6.2")
    wait_until_idle(page)
    page.locator(".picture-grid button").nth(3).click()
    text = page.get_by_text("each run's probabilities").inner_text()
    assert re.search(r"Test picture \d+, Shirt", text)
    page.get_by_role("button", name="What they look at").click()
    shown = page.get_by_role("dialog").get_by_text("B predicts")
    expect(shown).to_be_visible()
    assert is_in_view(shown)


@pytest.mark.exhaustive  # tests/ui/test_compare.py counts them without a browser
def test_the_difference_shows_fixes_and_new_mistakes(server: str, page: Page) -> None:
    page.goto(f"{server}/compare")
    wait_until_idle(page)
    labels, a = answers("cnn")
    b = answers("improved_cnn")[1]
    coat = labels == 4
    n_fixed, n_new = int((coat & (b == 4) & (a != 4)).sum()), int((coat & (a == 4) & (b != 4)).sum())
    cell(page, 2, "^Coat predicted as Coat: ").click()
    expect(page.get_by_text(f"{n_fixed} garments fixed by B")).to_be_visible()
    expect(page.get_by_text(f"{n_new} garments newly misclassified by B")).to_be_visible()
    pictures(page, n_fixed)
    page.get_by_role("tab", name="newly misclassified by B").click()
    pictures(page, n_new, rows=1)


@pytest.mark.exhaustive
def test_an_upset_bar_shows_its_garments(server: str, page: Page) -> None:
    page.goto(f"{server}/compare?look=Agreement&runs=mlp,cnn,improved_cnn")
    wait_until_idle(page)
    labels, improved = answers("improved_cnn")
    alone = (improved == labels) & (answers("mlp")[1] != labels) & (answers("cnn")[1] != labels)
    bar = page.locator(".upset").get_by_role("button", name=re.compile("^right: Improved CNN;"))
    expect(bar).to_contain_text(f"{alone.sum():,}")
    bar.click()
    heading = page.locator("strong").filter(has_text=f"{alone.sum():,} garments that only Improved CNN classifies")
    expect(heading).to_be_visible()  # once: the button that suggests this bar goes a moment later
    pictures(page, int(alone.sum()))


def test_the_matrices_and_what_a_click_shows_fit_a_laptop_screen(server: str, new_page: Callable[..., Page]) -> None:
    page = new_page(viewport={"width": 1280, "height": 720})
    page.goto(f"{server}/compare?a=cnn-poster")
    wait_until_idle(page)
    tables = page.locator(".matrices table")
    expect(tables).to_have_count(3)
    page.wait_for_function("() => !document.querySelector('.matrices.upright')")  # names above columns are level
    assert all(is_in_view(tables.nth(i)) for i in range(3))
    expect(tables.first.locator("td button.hatched")).to_have_count(20)  # two classes that are never predicted
    page.get_by_role("button", name="Bag predicted as T-shirt/top: ").last.click()
    fixed = page.get_by_text("garments fixed by B")
    expect(fixed).to_be_visible()
    assert is_in_view(fixed)
    assert is_in_view(page.locator(".picture-grid button").first)
    page.locator(".picture-grid button").first.click()
    probabilities = page.get_by_text("each run's probabilities")
    expect(probabilities).to_be_visible()
    assert is_in_view(probabilities)


def test_the_garments_of_an_upset_bar_are_beside_it(server: str, new_page: Callable[..., Page]) -> None:
    page = new_page(viewport={"width": 1280, "height": 720})
    page.goto(f"{server}/compare?look=Agreement")
    wait_until_idle(page)
    bars = page.locator(".upset button.row")
    expect(bars).to_have_count(16)
    assert is_in_view(bars.last)
    expect_lengths_like_counts(bars)
    bars.nth(3).click()
    expect(page.get_by_text("that every run misclassifies")).to_be_visible()
    pictures(page, 36)
    assert is_in_view(page.locator(".picture-grid button").first)


@pytest.mark.exhaustive
def test_a_better_run_is_blue_on_and_off_the_diagonal(server: str, page: Page) -> None:
    page.goto(f"{server}/compare")
    wait_until_idle(page)
    for name, sign in (("Shirt predicted as Shirt", r"\+"), ("Shirt predicted as T-shirt.top", "−")):
        button = page.locator(".matrices table").nth(2).get_by_role("button", name=re.compile(f"^{name}: {sign}"))
        expect(button).to_have_css("background-color", re.compile(r"rgba?\(26, 111, 223"))


@pytest.mark.exhaustive
def test_a_teacher_finds_out_why_a_class_is_confused(server: str, new_page: Callable[..., Page]) -> None:
    page = new_page(viewport={"width": 1280, "height": 720})
    page.goto(f"{server}/overview")
    wait_until_idle(page)
    clicks, start = 0, time.monotonic()
    shirts = page.get_by_role("button", name="Shirt predicted as T-shirt/top: ", exact=False)
    for target, shown in (
        (page.get_by_test_id("stSidebarNavLink").filter(has_text="Compare"), shirts.last),
        (shirts.last, page.get_by_text("garments fixed by B")),
        (page.locator(".picture-grid button").first, page.get_by_text("each run's probabilities")),
        (page.get_by_role("button", name="What they look at"), page.get_by_role("dialog").get_by_text("B predicts")),
    ):
        target.click()
        clicks += 1
        expect(shown).to_be_visible()
        assert is_in_view(shown)
    print(f"{clicks} clicks, {time.monotonic() - start:.1f} s")


def test_back_undoes_a_choice_at_the_first_press(server: str, page: Page) -> None:
    page.goto(f"{server}/compare")
    wait_until_idle(page)
    cell(page, 0, "^Shirt predicted as Pullover: ").click()
    expect(page.get_by_text("garments of class Shirt")).to_be_visible()
    page.wait_for_url(re.compile("pick="))
    page.wait_for_timeout(1000 * BACK_SECONDS + 200)  # until then, an address of before counts as one on its way
    page.go_back()
    expect(page.get_by_text("garments of class Shirt")).to_have_count(0)
    expect(page.get_by_text("Choose a cell")).to_be_visible()
    expect(page).not_to_have_url(re.compile("pick="))


CONTRASTS = """cells => {
  const lum = (rgb) => {
    const [r, g, b] = rgb.map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const ground = parts(getComputedStyle(document.querySelector("[data-testid=stApp]")).backgroundColor).slice(0, 3);
  return cells.map((cell) => {
    const { color, backgroundColor } = getComputedStyle(cell);
    const [r, g, b, alpha = 1] = parts(backgroundColor);
    const under = lum([r, g, b].map((c, i) => alpha * c + (1 - alpha) * ground[i]));
    const [one, two] = [under, lum(parts(color).slice(0, 3))];
    return (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
  });
}"""


@pytest.mark.parametrize("scheme", [pytest.param("light", marks=pytest.mark.exhaustive), "dark"])
@pytest.mark.parametrize(
    "pair", ["a=cnn&b=improved_cnn", pytest.param("a=cnn-poster&b=kmeans", marks=pytest.mark.exhaustive)]
)
def test_every_number_stands_out_from_its_cell(
    pair: str, scheme: str, server: str, new_page: Callable[..., Page]
) -> None:
    page = new_page(color_scheme=scheme)
    page.goto(f"{server}/compare?{pair}")
    wait_until_idle(page)
    cells = page.locator(".matrices td button")
    expect(cells).to_have_count(300)
    assert min(cells.evaluate_all(CONTRASTS)) >= 4.5


@pytest.mark.exhaustive
def test_upset_bars_are_as_long_as_their_counts_on_a_phone(server: str, new_page: Callable[..., Page]) -> None:
    page = new_page(viewport={"width": 420, "height": 800})
    page.goto(f"{server}/compare?look=Agreement")
    wait_until_idle(page)
    bars = page.locator(".upset button.row")
    expect(bars.nth(5)).to_be_visible()
    expect_lengths_like_counts(bars)


def expect_lengths_like_counts(bars: Locator) -> None:
    lengths = bars.locator(".fill").evaluate_all("bars => bars.map((bar) => bar.getBoundingClientRect().width)")
    counts = [int(text.replace(",", "")) for text in bars.locator(".count").all_inner_texts()]
    assert len(counts) == len(lengths)
    assert lengths[0] > 60
    for length, count in zip(lengths, counts, strict=True):
        assert length == pytest.approx(max(2, lengths[0] * count / counts[0]), abs=0.5)


def test_a_matrix_can_be_used_with_the_keyboard(server: str, page: Page) -> None:
    page.goto(f"{server}/compare")
    wait_until_idle(page)
    cell(page, 1, "^T-shirt.top predicted as T-shirt.top: ").focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowLeft", "Enter"):
        page.keyboard.press(key)
    page.wait_for_url(re.compile(r"pick=B\.2\."))
    expect(page.get_by_text("garments of class Pullover, as predicted by B")).to_be_visible()


@pytest.mark.parametrize(
    ("part", "look"), [(".matrices", "Matrices"), pytest.param(".upset", "Agreement", marks=pytest.mark.exhaustive)]
)
def test_a_chart_can_be_downloaded_as_svg(part: str, look: str, server: str, page: Page) -> None:
    page.goto(f"{server}/compare?look={look}")
    wait_until_idle(page)
    with page.expect_download() as download:
        page.locator(part).get_by_role("button", name="Save as SVG").click()
    drawing = ElementTree.parse(download.value.path())
    words = {element.text for element in drawing.iter("{http://www.w3.org/2000/svg}text")}
    labels, said = answers("improved_cnn")
    assert (
        {"Shirt", str(int(((labels == 6) & (said == 6)).sum()))} if look == "Matrices" else {"Improved CNN"}
    ) <= words
