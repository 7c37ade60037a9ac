"""The linked maps of the page Clusters against the clock: ``python -m benchmarks.map [--repeats 5]``. Prints medians.

From the release of the pointer to what it changed, as the browser's clock sees it; second visits from the click in the
sidebar until the last point of both panels is rasterised.
"""

import math

from playwright.sync_api import FloatRect, Page

from benchmarks.browser import dashboard_page, follow_link, parse_repeats, print_timings, wait_for_seconds
from tests.e2e.conftest import wait_until_idle

PAINTED_SCRIPT = "n => { const p = window.paints.find(([drawn]) => drawn >= n); return p && p[1] - window.up; }"
SHOWN_SCRIPT = """() => {
  const text = document.body.innerText.match(/([\\d,]+) garments selected/)?.[0];
  const pictures = [...(window.part(".picture-grid")?.querySelectorAll("img") ?? [])];
  return [text, pictures.map((i) => i.src).join(), pictures.every((i) => i.complete && i.naturalWidth)];
}"""
SELECTED_SCRIPT = f"""([text, pictures]) => {{
  const now = ({SHOWN_SCRIPT})();
  return now[0] && now[0] !== text && now[1] !== pictures && now[2] && performance.now() - window.up;
}}"""
HOVERED_SCRIPT = """() => {
  const card = [...window.part(".map").querySelectorAll(".card")].find((c) => !c.hidden);
  const picture = card?.querySelector("img");
  return picture?.complete && picture.naturalWidth && performance.now() - window.move;
}"""
RECOLOUR_SCRIPT = """name => { const list = window.part(".colour-by"); list.value = name; window.up = performance.now();
  list.dispatchEvent(new Event("change")); }"""
RECOLOURED_SCRIPT = "names => window.part('.map')?.dataset.colourings === names && performance.now() - window.up"
COLOURINGS = ("Brightness", "Trust", "Cluster name", "Cluster", "True class", "Confidence")


def map_box(page: Page) -> FloatRect:
    """Where the left panel is."""
    box = page.locator(".map .overlay").first.bounding_box()
    assert box is not None
    return box


def time_lasso_selection(page: Page, x: float, y: float, radius: float) -> float:
    """Seconds from the lasso's release to the gallery with all its pictures."""
    before = page.evaluate(SHOWN_SCRIPT)[:2]
    box = map_box(page)
    for i in range(25):
        turn = 2 * math.pi * i / 24
        across, down = x + radius * math.cos(turn), y + radius * math.sin(turn)
        page.mouse.move(box["x"] + across * box["width"], box["y"] + down * box["height"])
        if i == 0:
            page.mouse.down()
    page.mouse.up()
    return wait_for_seconds(page, SELECTED_SCRIPT, before)


def time_hover(page: Page, x: float) -> float:
    """Seconds from the pointer's move to the picture of the point under it."""
    box = map_box(page)
    page.mouse.move(box["x"] - 20, box["y"] + 5)
    page.wait_for_timeout(300)
    page.mouse.move(box["x"] + x * box["width"], box["y"] + 0.5 * box["height"])
    return wait_for_seconds(page, HOVERED_SCRIPT)


def time_second_visit(page: Page) -> float:
    """Seconds from the click in the sidebar to both panels painted."""
    follow_link(page, "Overview")
    page.get_by_role("table").first.wait_for()
    wait_until_idle(page)
    page.evaluate("window.drawn = 0; window.paints = []")
    follow_link(page, "Clusters")
    return wait_for_seconds(page, PAINTED_SCRIPT, 20_000)


def time_recolour(page: Page, colouring: str) -> float:
    """Seconds from choosing the left panel's colours to both panels drawn, the new ones rasterised."""
    page.evaluate(RECOLOUR_SCRIPT, colouring)
    seconds = wait_for_seconds(page, RECOLOURED_SCRIPT, f"{colouring}|Cluster")
    page.wait_for_timeout(800)
    return seconds


def open_map(page: Page, address: str) -> None:
    """Open the page and wait until both panels are drawn."""
    page.goto(address)
    page.locator(".map[data-drawn]").wait_for()
    wait_until_idle(page)


def main() -> None:
    """Measure and print; the first of each kind doesn't count."""
    repeats = parse_repeats(__doc__)
    with dashboard_page() as (page, url):
        open_map(page, f"{url}/clusters")
        page.locator(".map .overlay").first.scroll_into_view_if_needed()
        page.locator(".map .tools").get_by_role("button", name="Lasso").click()
        seconds = []
        for i in range(repeats + 1):
            seconds.append(time_lasso_selection(page, 0.36 + 0.03 * i, 0.55, 0.14))
            page.wait_for_timeout(800)
        print_timings("lasso release to gallery, 10,000 points", seconds[1:])
        page.locator(".map [data-action=reset]").click()
        page.locator(".map .tools").get_by_role("button", name="Move").click()
        wait_until_idle(page)
        print_timings("pointer to picture", [time_hover(page, 0.3 + 0.04 * i) for i in range(repeats + 1)][1:])
        print_timings("second visit, both panels painted", [time_second_visit(page) for _ in range(repeats + 1)][1:])
        open_map(page, f"{url}/clusters?images=All")
        page.locator(".map[data-drawn='70000']").wait_for()
        seconds = [time_recolour(page, COLOURINGS[i % len(COLOURINGS)]) for i in range(repeats + 1)]
        print_timings("recolour, 70,000 points", seconds[1:])


if __name__ == "__main__":
    main()
