"""How long the report takes: ``python -m benchmarks.report [--repeats 5]``. Prints medians and file sizes.

Measures the command line for each format, in a new process; HTML again in a process that has built it before; and
opening the HTML file in Chromium, from disk and offline, from navigation to the frame after the last chart.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from fashion_core.data import load_dataset
from fashion_core.report.build import build_report
from fashion_core.report.html import render_html
from fashion_core.report.settings import ReportSettings
from fashion_core.runs.store import RunStore
from tests.conftest import PROJECT, real_data_folder
from tests.e2e.conftest import CHROMIUM_FLAGS, WIDE_WINDOW

REPORT_FILES = (("report.html", "a4"), ("report.pdf", "a4"), ("poster.pdf", "a1"), ("report.pptx", "a4"))
PAINTED_SCRIPT = """new MutationObserver((_, observer) => {
  if (!document.documentElement?.dataset.drawn) return;
  observer.disconnect();
  requestAnimationFrame(() => requestAnimationFrame(() => { window.painted = performance.now(); }));
}).observe(document, { attributes: true, childList: true, subtree: true });"""


def write_report(out: Path, paper: str, data: Path | None) -> None:
    """Write a report with the command line."""
    arguments = ["report", "--out", str(out), "--paper", paper, *(["--data", str(data)] if data else [])]
    subprocess.run([sys.executable, "-m", "fashion_core", *arguments], cwd=PROJECT, check=True, capture_output=True)


def time_opening(browser: Browser, file: Path) -> float:
    """Seconds from navigation to the frame after the last chart, in a new browser context."""
    context = browser.new_context(viewport=WIDE_WINDOW, offline=True)
    page = context.new_page()
    page.add_init_script(PAINTED_SCRIPT)
    page.goto(file.as_uri())
    painted = page.wait_for_function("window.painted").json_value()
    context.close()
    return float(painted) / 1000


def time_median(work: Callable[[], object], repeats: int) -> float:
    """Median seconds of ``repeats`` calls."""
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    data = real_data_folder()
    print(f"medians of {repeats}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        for name, paper in REPORT_FILES:
            out = Path(folder) / name
            seconds = time_median(lambda out=out, paper=paper: write_report(out, paper, data), repeats)  # type: ignore[misc]
            print(f"{name:<12} {seconds:5.2f} s, {out.stat().st_size / 1e6:.1f} MB")
        dataset = load_dataset(data)
        render_html(build_report(ReportSettings(), RunStore(), dataset))
        seconds = time_median(lambda: render_html(build_report(ReportSettings(), RunStore(), dataset)), repeats)
        print(f"{'HTML again':<12} {seconds:5.2f} s, in the same process")
        with sync_playwright() as playwright:
            chromium = os.environ.get("CHROMIUM", "/usr/bin/chromium")
            browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
            times = [time_opening(browser, Path(folder) / "report.html") for _ in range(repeats)]
            print(f"{'opening':<12} {statistics.median(times):5.2f} s")
            browser.close()


if __name__ == "__main__":
    main()
