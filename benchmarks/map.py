"""The pair of maps against the clock: ``python -m benchmarks.map [--repeats 5]``. Prints medians.

First paint: from the navigation in a fresh browser context until the last of both panels' points is rasterised, our
component and plotly's scattergl pair by turns in the same run, each on a page of its own (``benchmarks/map_app.py``).
The rest on the dashboard's own page, from the release of the pointer, as the browser's clock sees it.
"""

import argparse
import math
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.conftest import PROJECT, real_data_folder
from tests.e2e.conftest import CHROMIUM_FLAGS, WIDE_WINDOW, running_dashboard, wait_for_server, wait_until_idle

# Counts the points that WebGL has drawn and waits for each to be rasterised; notes when pointer and paint happened.
CLOCK_SCRIPT = """
window.drawn = 0; window.paints = []; window.up = 0; window.move = 0;
for (const kind of [WebGLRenderingContext, WebGL2RenderingContext]) {
  for (const name of ["drawArrays", "drawElements"]) {
    const draw = kind.prototype[name];
    kind.prototype[name] = function (mode, a, b, ...rest) {
      draw.call(this, mode, a, b, ...rest);
      if (mode !== this.POINTS) return;
      this.readPixels(0, 0, 1, 1, this.RGBA, this.UNSIGNED_BYTE, new Uint8Array(4));
      window.drawn += name === "drawArrays" ? b : a;
      window.paints.push([window.drawn, performance.now()]);
    };
  }
}
addEventListener("pointerup", () => (window.up = performance.now()), true);
addEventListener("pointermove", () => (window.move = performance.now()), true);
window.part = (selector) => {
  for (const e of document.querySelectorAll("*")) {
    const found = e.shadowRoot?.querySelector(selector);
    if (found) return found;
  }
};
"""
PAINTED_SCRIPT = "n => { const p = window.paints.find(([drawn]) => drawn >= n); return p && p[1]; }"
SHOWN_SCRIPT = """() => {
  const text = document.body.innerText.match(/([\\d,]+) garments selected/)?.[0];
  const pictures = [...(window.part(".picture-grid")?.querySelectorAll("img") ?? [])];
  return [text, pictures.map((i) => i.src).join(), pictures.every((i) => i.complete && i.naturalWidth)];
}"""
SELECTED_SCRIPT = f"""([text, pictures]) => {{
  const now = ({SHOWN_SCRIPT})();
  return now[0] && now[0] !== text && now[1] !== pictures && now[2] && performance.now() - window.up;
}}"""
HOVERED_SCRIPT = """() => {
  const card = [...window.part(".map").querySelectorAll(".card")].find((c) => !c.hidden);
  const picture = card?.querySelector("img");
  return picture?.complete && picture.naturalWidth && performance.now() - window.move;
}"""
RECOLOURED_SCRIPT = "names => window.part('.map')?.dataset.colourings === names && performance.now() - window.up"


@contextmanager
def start_map_app(home: Path) -> Iterator[str]:
    """The page with nothing but the pair, on a port of its own."""
    port = 8790
    command = [sys.executable, "-m", "streamlit", "run", "benchmarks/map_app.py", "--server.port", str(port)]
    environment = os.environ | {"FASHION_HOME": str(home), "PYTHONPATH": str(PROJECT)}
    with (home / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--server.headless", "true"], cwd=PROJECT, env=environment, stdout=log, stderr=log
        )
        try:
            url = f"http://127.0.0.1:{port}"
            wait_for_server(url, process)
            yield url
        finally:
            process.kill()
            process.wait(10)


def new_uncached_page(browser: Browser) -> Page:
    """A page in a context without a cache."""
    page = browser.new_context(viewport=WIDE_WINDOW).new_page()
    page.add_init_script(CLOCK_SCRIPT)
    page.set_default_timeout(120_000)
    return page


def wait_for_seconds(page: Page, condition: str, argument: object = None) -> float:
    """Seconds that ``condition`` gives once it is true."""
    return float(page.wait_for_function(condition, arg=argument, polling="raf").json_value()) / 1000


def time_first_paint(browser: Browser, url: str, kind: str, images: str) -> float:
    """Seconds from the navigation to the last point of both panels."""
    page = new_uncached_page(browser)
    page.goto(f"{url}/?kind={kind}&images={images}")
    seconds = wait_for_seconds(page, PAINTED_SCRIPT, 2 * (10_000 if images == "test" else 70_000))
    page.context.close()
    return seconds


def time_lasso_selection(page: Page, x: float, y: float, radius: float) -> float:
    """Seconds from the lasso's release to the gallery with all its pictures."""
    before = page.evaluate(SHOWN_SCRIPT)[:2]
    box = page.locator(".map .overlay").first.bounding_box()
    assert box is not None
    turns = [2 * math.pi * i / 24 for i in range(25)]
    path = [
        (box["x"] + (x + radius * math.cos(t)) * box["width"], box["y"] + (y + radius * math.sin(t)) * box["height"])
        for t in turns
    ]
    page.mouse.move(*path[0])
    page.mouse.down()
    for corner in path[1:]:
        page.mouse.move(*corner)
    page.mouse.up()
    return wait_for_seconds(page, SELECTED_SCRIPT, before)


def time_recolour(page: Page, colouring: str) -> float:
    """Seconds from choosing the left panel's colours to both panels drawn, the new ones rasterised."""
    page.evaluate(
        """name => { const list = window.part(".colour-by"); list.value = name; window.up = performance.now();
        list.dispatchEvent(new Event("change")); }""",
        colouring,
    )
    return wait_for_seconds(page, RECOLOURED_SCRIPT, f"{colouring}|Cluster")


def time_second_visit(page: Page) -> float:
    """Seconds from the click in the sidebar to both panels painted."""
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Overview").click()
    page.get_by_role("table").first.wait_for()
    wait_until_idle(page)
    page.evaluate("window.drawn = 0; window.paints = []")
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Clusters").click()
    page.wait_for_function(PAINTED_SCRIPT, arg=20_000, polling="raf")
    return float(page.evaluate(f"({PAINTED_SCRIPT})(20000) - window.up")) / 1000


def print_timings(name: str, seconds: list[float], suffix: str = "") -> None:
    """One line of the result."""
    print(f"{name:<44} {statistics.median(seconds):6.3f} s  of {[round(s, 3) for s in seconds]}{suffix}", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    print(f"medians of {repeats}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=CHROMIUM_FLAGS
        )
        with start_map_app(Path(folder)) as url:
            for kind in ("own", "plotly"):
                time_first_paint(browser, url, kind, "test")  # the server's imports are not the browser's
            for images in ("test", "all"):
                times: dict[str, list[float]] = {"own": [], "plotly": []}
                for _ in range(repeats):
                    for kind, seconds in times.items():
                        seconds.append(time_first_paint(browser, url, kind, images))
                for kind, seconds in times.items():
                    print_timings(f"first paint, {images}, {kind}", seconds)
                ratio = statistics.median(times["own"]) / statistics.median(times["plotly"])
                print(f"first paint, {images}: {ratio:.2f} of plotly's", flush=True)
        with running_dashboard(Path(folder) / "home", real_data_folder()) as url:
            time_clusters_page(browser, url, repeats)
        browser.close()


def time_clusters_page(browser: Browser, url: str, repeats: int) -> None:
    """The dashboard's own page: selection, pointer, colours and second visit."""
    page = new_uncached_page(browser)
    page.goto(f"{url}/clusters")
    page.locator(".map[data-drawn]").wait_for()
    wait_until_idle(page)
    page.locator(".map .overlay").first.scroll_into_view_if_needed()
    page.locator(".map .tools").get_by_role("button", name="Lasso").click()
    seconds, sizes = [], []
    for i in range(repeats + 1):
        seconds.append(time_lasso_selection(page, 0.36 + 0.03 * i, 0.55, 0.14))
        sizes.append(page.locator(".map .count").first.inner_text())
        page.wait_for_timeout(800)
    print_timings("lasso release to gallery, 10,000 points", seconds[1:], f" selected {sizes[1:]}")
    page.locator(".map [data-action=reset]").click()
    page.locator(".map .tools").get_by_role("button", name="Move").click()
    wait_until_idle(page)
    box = page.locator(".map .overlay").first.bounding_box()
    assert box is not None
    seconds = []
    for i in range(repeats + 1):
        page.mouse.move(box["x"] - 20, box["y"] + 5)
        page.wait_for_timeout(300)
        page.mouse.move(box["x"] + (0.3 + 0.04 * i) * box["width"], box["y"] + 0.5 * box["height"])
        seconds.append(wait_for_seconds(page, HOVERED_SCRIPT))
    print_timings("pointer to picture", seconds[1:])
    seconds = [time_second_visit(page) for _ in range(repeats + 1)]
    print_timings("second visit, both panels painted", seconds[1:])
    page.goto(f"{url}/clusters?images=All")
    page.locator(".map[data-drawn='70000']").wait_for()
    wait_until_idle(page)
    seconds = []
    for i in range(repeats + 1):
        seconds.append(
            time_recolour(page, ("Brightness", "Trust", "Cluster name", "Cluster", "True class", "Confidence")[i % 6])
        )
        page.wait_for_timeout(800)
    print_timings("recolour, 70,000 points", seconds[1:])
    page.context.close()


if __name__ == "__main__":
    main()
