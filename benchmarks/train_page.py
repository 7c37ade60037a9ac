"""The page Train against the clock: ``python -m benchmarks.train_page [--repeats 5]``. Prints medians.

Memory of the server and of every process it started, with the page open and nothing training, as the first page and
after all others; then from the click on
Start to the first progress on the page, and from the click on Cancel to the page that says so.
"""

import tempfile
import time
from pathlib import Path

import psutil
from playwright.sync_api import Page

from benchmarks.browser import dashboard_page, parse_repeats, print_timings
from tests.e2e.conftest import wait_until_idle
from ui.shell import PAGE_TITLES

PROGRESS_SCRIPT = (
    "() => /step [1-9]|in progress/.test(document.querySelector('[data-testid=stProgress]')?.innerText ?? '')"
)
CANCELLED_SCRIPT = "() => document.body.innerText.includes('You can resume it')"
REST_MILLISECONDS = 4000


def megabytes_of_server() -> float:
    """Resident memory of the dashboard that this process started, and of its children."""
    server = next(c for c in psutil.Process().children() if "streamlit" in " ".join(c.cmdline()))
    return sum(p.memory_info().rss for p in (server, *server.children(recursive=True))) / 1e6


def open_form(page: Page, url: str, model: str) -> None:
    """Open the page with a form that trains for long."""
    page.goto(f"{url}/train?model={model}&preset={'best' if model == 'k-means' else 'quick'}")
    wait_until_idle(page)
    page.get_by_label("Restarts" if model == "k-means" else "Epochs", exact=True).fill("100")
    page.wait_for_timeout(REST_MILLISECONDS)


def time_button(page: Page, name: str, until: str) -> float:
    """Seconds from the click on a button until ``until`` is true."""
    page.get_by_role("button", name=name, exact=True).click()
    page.wait_for_function(until, polling="raf")
    return time.time() - float(page.evaluate("window.clicked")) / 1000


def main() -> None:
    repeats = parse_repeats(__doc__)
    with tempfile.TemporaryDirectory() as home, dashboard_page(Path(home)) as (page, url):
        for others in ((), PAGE_TITLES):
            for path in (*others, "train"):
                page.goto(f"{url}/{path}")
                wait_until_idle(page)
            page.wait_for_timeout(REST_MILLISECONDS)
            print(f"memory, {len(others)} other pages opened before  {megabytes_of_server():.0f} MB", flush=True)
        for model in ("MLP", "k-means"):
            started, cancelled = [], []
            for _ in range(repeats):
                open_form(page, url, model)
                started.append(time_button(page, "Start training", PROGRESS_SCRIPT))
                page.wait_for_timeout(REST_MILLISECONDS)
                cancelled.append(time_button(page, "Cancel", CANCELLED_SCRIPT))
            print_timings(f"{model}: Start to progress", started)
            print_timings(f"{model}: Cancel to the page that says so", cancelled)


if __name__ == "__main__":
    main()
