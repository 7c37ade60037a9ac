"""The API on a free port of this computer, for tests."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from functools import cache
from threading import Event
from typing import Any

from fashion_core.api.app import make_app
from fashion_core.api.limits import Limits
from fashion_core.api.predictor import Predictor
from fashion_core.api.server import listen, make_server
from fashion_core.cli.api import load_predictor
from fashion_core.runs.store import RunStore
from fashion_core.vision.picture_sources import PictureSource

TOKEN = "a-token-of-tests-0123456789"
AUTHORIZATION = {"Authorization": f"Bearer {TOKEN}"}


@cache
def shipped_predictor() -> Predictor:
    """The recognition networks."""
    return load_predictor(RunStore(), None, 0.99)


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
    shipped = shipped_predictor()
    return WaitingPredictor(**{f.name: getattr(shipped, f.name) for f in fields(shipped)})


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
