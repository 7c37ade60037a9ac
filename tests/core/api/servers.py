"""The API on a free port of this computer, and requests to it, for tests."""

import io
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from threading import Event
from typing import Any

import numpy as np
from PIL import Image
from starlette.testclient import TestClient

from fashion_core.api.app import make_app
from fashion_core.api.limits import Limits
from fashion_core.api.predictor import Predictor
from fashion_core.api.server import listen, make_server
from fashion_core.cli.sort import load_sorting_model
from fashion_core.data.sample_data import generate_sample_images
from fashion_core.runs.store import RunStore
from fashion_core.vision.picture_sources import PictureSource

LOOPBACK = "http://127.0.0.1"
TOKEN = "a-token-of-tests-0123456789"
AUTHORIZATION = {"Authorization": f"Bearer {TOKEN}"}


@cache
def shipped_predictor() -> Predictor:
    """The recognition networks."""
    return Predictor(load_sorting_model(RunStore(), None, 0.99)[0])


@dataclass(frozen=True)
class WaitingPredictor(Predictor):
    """Answers once ``may_end`` is set; ``has_begun`` tells that a call runs."""

    may_end: Event = field(default_factory=Event)
    has_begun: Event = field(default_factory=Event)

    def predict(self, sources: Sequence[PictureSource], stop_event: Event | None = None) -> list[dict[str, Any]]:
        self.has_begun.set()
        assert self.may_end.wait(30)
        return super().predict(sources, stop_event)


def waiting_predictor() -> WaitingPredictor:
    return WaitingPredictor(shipped_predictor().model)


@contextmanager
def running_api(
    limits: Limits, predictor: Predictor | None = None, tokens: tuple[str, ...] = ()
) -> Iterator[tuple[str, int]]:
    """Serve in a thread; gives host and port."""
    listener = listen("127.0.0.1", 0)
    server = make_server(make_app(predictor or shipped_predictor(), tokens, limits), 5)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield listener.getsockname()
    finally:
        server.should_exit = True
        thread.join(20)
        listener.close()
        assert not thread.is_alive()


def png(image: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return buffer.getvalue()


def garments(n: int) -> list[bytes]:
    images, _ = generate_sample_images(max(1, n // 10 + 1), 3)
    return [png(image) for image in images[:n]]


def post(client: TestClient, content: bytes, kind: str = "image/png", **headers: str) -> Any:
    return client.post("/v1/predict", content=content, headers={"content-type": kind, **headers})


def post_parts(client: TestClient, parts: list[tuple[str, bytes]]) -> Any:
    return client.post("/v1/predict", files=[("picture", part) for part in parts])


def sentence(answer: Any, status: int) -> str:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/json"
    (text,) = answer.json().values()
    assert "Traceback" not in text
    assert 10 < len(text) < 300
    assert text.endswith(".")
    return str(text)
