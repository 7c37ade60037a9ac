"""The report as PDF: the HTML file, printed by a Chromium on this machine."""

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
CHROMIUM_PRINT_FLAGS = (
    "--headless=new", "--disable-gpu", "--no-first-run", "--no-default-browser-check", "--disable-extensions",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
    "--no-pdf-header-footer", "--virtual-time-budget=10000",
    "--host-resolver-rules=MAP * ~NOTFOUND",  # it looks up hosts of its maker otherwise
)  # fmt: skip
PRINT_TIMEOUT_SECONDS = 60.0  # seconds; it usually takes a few
INSTALL_BROWSER_HINT = (
    "Install Chromium or Google Chrome, or set CHROMIUM to its path. "
    "You can also open the HTML file in any browser and print it to a PDF."
)
CHROMIUM_MISSING_MESSAGE = f"A PDF needs Chromium, which was not found on this machine. {INSTALL_BROWSER_HINT}"
_print_lock = threading.Lock()  # a browser takes several hundred MB: one at a time


def find_chromium() -> str | None:
    """Path of the browser: the environment variable ``CHROMIUM``, or the first of the usual names and paths."""
    chosen = os.environ.get("CHROMIUM")
    if chosen:
        return shutil.which(chosen)
    return next(filter(None, map(shutil.which, (*BROWSER_NAMES, *BROWSER_PATHS))), None)


def print_html_to_pdf(html: str) -> bytes:
    """Print an HTML document on the paper size that it asks for.

    Raises ``FashionError`` if there is no Chromium, or if it does not print.
    """
    browser = find_chromium()
    if browser is None:
        raise FashionError(CHROMIUM_MISSING_MESSAGE)
    with _print_lock, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        page, out = Path(folder) / "report.html", Path(folder) / "report.pdf"
        page.write_text(html, encoding="utf-8")
        flags = [*CHROMIUM_PRINT_FLAGS, f"--user-data-dir={folder}/profile", f"--print-to-pdf={out}"]
        if sys.platform == "linux" and os.geteuid() == 0:
            flags.append("--no-sandbox")  # as root, as in most containers, the sandbox refuses to start
        problem = _run_browser([browser, *flags, page.as_uri()])
        content = out.read_bytes() if out.exists() else b""
    if not content.startswith(b"%PDF"):
        raise FashionError(f"Chromium did not print the report{problem}. {INSTALL_BROWSER_HINT}")
    return content


def _run_browser(command: list[str]) -> str:
    """Run a command until it ends, or kill it with its child processes at the time limit; returns what went wrong."""
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        return f": it could not be started ({error.strerror})"
    try:
        status = process.wait(PRINT_TIMEOUT_SECONDS)
    except subprocess.TimeoutExpired:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        process.wait()
        return f" within {PRINT_TIMEOUT_SECONDS:.0f} seconds"
    return f": it ended with status {status}" if status else ""
