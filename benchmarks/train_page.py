"""The Train page against the clock: ``python -m benchmarks.train_page [--repeats 5] [--seconds 30]``. Prints medians.

From the click on Start to the first progress shown, of a network and of k-means; from the click on Cancel to the page
that says so and to the end of the process, as clocks in and beside the browser see it; and what a page that watches
costs the server, in processor time, over the server that nobody looks at.
"""

import argparse
import os
import statistics
import tempfile
import threading
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from fashion_core.runs import queue
from fashion_core.runs.store import RunStore
from tests.conftest import real_data_folder
from tests.e2e.conftest import CHROMIUM_FLAGS, WIDE_WINDOW, running_dashboard, wait_until_idle

PROGRESS = """() => /step [1-9]|under way/.test(document.querySelector('[data-testid=stProgress]')?.innerText ?? '')"""
SAID = "() => document.body.innerText.includes('are saved; you can resume it')"
CLICKED = "addEventListener('click', () => (window.clicked = Date.now()), true)"  # playwright waits before it clicks
REST_MILLISECONDS = 4000  # milliseconds for the page to come to rest


def open_form(page: Page, url: str, model: str, preset: str, epochs: int) -> None:
    """The form, ready to be sent."""
    page.goto(f"{url}/train?model={model}&preset={preset}")
    wait_until_idle(page)
    page.get_by_label("Restarts" if model == "k-means" else "Epochs", exact=True).fill(str(epochs))
    page.wait_for_timeout(REST_MILLISECONDS)


def measure_start(page: Page) -> float:
    """Seconds from the click on Start to a bar that tells a step, or of k-means the restart under way."""
    page.get_by_role("button", name="Start training").click()
    page.wait_for_function(PROGRESS, polling="raf")
    return time.time() - page.evaluate("window.clicked") / 1000


def measure_cancel(page: Page, store: RunStore) -> tuple[float, float]:
    """Seconds from the click on Cancel to the page that says so, and to the end of the run's process."""
    entry = next(entry for entry in store.entries() if queue.run_phase(entry) in queue.LIVE_PHASES)
    ended: list[float] = []

    def look() -> None:
        while queue.has_process(store.get(entry.id)):
            time.sleep(0.02)
        ended.append(time.time())

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    page.get_by_role("button", name="Cancel", exact=True).click()
    page.wait_for_function(SAID, polling="raf")
    said = time.time()
    thread.join()
    clicked = page.evaluate("window.clicked") / 1000
    return said - clicked, ended[0] - clicked


def find_server_pid() -> int:
    """Process number of the dashboard that this process started."""
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    for pid in children:
        if b"streamlit" in Path(f"/proc/{pid}/cmdline").read_bytes():
            return int(pid)
    raise RuntimeError("no server")


def cpu_seconds(pid: int) -> float:
    """Seconds of processor time that the process has used, in all its threads."""
    values = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(values[11]) + int(values[12])) / os.sysconf("SC_CLK_TCK")


def measure_cpu_fraction(pid: int, seconds: float) -> float:
    """Share of a core that the process uses over the next ``seconds``."""
    before, begin = cpu_seconds(pid), time.perf_counter()
    time.sleep(seconds)
    return (cpu_seconds(pid) - before) / (time.perf_counter() - begin)


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
            store, page, pid = RunStore(Path(home) / "runs"), browser.new_page(viewport=WIDE_WINDOW), find_server_pid()
            page.add_init_script(CLICKED)
            page.goto(url)
            wait_until_idle(page)
            page.wait_for_timeout(REST_MILLISECONDS)
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
                watching = measure_cpu_fraction(pid, arguments.seconds)
                page.goto("about:blank")
                page.wait_for_timeout(2 * REST_MILLISECONDS)
                alone = measure_cpu_fraction(pid, arguments.seconds)
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
