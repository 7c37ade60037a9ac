"""The Compare page against the clock: ``python -m benchmarks.compare [--repeats 5]``. Prints medians.

In the browser, by its own clock: opening with two runs (second visit), a cell's click to its gallery, the agreement of
all six shipped runs. In Python: the difference, its tests and intervals for two runs, and the agreement of six.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

from benchmarks.map import new_uncached_page, print_timings, wait_for_seconds
from fashion_core.analysis import compare, metrics
from fashion_core.runs.store import RunStore
from tests.conftest import real_data_folder
from tests.e2e.conftest import CHROMIUM_FLAGS, running_dashboard, wait_until_idle

CELLS = (6, 60, 66, 64, 26, 62)  # that hold some garments
OPENED = """() => window.part(".matrices")?.querySelectorAll("table").length === 3
  && document.querySelector("[data-testid=stDataFrame]") && performance.now() - window.up"""
SHOWN = """before => {
  const pictures = [...(window.part(".picture-grid")?.querySelectorAll("img") ?? [])];
  const now = pictures.map((i) => i.src).join();
  return pictures.length && now !== before && pictures.every((i) => i.complete && i.naturalWidth)
    && performance.now() - window.up;
}"""
SIX = "kmeans,mlp,cnn,improved_cnn,mlp-poster,cnn-poster"
AGREED = """() => window.part(".upset .head")?.children.length === 7
  && window.part(".upset button.row") && performance.now() - window.up"""
PICTURES = """() => [...(window.part(".picture-grid")?.querySelectorAll("img") ?? [])].map((i) => i.src).join()"""


def measure_python(repeats: int) -> None:
    """What is computed for two runs, and for six."""
    runs = RunStore()
    answers = {name: runs.load_predictions(runs.get(name)) for name in SIX.split(",")}
    labels = answers["cnn"].labels
    said = {name: found.probabilities.argmax(axis=1) for name, found in answers.items()}
    right = {name: answer == labels for name, answer in said.items()}

    def two() -> None:
        for name in ("cnn", "improved_cnn"):
            metrics.classification_metrics(labels, said[name])
        compare.paired_bootstrap(labels, said["cnn"], said["improved_cnn"])
        compare.mcnemar_test(right["cnn"], right["improved_cnn"])
        compare.mcnemar_test_by_class(labels, right["cnn"], right["improved_cnn"])

    def six() -> None:
        compare.count_correctness_patterns(np.stack(list(right.values())))

    print_timings("difference, tests and intervals, two runs", time_repeats(two, repeats))
    print_timings("agreement of six runs", time_repeats(six, repeats))


def time_repeats(work: Callable[[], None], repeats: int) -> list[float]:
    """Seconds of each of ``repeats`` after a first that does not count."""
    seconds = []
    for _ in range(repeats + 1):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return seconds[1:]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    print(f"medians of {repeats}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    measure_python(repeats)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        chromium = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        with running_dashboard(Path(folder) / "home", real_data_folder()) as url:
            page = new_uncached_page(browser)
            page.goto(f"{url}/compare")
            wait_until_idle(page)
            seconds = []
            for _ in range(repeats + 1):
                page.get_by_test_id("stSidebarNavLink").filter(has_text="Overview").click()
                page.get_by_role("table").first.wait_for()
                wait_until_idle(page)
                page.get_by_test_id("stSidebarNavLink").filter(has_text="Compare").click()
                seconds.append(wait_for_seconds(page, OPENED))
            print_timings("opening with two runs, second visit", seconds[1:])
            wait_until_idle(page)
            seconds = []
            for i in range(repeats + 1):
                before = page.evaluate(PICTURES)
                cell = page.locator(".matrices table").nth(i % 2).locator("td button").nth(CELLS[i % len(CELLS)])
                cell.click()
                seconds.append(wait_for_seconds(page, SHOWN, before))
                page.wait_for_timeout(700)
            print_timings("cell click to gallery", seconds[1:])
            page.goto(f"{url}/compare?runs={SIX}")
            wait_until_idle(page)
            seconds = []
            for _ in range(repeats + 1):
                page.get_by_role("radio", name="Agreement").click()
                seconds.append(wait_for_seconds(page, AGREED))
                page.get_by_role("radio", name="By class").click()
                page.locator(".upset").wait_for(state="detached")
                wait_until_idle(page)
            print_timings("click to the agreement of six runs", seconds[1:])
        browser.close()


if __name__ == "__main__":
    main()
