"""The mode of a server, who asks, and which hosts it answers to."""

from collections.abc import Callable

import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from fashion_core.errors import ConfigError
from fashion_core.storage.folder import shared_data_folder
from ui import hosting, middleware, visitors  # noqa: F401 -- visitors says who asks

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


def answers(host: str) -> bool:
    app = Starlette(
        routes=[Route("/", lambda request: PlainTextResponse("hello"))], middleware=middleware.http_middleware()
    )
    return TestClient(app).get("/", headers={"Host": host}).status_code == 200


def test_a_local_server_answers_to_no_other_name(serve: Serve) -> None:
    serve("127.0.0.1")
    assert all(map(answers, ["localhost:8501", "127.0.0.1:8501", "[::1]:8501", "LOCALHOST"]))
    assert not any(map(answers, ["attacker.example:8501", "127.0.0.1.attacker.example", "localhost.attacker.example"]))


def test_a_server_for_others_answers_to_the_hosts_it_was_given(serve: Serve) -> None:
    serve("0.0.0.0", "classroom", ["fashion.example", "*.school.example"])
    assert all(map(answers, ["fashion.example", "fashion.example:8501", "a.school.example"]))
    assert answers("127.0.0.1")  # a health check on this computer
    assert not answers("attacker.example")
    serve("0.0.0.0", "classroom")
    assert answers("fashion.example")
