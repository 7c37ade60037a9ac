"""The report as PDF: the HTML file, printed by a Chromium that is found on this machine."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from fashion_core.errors import FashionError

BROWSER_NAMES = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge",
    "microsoft-edge-stable", "msedge",
)  # fmt: skip
BROWSER_PATHS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
BROWSER_FLAGS = (
    "--headless=new", "--disable-gpu", "--no-first-run", "--no-default-browser-check", "--disable-extensions",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
    "--no-pdf-header-footer", "--virtual-time-budget=10000",
)  # fmt: skip
PRINT_TIMEOUT = 60.0  # seconds; a few are usual
INSTALL_BROWSER_HINT = (
    "Install Chromium or Google Chrome, or set CHROMIUM to its path. Or open the HTML file in any browser and print it "
    "to a PDF."
)
_one_at_a_time = threading.Lock()  # a browser takes several hundred MB


def find_chromium() -> str | None:
    """Path of the browser: ``CHROMIUM`` in the environment, or the first found of the usual names and places."""
    chosen = os.environ.get("CHROMIUM")
    if chosen:
        return shutil.which(chosen)
    found = (shutil.which(name) for name in (*BROWSER_NAMES, *BROWSER_PATHS))
    return next((path for path in found if path), None)


def print_html_to_pdf(html: str) -> bytes:
    """Print the document, on the paper that it asks for.

    Raises ``FashionError`` in a sentence when there is no Chromium, or it does not print.
    """
    browser = find_chromium()
    if browser is None:
        raise FashionError(f"A PDF needs Chromium, and none was found. {INSTALL_BROWSER_HINT}")
    with _one_at_a_time, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        page, out = Path(folder) / "report.html", Path(folder) / "report.pdf"
        page.write_text(html, encoding="utf-8")
        own = [f"--user-data-dir={folder}/profile", f"--print-to-pdf={out}"]
        if sys.platform == "linux" and os.geteuid() == 0:
            own.append("--no-sandbox")  # Chromium's sandbox refuses to start as root, as in most containers
        complaint = _run([browser, *BROWSER_FLAGS, *own, page.as_uri()])
        try:
            content = out.read_bytes()
        except OSError:
            content = b""
    if not content.startswith(b"%PDF"):
        raise FashionError(f"Chromium did not print the report{complaint}. {INSTALL_BROWSER_HINT}")
    return content


def _run(command: list[str]) -> str:
    """Run to the end or the time limit, with every process it starts; returns what went wrong, if anything did."""
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        return f": it cannot be started ({error.strerror})"
    try:
        status = process.wait(PRINT_TIMEOUT)
    except subprocess.TimeoutExpired:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        process.wait()
        return f" within {PRINT_TIMEOUT:.0f} seconds"
    return f": it ended with status {status}" if status else ""
