"""What a session may upload altogether."""

from collections import Counter

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from ui import hosting, upload_limit
from ui.upload_limit import UploadLimit

PATH = "/base/_stcore/upload_file/{}/file"
MEGABYTE = 2**20


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Bytes that the server holds, by session."""
    counts: Counter[str] = Counter()
    monkeypatch.setattr(upload_limit, "count_uploaded_bytes", lambda: counts)
    return counts


def put(megabytes: int, session: str = "a", method: str = "PUT") -> int:
    """The status of an upload that says it has so many megabytes."""

    async def answer(request: Request) -> PlainTextResponse:
        return PlainTextResponse("stored", 200)

    app = UploadLimit(Starlette(routes=[Route(PATH.format("{session}"), answer, methods=["PUT", "DELETE"])]))
    headers = {"Content-Length": str(megabytes * MEGABYTE)}
    return TestClient(app).request(method, PATH.format(session), headers=headers).status_code


def test_the_uploads_of_a_session_are_counted_together(held: Counter[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosting, "find_mode", lambda: "classroom")
    assert put(190) == 200
    held["a"] = 190 * MEGABYTE
    assert put(190) == 413
    assert put(190, "b") == 200
    assert put(190, method="DELETE") == 200
    held.update({f"visitor {i}": 200 * MEGABYTE for i in range(4)})
    assert put(190, "b") == 413  # all of them together


def test_a_local_server_takes_what_an_import_may_have(held: Counter[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosting, "find_mode", lambda: "local")
    held["a"] = 1_700 * MEGABYTE
    assert put(190) == 200
    held["a"] = 1_900 * MEGABYTE
    assert put(190) == 413
