"""What visitors wait for: ``python -m benchmarks.waits [--repeats 3]``. Prints medians.

Each in a fresh browser on a fresh server, so that nothing is cached. The first five are of a visitor who looked at the
Overview for three seconds and then clicked a page in the sidebar:

- first drawing: from the end of a stroke as soon as Try it has a canvas to the answer;
- maps: from the click on "Position on the maps" to both maps, after that drawing;
- report: from the click on the page to the report in its preview;
- speed: from the click on Feasibility's "Speed and size" to the runs' table, and until all runs are measured;
- Train: from the click on the page to its title, and from the click on "Runs" to the table of twenty finished runs.

The others open their page by its address:

- k = 20: from opening the page Clusters to the maps with 20 clusters;
- one MLP fails: from the click on "Watch one MLP fail" to the end of both runs.
"""

import shutil
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page

from benchmarks.browser import dashboard_page, follow_link, parse_repeats, print_timings, wait_for_seconds
from benchmarks.try_it import GARMENT_OUTLINE, time_stroke
from fashion_core.runs.store import ZOO_FOLDER
from tests.e2e.conftest import wait_until_idle

N_RUNS = 20
SECONDS_ON_OVERVIEW = 3
TWO_MAPS = """() => [...document.querySelectorAll(".js-plotly-plot")].filter((e) => e.checkVisibility()).length >= 2
  && document.querySelector("[class*=st-key-place-umap] .main-svg") && Date.now() - window.clicked"""


def open_overview(page: Page, url: str) -> None:
    """Open the Overview and look at it."""
    page.goto(url)
    wait_until_idle(page)
    page.wait_for_timeout(1000 * SECONDS_ON_OVERVIEW)


def time_drawing_and_maps(page: Page, url: str) -> dict[str, float]:
    """The first drawing, and then its position on the maps."""
    open_overview(page, url)
    follow_link(page, "Try it")
    page.get_by_label("Canvas to draw a garment on").wait_for()
    drawing = time_stroke(page, GARMENT_OUTLINE)
    wait_until_idle(page)
    page.get_by_role("radio", name="Position on the maps").click()
    return {"first drawing to its answer": drawing, "position on the maps": wait_for_seconds(page, TWO_MAPS)}


def time_report(page: Page, url: str) -> dict[str, float]:
    """The preview of the report."""
    open_overview(page, url)
    follow_link(page, "Report")
    page.frame_locator("iframe").get_by_role("heading", level=2).first.wait_for()
    return {"report": seconds_since_click(page)}


def time_speed(page: Page, url: str) -> dict[str, float]:
    """The table of what runs cost, and all measurements in it."""
    open_overview(page, url)
    follow_link(page, "Feasibility")
    wait_until_idle(page)
    page.get_by_role("radio", name="Speed and size").click()
    page.get_by_test_id("stDataFrame").last.wait_for()
    shown = seconds_since_click(page)
    page.get_by_role("button", name="Measure again").wait_for()
    return {"speed and size: table": shown, "speed and size: all measured": seconds_since_click(page)}


def time_clusters(page: Page, url: str) -> dict[str, float]:
    """The maps with another number of clusters."""
    page.goto(f"{url}/clusters?k=20")
    page.locator(".map[data-drawn]").wait_for()
    return {"k = 20": float(page.evaluate("performance.now()")) / 1000}


def time_train_page(page: Page, url: str) -> dict[str, float]:
    """The page, and the list of the runs."""
    open_overview(page, url)
    follow_link(page, "Train")
    page.get_by_role("heading", name="Train", level=1).wait_for()
    title = seconds_since_click(page)
    wait_until_idle(page)
    page.get_by_role("tab", name="Runs").click()
    page.get_by_test_id("stDataFrame").wait_for()
    return {"Train: title": title, "Train: twenty runs": seconds_since_click(page)}


def time_failure(page: Page, url: str) -> dict[str, float]:
    """The two short runs of which one fails."""
    page.goto(f"{url}/train?tab=Poster+experiment")
    wait_until_idle(page)
    page.get_by_role("button", name="Watch one MLP fail").click()
    began = time.monotonic()
    page.get_by_text("MLP with output ReLU: finished").wait_for(timeout=90_000)
    return {"one MLP fails": time.monotonic() - began}


def seconds_since_click(page: Page) -> float:
    """Since the last click, by the browser's clock."""
    return float(page.evaluate("Date.now() - window.clicked")) / 1000


def copy_runs(home: Path) -> None:
    """Twenty finished runs."""
    for number in range(N_RUNS):
        shutil.copytree(ZOO_FOLDER / "mlp", home / "runs" / f"mlp-s0-20260101-0000{number:02}-000000")


def main() -> None:
    seconds: dict[str, list[float]] = {}
    for _ in range(parse_repeats(__doc__, default=3)):
        for measure in (time_drawing_and_maps, time_report, time_speed, time_clusters, time_train_page, time_failure):
            with tempfile.TemporaryDirectory() as home:
                if measure is time_train_page:
                    copy_runs(Path(home))
                with dashboard_page(Path(home)) as (page, url):
                    for name, value in measure(page, url).items():
                        seconds.setdefault(name, []).append(value)
                    page.goto("about:blank")
    for name, values in seconds.items():
        print_timings(name, values)


if __name__ == "__main__":
    main()
