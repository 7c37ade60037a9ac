"""A dashboard with a browser that measures it: shared by the timings of pages."""

import argparse
import os
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.conftest import real_data_folder
from tests.e2e.conftest import CHROMIUM_FLAGS, WIDE_WINDOW, running_dashboard

# Notes when the pointer clicked and was released. `part` finds an element inside a component.
CLOCK_SCRIPT = """
window.up = 0; window.clicked = 0;
addEventListener("pointerup", () => (window.up = performance.now()), true);
addEventListener("click", () => (window.clicked = Date.now()), true);
window.part = (selector) => {
  for (const e of document.querySelectorAll("*")) {
    const found = e.shadowRoot?.querySelector(selector);
    if (found) return found;
  }
};
"""


@contextmanager
def dashboard_page(home: Path | None = None) -> Iterator[tuple[Page, str]]:
    """A page in a fresh browser, and the address of a fresh dashboard, whose per-user folder is ``home``."""
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as temporary:
        chromium = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        page = browser.new_page(viewport=WIDE_WINDOW)
        page.add_init_script(CLOCK_SCRIPT)
        page.set_default_timeout(120_000)
        with running_dashboard(home or Path(temporary), real_data_folder()) as url:
            yield page, url
        browser.close()


def wait_for_seconds(page: Page, condition: str, argument: object = None) -> float:
    """Seconds that the JavaScript ``condition`` returns, in milliseconds, once it is true."""
    return float(page.wait_for_function(condition, arg=argument, polling="raf").json_value()) / 1000


def follow_link(page: Page, title: str) -> None:
    """Click a page's link in the sidebar."""
    page.get_by_test_id("stSidebarNavLink").filter(has_text=title).click()


def parse_repeats(description: str | None, default: int = 5) -> int:
    """The option ``--repeats``; prints what the medians are taken of."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--repeats", type=int, default=default)
    repeats: int = parser.parse_args().repeats
    print(f"medians of {repeats}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", flush=True)
    return repeats


def print_timings(name: str, seconds: list[float], suffix: str = "") -> None:
    """Print a median with all the values behind it."""
    print(f"{name:<44} {statistics.median(seconds):6.3f} s  of {[round(s, 3) for s in seconds]}{suffix}", flush=True)
