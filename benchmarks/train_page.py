"""Memory and times of the page Train: ``python -m benchmarks.train_page [--repeats 5] [--seconds 30]``.

Prints the memory of all processes while the page is open and nothing trains; medians of the times from a click on
Start to the first progress, and from a click on Cancel to the page that says so and to the end of the process, of a
network and of k-means; and the processor time that a page costs while it watches a run. ``--repeats 0``: memory only.
"""

import argparse
import os
import statistics
import tempfile
import threading
import time
from pathlib import Path

import psutil
from playwright.sync_api import Page, sync_playwright

from fashion_core.runs import queue
from fashion_core.runs.store import RunStore
from tests.conftest import real_data_folder
from tests.e2e.conftest import CHROMIUM_FLAGS, WIDE_WINDOW, running_dashboard, wait_until_idle

PROGRESS = (
    """() => /step [1-9]|in progress/.test(document.querySelector('[data-testid=stProgress]')?.innerText ?? '')"""
)
CANCELLED_SHOWN = "() => document.body.innerText.includes('are saved; you can resume it')"
RECORD_CLICKS = (
    "addEventListener('click', () => (window.clicked = Date.now()), true)"  # playwright waits before it clicks
)
REST_MILLISECONDS = 4000  # for the page to come to rest


def open_form(page: Page, url: str, model: str, preset: str, epochs: int) -> None:
    """Open the form and fill it in."""
    page.goto(f"{url}/train?model={model}&preset={preset}")
    wait_until_idle(page)
    page.get_by_label("Restarts" if model == "k-means" else "Epochs", exact=True).fill(str(epochs))
    page.wait_for_timeout(REST_MILLISECONDS)


def measure_start(page: Page) -> float:
    """Seconds from the click on Start to a bar that shows a step or, of k-means, the restart in progress."""
    page.get_by_role("button", name="Start training").click()
    page.wait_for_function(PROGRESS, polling="raf")
    return time.time() - page.evaluate("window.clicked") / 1000


def measure_cancel(page: Page, store: RunStore) -> tuple[float, float]:
    """Seconds from the click on Cancel to the page that says so, and to the end of the run's process."""
    entry = next(entry for entry in store.entries() if queue.run_phase(entry) in queue.LIVE_PHASES)
    ended: list[float] = []

    def wait_for_exit() -> None:
        while queue.has_process(store.get(entry.id)):
            time.sleep(0.02)
        ended.append(time.time())

    thread = threading.Thread(target=wait_for_exit, daemon=True)
    thread.start()
    page.get_by_role("button", name="Cancel", exact=True).click()
    page.wait_for_function(CANCELLED_SHOWN, polling="raf")
    said = time.time()
    thread.join()
    clicked = page.evaluate("window.clicked") / 1000
    return said - clicked, ended[0] - clicked


def find_server() -> psutil.Process:
    """The dashboard that this process started."""
    return next(child for child in psutil.Process().children() if "streamlit" in child.cmdline())


def measure_memory(server: psutil.Process) -> float:
    """Resident memory of the server and all processes that it started, in GB; pages that they share count for each."""
    return sum(each.memory_info().rss for each in [server, *server.children(recursive=True)]) / 1e9


def measure_cpu_fraction(server: psutil.Process, seconds: float) -> float:
    """Fraction of a core that the server uses over the next ``seconds``."""
    before, begin = sum(server.cpu_times()[:2]), time.perf_counter()
    time.sleep(seconds)
    return (sum(server.cpu_times()[:2]) - before) / (time.perf_counter() - begin)


def print_median(name: str, values: list[float]) -> None:
    """Print a median with its range."""
    print(f"{name:<44} {statistics.median(values):5.2f} s  ({min(values):.2f} to {max(values):.2f})", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=30)
    arguments = parser.parse_args()
    print(f"medians of {arguments.repeats}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", flush=True)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as home:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=CHROMIUM_FLAGS
        )
        with running_dashboard(Path(home), real_data_folder()) as url:
            store, page, server = RunStore(Path(home) / "runs"), browser.new_page(viewport=WIDE_WINDOW), find_server()
            page.add_init_script(RECORD_CLICKS)
            page.goto(f"{url}/train")
            page.get_by_role("button", name="Start training").wait_for()
            wait_until_idle(page)
            print(f"memory with the page open and nothing training: {measure_memory(server):.2f} GB", flush=True)
            page.goto(url)
            wait_until_idle(page)
            page.wait_for_timeout(REST_MILLISECONDS)
            page.goto(f"{url}/train")
            page.get_by_role("button", name="Start training").wait_for()
            print(f"the same after a visit to the first page: {measure_memory(server):.2f} GB", flush=True)
            if not arguments.repeats:
                return
            for model, preset, epochs in (("MLP", "quick", 100), ("k-means", "best", 10)):
                times: dict[str, list[float]] = {"start": [], "said": [], "gone": []}
                for _ in range(arguments.repeats):
                    open_form(page, url, model, preset, epochs)
                    times["start"].append(measure_start(page))
                    page.wait_for_timeout(REST_MILLISECONDS)
                    said, gone = measure_cancel(page, store)
                    times["said"].append(said)
                    times["gone"].append(gone)
                print_median(f"{model}: Start to progress", times["start"])
                print_median(f"{model}: Cancel to the page that says so", times["said"])
                print_median(f"{model}: Cancel to the end of its process", times["gone"])
            for model, preset in (("MLP", "best"), ("Improved CNN", "quick")):
                open_form(page, url, model, preset, 1000)
                measure_start(page)
                page.wait_for_timeout(3 * REST_MILLISECONDS)
                watching = measure_cpu_fraction(server, arguments.seconds)
                page.goto("about:blank")
                page.wait_for_timeout(2 * REST_MILLISECONDS)
                alone = measure_cpu_fraction(server, arguments.seconds)
                print(
                    f"{model}: a page that watches costs {watching - alone:.1%} of a core, "
                    f"the server alone {alone:.1%}; load {os.getloadavg()[0]:.1f}",
                    flush=True,
                )
                page.goto(f"{url}/train")
                wait_until_idle(page)
                measure_cancel(page, store)
        browser.close()


if __name__ == "__main__":
    main()
