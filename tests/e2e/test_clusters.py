"""The pair of maps in a real browser: selecting, seeing the garments, and going back to the map."""

import io
import math
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from fashion_core.computed import store
from fashion_core.computed.image_statistics import ImageStatistics
from tests.e2e.conftest import wait_until_idle
from tests.e2e.test_compare import is_in_view

NO_WEBGL = """const get = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
  return kind.startsWith("webgl") ? null : get.call(this, kind, ...rest);
};"""


@pytest.fixture(autouse=True)
def _real_data(fashion_mnist_folder: Path) -> None:
    """Everything here is about the real garments."""


def open_map(page: Page, address: str, n: int = 10000) -> None:
    page.goto(address)
    wait_until_idle(page)
    expect(page.locator(".map")).to_have_attribute("data-drawn", str(n))


def tool(page: Page, name: str) -> None:
    page.locator(".map .tools").get_by_role("button", name=name, exact=True).click()


def drag(page: Page, panel: int, path: list[tuple[float, float]]) -> None:
    """Drag along ``path``, shares of the panel's width and height."""
    surface = page.locator(".map .overlay").nth(panel)
    surface.scroll_into_view_if_needed()
    box = surface.bounding_box()
    assert box is not None
    points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in path]
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point, steps=3)
    page.mouse.up()


def circle(x: float, y: float, radius: float) -> list[tuple[float, float]]:
    turns = [2 * math.pi * i / 20 for i in range(21)]
    return [(x + radius * math.cos(turn), y + radius * math.sin(turn)) for turn in turns]


def counts(page: Page) -> list[int]:
    """How many points stand out in the left and the right panel, as each says."""
    texts = [text.split(" of ")[0] for text in page.locator(".map .count").all_inner_texts()]
    return [int(text.replace(",", "")) for text in texts if text]


def selected_count(page: Page) -> int:
    """How many garments the sentence under the maps says are selected."""
    text = page.get_by_text("garments selected").inner_text()
    found = re.match(r"([\d,]+) garments selected", text)
    assert found is not None
    return int(found[1].replace(",", ""))


def coloured(page: Page, panel: int) -> int:
    """Number of strongly coloured pixels on one of the two panels, as photographed."""
    picture = Image.open(io.BytesIO(page.locator(".map .plot").nth(panel).screenshot())).convert("RGB")
    pixels = np.asarray(picture).astype(int)
    return int((pixels.max(axis=2) - pixels.min(axis=2) > 40).sum())


@pytest.mark.parametrize("panel", [0, pytest.param(1, marks=pytest.mark.exhaustive)])
def test_a_lasso_in_one_panel_counts_in_the_other_and_in_the_gallery(panel: int, server: str, page: Page) -> None:
    open_map(page, f"{server}/clusters?map=UMAP")
    before = [coloured(page, side) for side in range(2)]
    assert min(before) > 3000
    tool(page, "Lasso")
    drag(page, panel, circle(0.2, 0.6, 0.16))
    expect(page.get_by_text("garments selected")).to_be_visible()
    page.wait_for_url(re.compile("sel="))
    selected = counts(page)
    assert selected[0] == selected[1] == selected_count(page)
    assert 300 < selected[0] < 9000
    for side in range(2):
        assert coloured(page, side) < before[side]
    pictures = page.locator(".picture-grid img")
    expect(pictures).to_have_count(48)
    expect(pictures.first).to_have_js_property("naturalWidth", 28)
    pages = page.get_by_test_id("stPagination").get_by_role("button")
    expect(pages.get_by_text(str(-(-selected[0] // 48)), exact=True)).to_be_visible()


def test_what_is_chosen_on_a_map_is_shown_beside_it(server: str, new_page: Callable[..., Page]) -> None:
    page = new_page(viewport={"width": 1280, "height": 720})
    open_map(page, f"{server}/clusters")
    surface = page.locator(".map .overlay").first
    expect_both_maps_in_view(page)
    before = surface.bounding_box()
    assert before is not None
    surface.click(position={"x": 0.4 * before["width"], "y": 0.4 * before["height"]})
    title = page.get_by_test_id("stMain").locator("strong", has_text=re.compile(r"^Test picture \d+$"))
    expect(title).to_be_visible()
    assert is_in_view(title)
    picture = page.locator(".picture-grid img")
    expect(picture).to_have_count(1)
    assert is_in_view(picture)
    page.wait_for_url(re.compile("point="))
    page.locator(".map .legend").first.get_by_text("Sandal").click()
    selected = page.get_by_text("1,000 garments selected")
    expect(selected).to_be_visible()
    expect(picture).to_have_count(48)
    assert is_in_view(selected)
    assert is_in_view(picture.first)
    assert surface.bounding_box() == before
    page.get_by_role("button", name="Close").click()
    expect(selected).to_have_count(0)
    expect(page.locator(".map .count").first).to_have_text("")


@pytest.mark.exhaustive
def test_another_number_of_clusters_is_there_at_once(server: str, page: Page) -> None:
    open_map(page, f"{server}/clusters")
    box = page.get_by_label("k, the number of clusters")
    box.fill("12")
    box.press("Enter")
    expect(page.locator(".map .legend").nth(1).get_by_role("button")).to_have_count(12)
    expect(page.get_by_text("not computed yet")).to_have_count(0)


@pytest.mark.exhaustive
def test_both_maps_of_umap_fit_a_laptop_screen(server: str, new_page: Callable[..., Page]) -> None:
    page = new_page(viewport={"width": 1280, "height": 720})
    open_map(page, f"{server}/clusters?map=UMAP")
    expect_both_maps_in_view(page)


def expect_both_maps_in_view(page: Page) -> None:
    for side in range(2):
        box = page.locator(".map .overlay").nth(side).bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 720


@pytest.mark.exhaustive
def test_a_selection_is_in_the_address_and_a_copied_address_opens_it(
    server: str, page: Page, new_page: Callable[..., Page]
) -> None:
    open_map(page, f"{server}/clusters?map=UMAP&right=Brightness")
    tool(page, "Box")
    drag(page, 1, [(0.1, 0.3), (0.45, 0.9)])
    page.wait_for_url(re.compile("sel="))
    expect(page.get_by_text("garments selected")).to_be_visible()
    other = new_page()
    open_map(other, page.url)
    expect(other.locator(".map")).to_contain_text("UMAP: near points")
    expect(other.get_by_label("Right by")).to_have_value("Brightness")
    expect(other.get_by_text("garments selected")).to_be_visible()
    assert counts(other) == [selected_count(other)] * 2 == [selected_count(page)] * 2


@pytest.mark.exhaustive
def test_the_page_keeps_its_state_across_pages(server: str, page: Page) -> None:
    open_map(page, f"{server}/clusters")
    page.locator(".map .legend").first.get_by_text("Bag").click()
    expect(page.get_by_text("1,000 garments selected")).to_be_visible()
    page.get_by_label("Right by").select_option("Cluster name")
    page.wait_for_url(re.compile("right=Cluster"))
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Garments").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Garments")
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Clusters").click()
    expect(page.locator(".map")).to_have_attribute("data-drawn", "10000")
    expect(page.get_by_label("Right by")).to_have_value("Cluster name")
    expect(page.get_by_text("1,000 garments selected")).to_be_visible()
    assert counts(page) == [1000, 1000]


@pytest.mark.exhaustive
def test_a_legend_isolates_in_both_panels_and_a_double_click_resets(server: str, page: Page) -> None:
    open_map(page, f"{server}/clusters")
    before = [coloured(page, side) for side in range(2)]
    page.locator(".map .legend").first.get_by_text("Trouser").click()
    expect(page.get_by_text("1,000 garments selected: 100.0% are Trouser")).to_be_visible()
    assert all(coloured(page, side) < before[side] / 2 for side in range(2))
    page.locator(".map .overlay").nth(1).dblclick()
    expect(page.get_by_text("garments selected")).to_have_count(0)
    expect(page.locator(".map .count").first).to_have_text("")
    page.mouse.move(5, 5)
    assert [coloured(page, side) for side in range(2)] == pytest.approx(before, rel=0.02)


def test_the_map_can_be_used_with_the_keyboard(server: str, page: Page) -> None:
    open_map(page, f"{server}/clusters")
    before = [coloured(page, side) for side in range(2)]
    page.locator(".map .overlay").first.focus()
    for _ in range(4):
        page.keyboard.press("+")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(page.get_by_text("garments selected")).to_be_visible()
    assert counts(page) == [selected_count(page)] * 2
    assert 0 < selected_count(page) < 9000
    page.keyboard.press("Escape")
    expect(page.get_by_text("garments selected")).to_have_count(0)
    page.keyboard.press("0")
    page.locator("h1").click()
    assert [coloured(page, side) for side in range(2)] == pytest.approx(before, rel=0.02)


def test_the_pointer_finds_a_garment_and_shows_it(server: str, page: Page) -> None:
    open_map(page, f"{server}/clusters")
    surface = page.locator(".map .overlay").first
    surface.scroll_into_view_if_needed()
    box = surface.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + 0.4 * box["height"])
    card = page.locator(".map .card").first
    expect(card).to_be_visible()
    expect(card).to_contain_text("Test picture")
    expect(card.locator("img")).to_have_js_property("naturalWidth", 28)
    place = int(re.search(r"Test picture (\d+)", card.inner_text())[1])  # type: ignore[index]
    label = store.load_shipped_result(ImageStatistics())["labels"][60000 + place]
    short = page.locator(".map .legend").first.get_by_role("button").nth(int(label)).inner_text()
    expect(card).to_contain_text(f"class {short}")
    expect(page.locator(".map .status-line")).to_contain_text("cluster")


@pytest.mark.exhaustive
def test_the_maps_stay_where_they_are_under_the_pointer(server: str, new_page: Callable[..., Page]) -> None:
    page = new_page(viewport={"width": 1280, "height": 720})
    open_map(page, f"{server}/clusters?left=Prediction&right=Brightness")
    surface = page.locator(".map .overlay").first
    before = surface.bounding_box()
    assert before is not None
    page.mouse.move(before["x"] + 0.5 * before["width"], before["y"] + 0.5 * before["height"])
    expect(page.locator(".map .status-line")).to_contain_text("Brightness")
    assert surface.bounding_box() == before


@pytest.mark.exhaustive
def test_a_garment_of_the_gallery_is_shown_on_the_map(server: str, page: Page) -> None:
    open_map(page, f"{server}/clusters")
    page.locator(".map .legend").first.get_by_text("Sandal").click()
    expect(page.get_by_text("1,000 garments selected")).to_be_visible()
    before = page.locator(".map .plot").first.screenshot()
    page.locator(".picture-grid button").nth(5).click()
    wait_until_idle(page)
    assert page.locator(".map .plot").first.screenshot() != before


@pytest.mark.exhaustive
def test_new_colours_arrive_without_the_positions(server: str, page: Page) -> None:
    open_map(page, f"{server}/clusters?images=All", 70000)
    asked: list[int] = []
    page.on("response", lambda answer: asked.append(len(answer.body())) if "/arrays/" in answer.url else None)
    for colouring in ("Brightness", "True class", "Confidence"):
        page.get_by_label("Left by").select_option(colouring)
        expect(page.locator(".map")).to_have_attribute("data-colourings", f"{colouring}|Cluster")
        wait_until_idle(page)
    assert asked == [70000, 70000]  # one byte a point, once; what was there before is not asked for again


@pytest.mark.exhaustive
def test_a_browser_without_webgl_gets_plain_charts_and_a_message(server: str, new_page: Callable[..., Page]) -> None:
    page = new_page()
    page.add_init_script(NO_WEBGL)
    page.goto(f"{server}/clusters")
    wait_until_idle(page)
    expect(page.get_by_text("This browser has no WebGL")).to_be_visible()
    expect(page.locator(".js-plotly-plot .points path").first).to_be_visible()
    expect(page.locator(".map")).to_be_hidden()


@pytest.mark.exhaustive
def test_the_map_can_be_downloaded_as_a_picture(server: str, page: Page) -> None:
    open_map(page, f"{server}/clusters")
    with page.expect_download() as download:
        tool(page, "Save as PNG")
    picture = Image.open(download.value.path()).convert("RGB")
    pixels = np.asarray(picture).astype(int)
    strong = pixels.max(axis=2) - pixels.min(axis=2) > 40
    middle = strong.shape[1] // 2
    assert strong[:, :middle].sum() > 10000
    assert strong[:, middle:].sum() > 10000


@pytest.mark.exhaustive
def test_the_back_button_goes_back(server: str, page: Page) -> None:
    open_map(page, f"{server}/clusters")
    page.get_by_role("radio", name="UMAP").click()
    expect(page.locator(".map")).to_contain_text("UMAP: near points")
    page.wait_for_url(re.compile("map=UMAP"))
    page.wait_for_timeout(2500)  # the address is no longer taken for one that is only late
    page.go_back()
    expect(page.locator(".map")).to_contain_text("PC 1")
    expect(page).not_to_have_url(re.compile("map="))
