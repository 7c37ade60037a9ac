"""The page Compare against the clock: ``python -m benchmarks.compare [--repeats 5]``. Prints medians.

As the browser's clock sees it: opening with two runs (second visit), from the click on a cell to its garments, and from
the click on Agreement to the agreement of six runs.
"""

from playwright.sync_api import Page

from benchmarks.browser import dashboard_page, follow_link, parse_repeats, print_timings, wait_for_seconds
from tests.e2e.conftest import wait_until_idle

CELLS = (6, 60, 66, 64, 26, 62)  # that hold some garments
SIX_RUNS = "kmeans,mlp,cnn,improved_cnn,mlp-poster,cnn-poster"
OPENED_SCRIPT = """() => window.part(".matrices")?.querySelectorAll("table").length === 3
  && document.querySelector("[data-testid=stDataFrame]") && performance.now() - window.up"""
PICTURES_SCRIPT = (
    """() => [...(window.part(".picture-grid")?.querySelectorAll("img") ?? [])].map((i) => i.src).join()"""
)
SHOWN_SCRIPT = """before => {
  const pictures = [...(window.part(".picture-grid")?.querySelectorAll("img") ?? [])];
  const now = pictures.map((i) => i.src).join();
  return pictures.length && now !== before && pictures.every((i) => i.complete && i.naturalWidth)
    && performance.now() - window.up;
}"""
AGREED_SCRIPT = """() => window.part(".upset .head")?.children.length === 7
  && window.part(".upset button.row") && performance.now() - window.up"""


def time_opening(page: Page) -> float:
    """Seconds from the click in the sidebar to three matrices and the table."""
    follow_link(page, "Overview")
    page.get_by_role("table").first.wait_for()
    wait_until_idle(page)
    follow_link(page, "Compare")
    return wait_for_seconds(page, OPENED_SCRIPT)


def time_cell(page: Page, number: int) -> float:
    """Seconds from the click on a cell to all pictures of its garments."""
    before = page.evaluate(PICTURES_SCRIPT)
    table = page.locator(".matrices table").nth(number % 2)
    table.locator("td button").nth(CELLS[number % len(CELLS)]).click()
    seconds = wait_for_seconds(page, SHOWN_SCRIPT, before)
    page.wait_for_timeout(700)
    return seconds


def time_agreement(page: Page) -> float:
    """Seconds from the click to the agreement of six runs."""
    page.get_by_role("radio", name="Agreement").click()
    seconds = wait_for_seconds(page, AGREED_SCRIPT)
    page.get_by_role("radio", name="By class").click()
    page.locator(".upset").wait_for(state="detached")
    wait_until_idle(page)
    return seconds


def main() -> None:
    """Measure and print; the first of each kind doesn't count."""
    repeats = parse_repeats(__doc__)
    with dashboard_page() as (page, url):
        page.goto(f"{url}/compare")
        wait_until_idle(page)
        seconds = [time_opening(page) for _ in range(repeats + 1)]
        print_timings("opening with two runs, second visit", seconds[1:])
        wait_until_idle(page)
        print_timings("click on a cell to its garments", [time_cell(page, i) for i in range(repeats + 1)][1:])
        page.goto(f"{url}/compare?runs={SIX_RUNS}")
        wait_until_idle(page)
        seconds = [time_agreement(page) for _ in range(repeats + 1)]
        print_timings("click to the agreement of six runs", seconds[1:])


if __name__ == "__main__":
    main()
