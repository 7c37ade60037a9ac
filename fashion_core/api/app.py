"""The API as a Starlette application: what each address answers."""

import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import get_args

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fashion_core.api.body import read_pictures
from fashion_core.api.limits import Limits, RequestRefused
from fashion_core.api.metrics import MEDIA_TYPE, Metrics
from fashion_core.api.openapi import describe_api
from fashion_core.api.predictor import Predictor
from fashion_core.api.rate_limit import RateLimit
from fashion_core.api.tokens import find_token, is_loopback
from fashion_core.api.work_queue import WorkQueue
from fashion_core.sorting.decision import Decision

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
SENTENCES = {
    404: "There is nothing at this address. See /openapi.json.",
    405: "This address doesn't take this method. See /openapi.json.",
}


def make_app(predictor: Predictor, tokens: tuple[str, ...] = (), limits: Limits | None = None) -> Starlette:
    """The application. Without ``tokens``, it answers everyone who reaches it by a name of this computer."""
    api = _Api(predictor, tokens, limits or Limits())
    app = Starlette(
        routes=[
            Route("/v1/predict", api.predict, methods=["POST"]),
            Route("/openapi.json", api.describe),
            Route("/health", api.health),
            Route("/metrics", api.format_metrics),
        ],
        middleware=[Middleware(_Headers, metrics=api.metrics)],
        exception_handlers={RequestRefused: _refuse, HTTPException: _refuse_address, Exception: _report_failure},
        lifespan=api.lifespan,
    )
    app.router.redirect_slashes = False  # /v1/predict/ is no address either
    return app


class _Api:
    def __init__(self, predictor: Predictor, tokens: tuple[str, ...], limits: Limits) -> None:
        self.metrics = Metrics(get_args(Decision))
        self._predictor, self._tokens, self._limits = predictor, tokens, limits
        self._queue = WorkQueue(limits.n_workers, limits.max_waiting)
        self._rate = RateLimit(limits.requests_per_second, limits.burst)
        self._requests: Counter[str] = Counter()  # being read or answered, by client
        self._description = describe_api(predictor.model.classes, limits, needs_token=bool(tokens))

    @asynccontextmanager
    async def lifespan(self, app: Starlette) -> AsyncIterator[None]:
        yield
        self._queue.close()

    async def predict(self, request: Request) -> Response:
        start = time.perf_counter()
        client = self._check_client(request)
        self._rate.check(client)
        self._queue.check()  # before the pictures are read
        if self._requests[client] >= self._limits.max_requests_of_client:
            raise RequestRefused(429, "You send too many requests at once. Wait until some are answered.", 1)
        if self._requests.total() >= self._limits.max_requests:
            raise RequestRefused(429, "Too many pictures are arriving. Send these again in a moment.", 1)
        self._requests[client] += 1
        try:
            async with read_pictures(request, self._limits) as sources:
                call = partial(self._predictor.predict, sources)
                pictures = await self._queue.run(call, self._limits.answer_seconds)
        finally:
            self._requests[client] -= 1
            self._requests += Counter()  # drops clients with none left
        for picture in pictures:
            self.metrics.count_picture(picture.get("decision", "unreadable"))
        self.metrics.observe_seconds(time.perf_counter() - start)
        promise = self._predictor.model.promise
        return JSONResponse({"target": promise.target, "threshold": promise.threshold, "pictures": pictures})

    async def describe(self, request: Request) -> Response:
        return JSONResponse(self._description)

    async def health(self, request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def format_metrics(self, request: Request) -> Response:
        self._check_client(request)
        return Response(self.metrics.format(self._queue.n_running, self._queue.n_waiting), media_type=MEDIA_TYPE)

    def _check_client(self, request: Request) -> str:
        """Who asks: the token, or without tokens the address. Raises ``RequestRefused``."""
        if self._tokens:
            client = find_token(request.headers.get("authorization", ""), self._tokens)
            if client is None:
                raise RequestRefused(401, "The token is missing or wrong. Send it as Authorization: Bearer TOKEN.")
            return client
        # a website that gives its own name, which is no number, the address of this computer could ask (DNS rebinding)
        host = request.headers.get("host", "")
        name = host if host.endswith("]") else host.rpartition(":")[0] or host
        if not is_loopback(name.strip("[]")):
            raise RequestRefused(400, "Without a token, the API answers only at localhost and loopback addresses.")
        # any website can have the user's browser send a form to this computer
        origin = request.headers.get("origin")
        is_other = origin is not None and origin.partition("://")[2] != host
        if is_other or request.headers.get("sec-fetch-site") == "cross-site":
            raise RequestRefused(400, "Without a token, the API answers no pages of other websites. Set a token.")
        return request.client.host if request.client else ""


def _refuse(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestRefused)
    headers = {}
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if error.status == 408 or "transfer-encoding" in request.headers:
        headers["Connection"] = "close"  # the rest of the body may never end
    return JSONResponse({"error": str(error)}, error.status, headers)


def _refuse_address(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": SENTENCES.get(error.status_code, error.detail)}, error.status_code, error.headers)


def _report_failure(request: Request, error: Exception) -> Response:
    """Starlette raises the error again, so that it is logged."""
    return JSONResponse({"error": "The server failed. Its log says why."}, 500, HEADERS)


class _Headers:
    """Adds what browsers need to know to each answer, and counts it."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
                self._metrics.count_request(message["status"])
            await send(message)

        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        try:
            await self.app(scope, receive, send_with_headers)
        except Exception:
            self._metrics.count_request(500)
            raise
