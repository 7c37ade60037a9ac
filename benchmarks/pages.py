"""How long pages take to appear: ``python -m benchmarks.pages [--repeats 5]``. Prints medians.

Starts a fresh server each time for the cold start (until Overview has its table), and clicks through the sidebar twice
for warm switches (second visit, from the click to a page that has stopped changing).
"""

import time

from playwright.sync_api import Page

from benchmarks.browser import dashboard_page, follow_link, parse_repeats, print_timings
from ui.shell import PAGE_TITLES

PAGE_READY_SCRIPT = """() => {
  const app = document.querySelector('[data-testid=stApp]');
  return app && app.dataset.testScriptState !== 'running' && !document.querySelector('[data-testid=stSkeleton]')
    && [...document.querySelectorAll('[data-testid=stPlotlyChart]')].every(c => c.querySelector('.main-svg'));
}"""


def time_page_switch(page: Page, title: str) -> float:
    """Seconds from the click to a page with its title that has stopped changing."""
    start = time.perf_counter()
    follow_link(page, title)
    page.get_by_role("heading", level=1, name=title).wait_for()
    page.wait_for_function(PAGE_READY_SCRIPT, polling=20)
    if title == "Clusters":
        page.locator(".map[data-drawn]").wait_for()
    return time.perf_counter() - start


def main() -> None:
    repeats = parse_repeats(__doc__)
    cold: list[float] = []
    warm: dict[str, list[float]] = {title: [] for title in PAGE_TITLES.values()}
    for _ in range(repeats):
        start = time.perf_counter()
        with dashboard_page() as (page, url):
            page.goto(url)
            page.get_by_role("table").first.wait_for()
            page.wait_for_function(PAGE_READY_SCRIPT, polling=20)
            cold.append(time.perf_counter() - start)
            for title in PAGE_TITLES.values():  # the first visit fills caches
                time_page_switch(page, title)
                page.wait_for_timeout(1500)
            for title, seconds in warm.items():
                seconds.append(time_page_switch(page, title))
                page.wait_for_timeout(500)
            page.goto("about:blank")
    print_timings("cold start to Overview, with the browser's", cold)
    for title, seconds in warm.items():
        print_timings(f"warm switch to {title}", seconds)


if __name__ == "__main__":
    main()
