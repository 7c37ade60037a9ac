"""What a laptop's window of 1280 by 720 shows of each page without scrolling."""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from tests.conftest import real_data_folder
from tests.e2e.conftest import running_dashboard, wait_until_idle
from tests.e2e.test_pages import page_url
from tests.ui.catalogues import write_catalogue
from ui.shell import PAGE_TITLES

WIDTH, HEIGHT = 1280, 720
MAX_FIRST_TOP = 130  # pixels above the first control or answer
MAX_NOTICE_HEIGHT = 36  # pixels
MAX_LAYOUT_SHIFT = 0.1
# the picture or answer that each page is about
MAIN_PICTURE = {
    "overview": ".js-plotly-plot",
    "try_it": "canvas",
    "feasibility": ".js-plotly-plot",
    "review": "[data-testid=stCode]",
    "compare": ".matrices table",
    "clusters": ".map[data-drawn]",
    "garments": "[data-testid=stImageContainer]",
    "train": "[data-testid=stMain] button[kind=primary]",
    "data": "[data-testid=stDataFrame]",
    "report": "iframe",
}
FIRST_TOP = """() => Math.min(...[...document.querySelectorAll(`[data-testid=stMain]
  :is(button, input, h2, h3, strong, canvas, iframe, [role=combobox], [role=tab], [data-testid=stDataFrame])`)]
  .filter((e) => e.checkVisibility() && e.getBoundingClientRect().width > 0)
  .map((e) => e.getBoundingClientRect().top))"""
# parts of the main area that are cut off at its right edge, other than in boxes that scroll
CUT_OFF = """() => {
  const main = document.querySelector("[data-testid=stMain]");
  const edge = main.getBoundingClientRect().right + 1;
  const scrolls = (e) => { for (; e && e !== main; e = e.parentElement)
    if (["auto", "scroll", "hidden", "clip"].includes(getComputedStyle(e).overflowX)) return true; return false; };
  return [...main.querySelectorAll("p, button, input, label, h1, h2, h3, img, canvas, iframe")]
    .filter((e) => e.checkVisibility() && e.getBoundingClientRect().right > edge && !scrolls(e))
    .map((e) => `${e.tagName} ${e.textContent.slice(0, 40)}`);
}"""

# all that moved by itself since the page was opened, and what
SHIFT_CLOCK = """
window.shift = 0; window.moved = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    if (entry.hadRecentInput) continue;
    window.shift += entry.value;
    window.moved.push(...entry.sources.map(({ node }) =>
      `${entry.value.toFixed(3)} ${node?.dataset?.testid ?? ""} ${node?.textContent?.slice(0, 40)}`));
  }
}).observe({ type: "layout-shift", buffered: true });
"""


def open_first_screen(page: Page, url: str) -> None:
    page.goto(url)
    wait_until_idle(page)


def box(page: Page, selector: str) -> dict[str, float]:
    """Position and size of the first visible element."""
    found = page.locator(selector).first
    expect(found).to_be_visible()
    bounds = found.bounding_box()
    assert bounds is not None
    return dict(bounds)


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=[] if n in ("train", "compare") else pytest.mark.exhaustive) for n in PAGE_TITLES],
)
def test_a_page_opens_with_its_answer_in_view_and_nothing_jumps(
    name: str, server: str, new_page: Callable[..., Page]
) -> None:
    page = new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="dark")
    page.add_init_script(SHIFT_CLOCK)
    open_first_screen(page, page_url(server, name))
    expect_answer_in_view(page, name)


@pytest.mark.exhaustive
@pytest.mark.timeout(300)
def test_from_page_to_page_each_answer_is_in_view_and_nothing_jumps(server: str, new_page: Callable[..., Page]) -> None:
    page = new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="dark")
    page.add_init_script(SHIFT_CLOCK)
    elsewhere: list[str] = []
    page.on("request", lambda request: elsewhere.append(request.url) if is_elsewhere(request.url, server) else None)
    open_first_screen(page, f"{server}/report")
    for name, title in PAGE_TITLES.items():
        page.get_by_test_id("stSidebarNavLink").filter(has_text=title).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
        wait_until_idle(page)
        expect_answer_in_view(page, name)
        if name == "overview":
            expect_narrow_sidebar_and_one_line_title(page)
    assert elsewhere == []


def expect_answer_in_view(page: Page, name: str) -> None:
    """Without scrolling, wholly in the window, and nothing has jumped or is cut off."""
    check_layout_shift(page, name)
    assert page.evaluate(FIRST_TOP) <= MAX_FIRST_TOP, name
    picture = box(page, MAIN_PICTURE[name])
    assert picture["x"] >= 0, name
    assert picture["x"] + picture["width"] <= WIDTH, name
    assert picture["y"] + picture["height"] <= HEIGHT, (name, picture)
    assert page.evaluate(CUT_OFF) == [], name


def check_layout_shift(page: Page, name: str) -> None:
    """And begin anew."""
    page.locator(MAIN_PICTURE[name]).first.wait_for()
    shift, moved = page.evaluate("[window.shift, window.moved]")
    assert shift <= MAX_LAYOUT_SHIFT, (name, moved)
    page.evaluate("window.shift = 0; window.moved = []")


def is_elsewhere(url: str, server: str) -> bool:
    """Whether a request leaves this machine's server."""
    return urlsplit(url).scheme.startswith("http") and urlsplit(url).netloc != urlsplit(server).netloc


def expect_narrow_sidebar_and_one_line_title(page: Page) -> None:
    assert box(page, "[data-testid=stSidebar]")["width"] <= 215
    title, question = box(page, "h1"), box(page, "[data-testid=stMain] p")
    assert 20 <= title["y"] <= 30
    assert abs(title["y"] + title["height"] / 2 - question["y"] - question["height"] / 2) <= 4
    expect(page.get_by_test_id("stSidebar")).to_contain_text("Data set")
    expect(page.get_by_test_id("stSidebarNavLink")).to_have_text(list(PAGE_TITLES.values()))


def test_the_notice_about_sample_data_takes_one_line(sample_data_server: str, new_page: Callable[..., Page]) -> None:
    page = new_page(viewport={"width": WIDTH, "height": HEIGHT})
    open_first_screen(page, f"{sample_data_server}/garments")
    assert box(page, ".st-key-sample-data-notice")["height"] <= MAX_NOTICE_HEIGHT
    assert page.evaluate(FIRST_TOP) <= MAX_FIRST_TOP


@pytest.mark.exhaustive
def test_a_slow_connection_shows_the_same_without_motion(server: str, new_page: Callable[..., Page]) -> None:
    page = new_page(viewport={"width": WIDTH, "height": HEIGHT}, reduced_motion="reduce")

    def answer_late(route: Route) -> None:
        page.wait_for_timeout(1500)
        route.continue_()

    page.route(re.compile(r"/(BidiComponent|PlotlyChart)[^/]*\.js|/(arrays|pictures|reports)/"), answer_late)
    for name in PAGE_TITLES:
        page.goto(page_url(server, name))
        page.locator(MAIN_PICTURE[name]).first.wait_for()
        wait_until_idle(page)
        assert page.evaluate(CUT_OFF) == [], name
    page.unroute_all(behavior="wait")


@pytest.mark.exhaustive
@pytest.mark.parametrize("width", [420, 640, 1280])  # 640: a window of 1280 enlarged to 200 %
def test_nothing_is_cut_off_with_many_long_class_names(
    width: int, new_page: Callable[..., Page], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("FASHION_HOME", str(home))
    names = tuple(f"Class number {i} whose name is as long as somebody could think of" for i in range(200))
    write_catalogue("many", 200, names=names, title="A catalogue with a title that goes on and on and on and on")
    with running_dashboard(home, real_data_folder()) as url:
        page = new_page(viewport={"width": width, "height": HEIGHT})
        for name in PAGE_TITLES:
            page.goto(f"{page_url(url, name)}?data=many")
            wait_until_idle(page)
            assert page.evaluate(CUT_OFF) == [], name
            assert page.eval_on_selector("[data-testid=stMain]", "e => e.scrollWidth - e.clientWidth") <= 1, name
        page.goto("about:blank")


@pytest.mark.exhaustive
def test_what_is_chosen_shows_with_forced_colours(server: str, new_page: Callable[..., Page]) -> None:
    page = new_page(viewport={"width": WIDTH, "height": HEIGHT}, forced_colors="active")
    for name, chosen in (("train", "[role=tab][aria-selected=true]"), ("compare", "button[data-selected=true]")):
        open_first_screen(page, page_url(server, name))
        assert page.locator(chosen).first.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    cell = page.locator(".matrices td button").first
    assert cell.evaluate("e => getComputedStyle(e).backgroundColor") != "rgba(0, 0, 0, 0)"
