"""What a session may upload altogether."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import Message, Scope

from ui import hosting, upload_limit
from ui.upload_limit import UploadLimit

PATH = "/base/_stcore/upload_file/{}/file"
MEGABYTE = 2**20
Result = TypeVar("Result")


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Bytes that the server holds, by session."""
    counts: Counter[str] = Counter()
    monkeypatch.setattr(upload_limit, "count_uploaded_bytes", lambda: counts)
    return counts


class Upload:
    """An upload that declares so many megabytes and sends ``chunks`` of one; then it ends, or nothing more comes."""

    def __init__(self, session: str, declared: int, chunks: int, *, ends: bool = False) -> None:
        self.chunks, self.ends, self.n_received, self.has_stalled = chunks, ends, 0, asyncio.Event()
        self.status: int | None = None
        headers = [(b"content-length", b"%d" % (declared * MEGABYTE))]
        self.scope: Scope = {"type": "http", "method": "PUT", "path": PATH.format(session), "headers": headers}

    async def receive(self) -> Message:
        if self.n_received == self.chunks:
            if self.ends:
                return {"type": "http.request", "body": b"", "more_body": False}
            self.has_stalled.set()
            await asyncio.Event().wait()
        self.n_received += 1
        return {"type": "http.request", "body": bytes(MEGABYTE), "more_body": True}

    async def send(self, message: Message) -> None:
        self.status = message.get("status", self.status)


async def store(request: Request) -> PlainTextResponse:
    """As Streamlit does: read all of it."""
    await request.body()
    return PlainTextResponse("stored", 200)


def run_in_thread(work: Coroutine[Any, Any, Result]) -> Result:
    """Browser tests of the same process leave an event loop running in its main thread."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def limited_store() -> UploadLimit:
    return UploadLimit(Starlette(routes=[Route(PATH.format("{session}"), store, methods=["PUT"])]))


def test_what_is_declared_and_not_sent_keeps_nobody_from_uploading(
    held: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hosting, "find_mode", lambda: "classroom")

    async def upload_beside_idle_ones() -> int | None:
        app = limited_store()
        idle = [Upload(f"visitor {i}", 200, 1) for i in range(5)]
        tasks = [asyncio.create_task(app(each.scope, each.receive, each.send)) for each in idle]
        for each in idle:
            await each.has_stalled.wait()
        upload = Upload("b", 190, 2, ends=True)
        await app(upload.scope, upload.receive, upload.send)
        for task in tasks:
            task.cancel()
        return upload.status

    assert run_in_thread(upload_beside_idle_ones()) == 200


def test_an_upload_that_makes_no_progress_is_ended(held: Counter[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload_limit, "MAX_STALLED_SECONDS", 0.01)
    upload = Upload("a", 100, 3)
    run_in_thread(limited_store()(upload.scope, upload.receive, upload.send))
    assert (upload.status, upload.n_received) == (408, 3)


def test_an_upload_ends_where_what_has_arrived_is_too_much(held: Counter[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosting, "find_mode", lambda: "classroom")
    monkeypatch.setattr(upload_limit, "MAX_VISITOR_MEGABYTES", 3)
    upload = Upload("a", 1, 100)
    run_in_thread(limited_store()(upload.scope, upload.receive, upload.send))
    assert (upload.status, upload.n_received) == (413, 4)


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
