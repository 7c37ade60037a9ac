"""The program contacts no other computer, from any process: strace sees native libraries and child processes, too.

What a browser loads for the pages is checked in test_first_screens.py. Downloading Fashion-MNIST, which contacts its
mirrors, is left out.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.conftest import PROJECT
from tests.e2e.conftest import serve, wait_until_idle
from ui.shell import PAGE_TITLES

INTERNET_ADDRESS = re.compile(r'sin6?_port=htons\((?P<port>\d+)\).*?(?:inet_addr\(|AF_INET6, )"(?P<address>[^"]+)"')
DNS_PORT = "53"  # the resolver may be on this computer, but it asks another
# Chromium asks the system for a route to it, to learn whether there is IPv6, and sends nothing
CHROMIUM_ROUTE_CHECK = "2001:4860:4860::8888"


def traced(command: Sequence[str | Path], log: Path) -> list[str | Path]:
    """``command`` in a process that ends as it would alone; ``log`` then names every address it connects to."""
    if shutil.which("strace") is None:
        pytest.skip("needs strace: install the package strace")
    calls = ["-e", "trace=connect,sendto,sendmsg,sendmmsg", "-e", "signal=none"]
    return ["strace", "-D", "-f", "-qq", "--seccomp-bpf", *calls, "-o", log, *command]


def contacted_addresses(log: Path) -> set[str]:
    """Addresses beyond this computer, and resolvers that were asked for a name."""
    found = INTERNET_ADDRESS.finditer(log.read_text(encoding="utf-8", errors="replace"))
    return {
        match["address"]
        for match in found
        if match["port"] == DNS_PORT or not match["address"].startswith(("127.", "::1", "::ffff:127."))
    }


def run_traced(command: Sequence[str | Path], folder: Path, **environment: str) -> set[str]:
    """Run a command of Python to its end in a home of its own; returns what it contacted."""
    log = folder / "calls.txt"
    environment = os.environ | {"HOME": str(folder), "FASHION_MNIST_DIR": str(folder)} | environment
    subprocess.run(traced([sys.executable, *command], log), cwd=PROJECT, env=environment, check=True)
    return contacted_addresses(log)


@pytest.mark.exhaustive
def test_a_contacted_host_would_be_noticed(tmp_path: Path) -> None:
    code = "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('192.0.2.1', 9))"
    assert run_traced(["-c", code], tmp_path) == {"192.0.2.1"}


@pytest.mark.exhaustive
@pytest.mark.parametrize("out", ["report.pdf", "report.pptx"])
def test_a_report_contacts_no_host(out: str, tmp_path: Path) -> None:
    if out.endswith("pdf") and not (os.environ.get("CHROMIUM") or shutil.which("chromium")):
        pytest.skip("needs Chromium: install the package chromium, or set CHROMIUM to its path")
    command = ["-m", "fashion_core", "report", "--section", "question", "--out", str(tmp_path / out)]
    assert run_traced(command, tmp_path) <= {CHROMIUM_ROUTE_CHECK}


@pytest.mark.exhaustive
def test_a_prediction_contacts_no_host_and_leaves_nothing_in_the_home_folder(tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    image = Image.new("RGB", (60, 80), "white")
    image.paste("navy", (15, 10, 45, 70))
    image.save(picture)
    assert run_traced(["-m", "fashion_core", "predict", str(picture)], tmp_path) == set()
    assert list(tmp_path.rglob("deviceid")) == []  # of ONNX Runtime


@pytest.mark.exhaustive
def test_server_and_training_contact_no_host(page: Page, tmp_path: Path) -> None:
    log = tmp_path / "calls.txt"
    command = traced([sys.executable, "-m", "streamlit", "run", "dashboard.py"], log)
    with serve(command, PROJECT, tmp_path / "home", HOME=str(tmp_path)) as url:
        for name in PAGE_TITLES:
            page.goto(f"{url}/{name}")
            wait_until_idle(page)
        page.goto(f"{url}/train?model=mlp&preset=quick")
        wait_until_idle(page)
        page.get_by_label("Epochs", exact=True).fill("1")
        page.get_by_role("button", name="Start training").click()
        expect(page.get_by_text("Finished in").first).to_be_visible(timeout=120_000)
        page.goto("about:blank")
    assert contacted_addresses(log) == set()
    assert list(tmp_path.rglob("deviceid")) == []
