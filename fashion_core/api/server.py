"""Run the API on uvicorn until the process is told to end."""

import asyncio
import json
import socket

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from fashion_core.errors import ConfigError

HEAD_SECONDS = 30  # for the lines before the body
MAX_HEAD_BYTES = 64 * 2**10


def listen(address: str, port: int) -> socket.socket:
    """A socket that listens there; port 0 takes a free one. Raises ``ConfigError`` when it can't."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        return socket.create_server((address.strip("[]"), port), family=family, backlog=128)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError(f"The API can't listen on {address}, port {port} ({reason}). Choose another one.") from error


def make_server(app: ASGIApp, shutdown_seconds: float) -> uvicorn.Server:
    """A server that runs until SIGTERM or Ctrl+C; what has begun is then answered, within ``shutdown_seconds``."""
    config = uvicorn.Config(
        app,
        http=_Protocol,
        ws="none",
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        h11_max_incomplete_event_size=MAX_HEAD_BYTES,
        timeout_graceful_shutdown=round(shutdown_seconds),
    )
    return uvicorn.Server(config)


class _Protocol(H11Protocol):
    """Closes a connection whose next request doesn't begin in time, and refuses what is no HTTP in JSON."""

    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._watch_head()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._forget_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.cycle is None or self.cycle.response_complete:
            self._watch_head()
        else:
            self._forget_head()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP."""
        body = json.dumps({"error": "This is not a request in HTTP/1.1. Use an HTTP client."}).encode()
        head = f"HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        self.transport.write(f"{head}Connection: close\r\n\r\n".encode() + body)
        self.transport.close()

    def _watch_head(self) -> None:
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _forget_head(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
