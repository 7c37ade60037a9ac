"""The example for nginx, run by nginx: websockets, the path, uploads, headers, health and names of the host."""

import http.client
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import PROJECT
from tests.e2e.conftest import wait_for_server

EXAMPLE = PROJECT / "deploy" / "nginx.conf"
AROUND = """
daemon off;
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {example}
}}
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def nginx() -> str:
    path = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if path is None:
        pytest.skip("needs nginx: install Debian's package nginx")
    return path


@pytest.fixture(scope="module")
def address(nginx: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A dashboard as the example wants it, and nginx before it."""
    folder, port, inner_port = tmp_path_factory.mktemp("nginx"), free_port(), free_port()
    example = EXAMPLE.read_text(encoding="utf-8").replace("127.0.0.1:8501", f"127.0.0.1:{inner_port}")
    example = example.replace("listen 80;", f"listen 127.0.0.1:{port};").replace("fashion.example.org;", "127.0.0.1;")
    user = "user root;" if hasattr(os, "geteuid") and os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, example=example, user=user), encoding="utf-8")
    environment = os.environ | {
        "FASHION_HOME": str(folder / "home"),
        "FASHION_MNIST_DIR": str(folder),
        "FASHION_MODE": "classroom",
        "STREAMLIT_SERVER_PORT": str(inner_port),
        "STREAMLIT_SERVER_HEADLESS": "true",
        "STREAMLIT_SERVER_BASE_URL_PATH": "fashion",
        "STREAMLIT_SERVER_ALLOWED_HOSTS": "127.0.0.1",
    }
    dashboard = [sys.executable, "-m", "streamlit", "run", "dashboard.py"]
    with (folder / "log").open("wb") as log:
        processes = [
            subprocess.Popen(dashboard, cwd=PROJECT, env=environment, stdout=log, stderr=log),
            subprocess.Popen([nginx, "-c", str(folder / "nginx.conf"), "-p", str(folder)], stdout=log, stderr=log),
        ]
        try:
            wait_for_server(f"http://127.0.0.1:{port}/fashion", processes[0])
            yield f"127.0.0.1:{port}"
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait(10)


def ask(address: str, path: str, method: str = "GET", **headers: str) -> tuple[int, http.client.HTTPMessage, bytes]:
    """Status, headers and body."""
    with closing(http.client.HTTPConnection(address, timeout=30)) as connection:
        connection.putrequest(method, path, skip_host="Host" in headers)
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        with connection.getresponse() as response:
            return response.status, response.headers, response.read()


def cookie_for(address: str, cookie: str = "") -> str:
    """What a browser with ``cookie`` that opens a page is given."""
    _, headers, _ = ask(address, "/fashion/", Accept="text/html", Cookie=cookie)
    return next((given for given in headers.get_all("set-cookie", []) if given.startswith("fashion_visitor=")), "")


def test_the_pages_work_below_the_path(address: str, page: Page) -> None:
    page.goto(f"http://{address}/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")  # it came through the websocket
    assert page.url.startswith(f"http://{address}/fashion/")
    page.get_by_role("link", name="Garments", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Garments")
    page.goto(f"http://{address}/fashion/report")
    expect(page.frame_locator("iframe").get_by_role("heading", level=1).first).to_be_attached()
    [cookie] = [each for each in page.context.cookies() if each.get("name") == "fashion_visitor"]
    assert (cookie.get("path"), cookie.get("httpOnly")) == ("/fashion", True)


def test_no_other_site_may_frame_a_page_or_run_scripts_in_it(address: str) -> None:
    for path in ("/fashion/", "/fashion/compare"):
        _, headers, _ = ask(address, path, Accept="text/html")
        policy = headers["content-security-policy"]
        assert "frame-ancestors 'self'" in policy
        assert "'unsafe-inline'" not in re.findall("script-src [^;]*", policy)[0]
        assert (headers["x-frame-options"], headers["x-content-type-options"]) == ("SAMEORIGIN", "nosniff")


def test_a_browser_gets_its_own_cookie_and_keeps_it(address: str) -> None:
    first, second = cookie_for(address), cookie_for(address)
    assert first != second
    for cookie in (first, second):
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Secure" not in cookie  # that would need TLS
    assert cookie_for(address, first.split(";")[0]) == first  # it lasts as long after each visit
    assert "=guess" not in cookie_for(address, "fashion_visitor=guess")


def test_health_limits_and_names_of_the_host(address: str) -> None:
    status, _, body = ask(address, "/fashion/healthz")
    assert (status, body) == (200, b'{"status":"ok"}')
    too_large = {"Content_Length": str(201 * 2**20), "Content_Type": "application/octet-stream"}
    assert ask(address, "/fashion/_stcore/upload_file/x/y", "PUT", **too_large)[0] == 413
    assert ask(address, "/fashion/healthz", Host="attacker.example")[0] == 400
