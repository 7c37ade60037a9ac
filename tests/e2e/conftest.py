"""A dashboard on a free port and a real Chromium to look at it."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, ViewportSize, expect, sync_playwright

from fashion_core.__main__ import main
from fashion_core.runs import queue
from fashion_core.runs.store import RunStore
from tests.conftest import PROJECT, real_data_folder

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-gl=angle",
    "--use-angle=swiftshader",
]
expect.set_options(timeout=45_000)  # charts load their library first, and the machine may be busy
WIDE_WINDOW: ViewportSize = {"width": 1440, "height": 900}


@contextmanager
def running_dashboard(home: Path, data: Path | None, **more: str) -> Iterator[str]:
    """A fresh server with its own home and ``more`` in its environment; gives its address."""
    if data is not None:
        more["FASHION_MNIST_DIR"] = str(data)
    try:
        with serve([sys.executable, "-m", "streamlit", "run", "dashboard.py"], PROJECT, home, **more) as url:
            yield url
    finally:  # a test that fails leaves its run behind
        store = RunStore(home / "runs")
        queue.cancel_runs(store, [entry for entry in store.entries() if queue.has_process(entry)])


@contextmanager
def serve(command: Sequence[str | Path], folder: Path, home: Path, **more: str) -> Iterator[str]:
    """Run ``command``, which starts a server, in ``folder``; gives the server's address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # a folder without the data set, so that none is found elsewhere on this machine
    environment = os.environ | {"FASHION_HOME": str(home), "FASHION_MNIST_DIR": str(home)} | more
    environment |= {"STREAMLIT_SERVER_PORT": str(port), "STREAMLIT_SERVER_HEADLESS": "true"}
    home.mkdir(parents=True, exist_ok=True)
    with (home / "server.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        try:
            url = f"http://127.0.0.1:{port}"
            wait_for_server(url, process)
            yield url
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:  # it waits for an open connection; how a server ends is not tested here
                process.kill()
                process.wait(10)


def wait_for_server(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server ended while starting"
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError("the server did not start within 60 s")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One server for all tests, on the real data where it is there."""
    with running_dashboard(tmp_path_factory.mktemp("home"), real_data_folder()) as url:
        yield url


@pytest.fixture(scope="session")
def sample_data_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One server without Fashion-MNIST."""
    with running_dashboard(tmp_path_factory.mktemp("home"), None) as url:
        yield url


@pytest.fixture(scope="session")
def report_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report as the command line writes it, with the garments if Fashion-MNIST is on this machine."""
    out = tmp_path_factory.mktemp("report") / "report.html"
    data = real_data_folder()
    assert main(["report", "--out", str(out), *(["--data", str(data)] if data else [])]) == 0
    return out


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, or whichever is on the path; skips with a sentence when there is none."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("needs Chromium: install the package chromium, or set CHROMIUM to its path")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def contexts(browser: Browser) -> dict[str, BrowserContext]:
    """A browser context for each set of options; it keeps the dashboard's JavaScript from test to test."""
    return {}


@pytest.fixture
def new_page(browser: Browser, contexts: dict[str, BrowserContext]) -> Iterator[Callable[..., Page]]:
    """Opens pages that share no storage; fails afterwards if one logged an error or showed an exception."""
    pages: list[Page] = []
    errors: list[str] = []

    def open_page(**options: object) -> Page:
        options = {"viewport": WIDE_WINDOW} | options
        context = contexts.get(repr(options))
        if context is None or any(page.context is context for page in pages):
            context = browser.new_context(**options)
        contexts.setdefault(repr(options), context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        # Streamlit itself probes <page>/_stcore/... on a deep link before it finds its root, and takes a picture
        # away that a quick next step has replaced before the browser fetched it
        harmless = ("_stcore", "/media/")

        def collect_error(message: ConsoleMessage) -> None:
            source = f"{message.location.get('url', '')} {message.text}"
            if message.type == "error" and not any(part in source for part in harmless):
                errors.append(message.text)

        page.on("console", collect_error)
        page.on("pageerror", lambda error: errors.append(str(error)))
        pages.append(page)
        return page

    yield open_page
    for page in pages:
        errors += [box.inner_text() for box in page.query_selector_all("[data-testid=stException]")]
        if page.context in contexts.values():
            page.evaluate("if (location.host) { localStorage.clear(); sessionStorage.clear() }")
            page.close()  # first: a request under way is refused without its cookie
            page.context.clear_cookies()
        else:
            page.context.close()
    assert errors == []


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """One wide page in the light theme."""
    return new_page()


def wait_until_idle(page: Page) -> None:
    """Wait until the script has ended and no other follows at once, as after a click.

    A page that watches a run starts a script every half a second; of such a page, wait for a moment between two.
    """
    page.evaluate("window.waitSince = performance.now(); window.idleSince = undefined")
    page.wait_for_function(
        """() => {
          const now = performance.now();
          window.waitSince ??= now;
          const app = document.querySelector("[data-testid=stApp]");
          const idle = app?.dataset.testScriptState === "notRunning"
            && !document.querySelector("[data-testid=stSkeleton]");
          window.idleSince = idle ? (window.idleSince ?? now) : undefined;
          return idle && now - window.idleSince > (now - window.waitSince < 3000 ? 250 : 0);
        }""",
        polling=50,
    )


def select_option(page: Page, label: str, option: str) -> None:
    """Pick an option of a select box by its label; typing its name brings an option of a long list into view."""
    page.get_by_role("combobox", name=label).click()
    page.keyboard.type(option)
    page.get_by_role("option", name=option, exact=True).click()
    wait_until_idle(page)
