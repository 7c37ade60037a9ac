"""How long pages take to appear: ``python -m benchmarks.pages [--repeats 5]``.

Starts a fresh server each time for the cold start (process start to a drawn table on Overview), and clicks through
the sidebar twice for warm switches (second visit, click to a page that stands still). Prints medians.
"""

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.conftest import real_data_folder
from tests.e2e.conftest import CHROMIUM_FLAGS, WIDE_WINDOW, running_dashboard
from ui.shell import PAGE_TITLES

PAGE_READY_SCRIPT = """() => {
  const app = document.querySelector('[data-testid=stApp]');
  return app && app.dataset.testScriptState !== 'running' && !document.querySelector('[data-testid=stSkeleton]')
    && [...document.querySelectorAll('[data-testid=stPlotlyChart]')].every(c => c.querySelector('.main-svg'));
}"""


def time_page_switch(page: Page, title: str) -> float:
    """Seconds from the click to a page with its title that stands still."""
    start = time.perf_counter()
    page.get_by_test_id("stSidebarNavLink").filter(has_text=title).click()
    page.get_by_role("heading", level=1, name=title).wait_for()
    page.wait_for_function(PAGE_READY_SCRIPT, polling=20)
    if title == "Clusters":
        page.locator(".map[data-drawn]").wait_for()
    return time.perf_counter() - start


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    cold: list[float] = []
    warm: dict[str, list[float]] = {title: [] for title in PAGE_TITLES.values()}
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=CHROMIUM_FLAGS
        )
        for _ in range(repeats):
            page = chromium.new_page(viewport=WIDE_WINDOW)
            start = time.perf_counter()
            with tempfile.TemporaryDirectory() as home, running_dashboard(Path(home), real_data_folder()) as url:
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
            page.close()
        chromium.close()
    print(f"medians of {repeats}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(f"cold start to Overview  {statistics.median(cold):.2f} s")
    for title, seconds in warm.items():
        print(f"warm switch to {title:<9} {statistics.median(seconds):.2f} s")


if __name__ == "__main__":
    main()
