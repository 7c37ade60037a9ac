"""The mode of a server, who asks, and which hosts it answers to."""

import queue
import threading
from collections.abc import Callable
from typing import Any

import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from fashion_core.errors import ConfigError
from fashion_core.storage.folder import shared_data_folder
from ui import hosting, middleware, visitors

Serve = Callable[..., None]


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Serve:
    """Set the server's address, mode and allowed hosts."""
    original = st.get_option

    def serve(address: str | None, mode: str = "", hosts: list[str] | None = None) -> None:
        options = {"server.address": address, "server.allowedHosts": hosts or []}
        monkeypatch.setattr(hosting.st, "get_option", lambda name: options.get(name, original(name)))
        monkeypatch.setenv("FASHION_MODE", mode)

    return serve


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.1", "localhost", "::1"])
def test_a_server_on_this_computer_is_local(serve: Serve, address: str) -> None:
    serve(address)
    assert hosting.find_mode() == "local"
    assert hosting.may_change()


@pytest.mark.parametrize("address", [None, "", "0.0.0.0", "::", "192.168.1.7", "example.org", "127.0.0.1.example.org"])
def test_a_server_for_other_computers_without_a_mode_is_a_presentation_and_says_why(
    serve: Serve, address: str | None
) -> None:
    serve(address)
    assert hosting.find_mode() == "presentation"
    assert not hosting.may_change()
    assert "other computers reach it" in hosting.describe_start()
    serve(address, "local")
    with pytest.raises(ConfigError, match="listens on"):
        hosting.find_mode()


@pytest.mark.parametrize("mode", ["classroom", "presentation"])
def test_the_mode_is_the_one_that_was_set(serve: Serve, mode: str) -> None:
    serve("127.0.0.1", f" {mode} ")
    assert hosting.find_mode() == mode
    serve("0.0.0.0", mode)
    lines = hosting.describe_start().splitlines()
    assert lines[0] == f"  Mode: {mode}"
    assert lines[-1] == f"  Stored in: {shared_data_folder()}"


def test_another_word_is_no_mode(serve: Serve) -> None:
    serve("127.0.0.1", "open")
    with pytest.raises(ConfigError, match="classroom"):
        hosting.find_mode()


def respond(host: str = "localhost", **headers: str) -> Any:
    app = Starlette(routes=[Route("/", lambda request: HTMLResponse("hello"))], middleware=middleware.http_middleware())
    return TestClient(app).get("/", headers={"Host": host, **headers})


def answers(host: str) -> bool:
    return respond(host).status_code == 200


def test_a_local_server_answers_to_no_other_name(serve: Serve) -> None:
    serve("127.0.0.1")
    assert all(map(answers, ["localhost:8501", "127.0.0.1:8501", "[::1]:8501", "LOCALHOST"]))
    assert not any(map(answers, ["attacker.example:8501", "127.0.0.1.attacker.example", "localhost.attacker.example"]))


def test_a_local_server_answers_at_the_address_that_it_listens_on(serve: Serve) -> None:
    serve("127.8.9.1")
    assert answers("127.8.9.1:8501")
    assert not answers("127.8.9.2:8501")


def test_a_server_for_others_answers_to_the_hosts_it_was_given(serve: Serve) -> None:
    serve("0.0.0.0", "classroom", ["fashion.example", "*.school.example"])
    assert all(map(answers, ["fashion.example", "fashion.example:8501", "a.school.example"]))
    assert answers("127.0.0.1")  # a health check on this computer
    assert not answers("attacker.example")
    serve("0.0.0.0", "classroom")
    assert answers("fashion.example")


def test_a_page_can_be_framed_and_scripted_by_this_site_alone(serve: Serve) -> None:
    serve("127.0.0.1")
    headers = respond().headers
    assert headers["X-Frame-Options"] == "SAMEORIGIN"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src" in headers["Content-Security-Policy"]
    assert "set-cookie" not in headers


def test_a_visitor_of_a_classroom_keeps_a_cookie_that_scripts_cannot_read(serve: Serve) -> None:
    serve("0.0.0.0", "classroom")
    cookie = respond(Accept="text/html").headers["set-cookie"]
    secret = cookie.split(";")[0]
    assert visitors.COOKIE_PATTERN.fullmatch(secret.partition("=")[2])
    assert "HttpOnly" in cookie
    assert "Secure" not in cookie
    again = respond(Accept="text/html", Cookie=secret, **{"X-Forwarded-Proto": "https"}).headers["set-cookie"]
    assert again.startswith(secret)
    assert again.endswith("; Secure")
    forged = respond(Accept="text/html", Cookie=f"{visitors.COOKIE_NAME}=../owner").headers["set-cookie"]
    assert visitors.COOKIE_PATTERN.fullmatch(forged.split(";")[0].partition("=")[2])
    assert "set-cookie" not in respond(Accept="image/png").headers


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "3651", "a week"])
def test_days_that_cannot_be_are_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(hosting.DAYS_VARIABLE, text)
    with pytest.raises(ConfigError, match="from 1 to 3650"):
        hosting.days_kept()


@pytest.mark.parametrize(("mode", "deletes"), [("classroom", True), ("presentation", False)])
def test_only_a_classroom_deletes_what_visitors_left(
    serve: Serve, mode: str, deletes: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    ages: queue.Queue[float] = queue.Queue()
    monkeypatch.setattr(visitors, "delete_expired_visitor_folders", ages.put)
    monkeypatch.setenv(hosting.DAYS_VARIABLE, "3")
    serve("0.0.0.0", mode)
    n_threads = threading.active_count()
    visitors.start_deleting_expired_folders()
    assert threading.active_count() == n_threads + deletes
    if deletes:
        assert ages.get(timeout=10) == 3 * 86_400


def test_a_token_that_could_be_guessed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(visitors.TOKEN_VARIABLE, "short")
    with pytest.raises(ConfigError, match="shorter than 16"):
        visitors.owner_token()
