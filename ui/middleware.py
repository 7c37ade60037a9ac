"""What every request passes before Streamlit sees it: the host's name is checked, a new visitor gets a cookie."""

import secrets

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fashion_core.api.tokens import LOOPBACK_NAMES
from ui import hosting, serving
from ui.first_html import content_security_policy
from ui.upload_limit import UploadLimit
from ui.visitors import COOKIE_NAME, COOKIE_PATTERN


def http_middleware() -> list[Middleware]:
    """All of it.

    A website that gives its own name the address of this computer could otherwise use the dashboard in its visitors'
    browsers (DNS rebinding). ``server.allowedHosts`` names the hosts of a dashboard for others.
    """
    mode = hosting.find_mode()
    own = [str(st.get_option("server.address"))] if hosting.listens_on_loopback() else []
    hosts = [*LOOPBACK_NAMES, *own, *(st.get_option("server.allowedHosts") or ([] if mode == "local" else ["*"]))]
    cookies = [Middleware(VisitorCookie)] if mode == "classroom" else []
    trusted = Middleware(TrustedHostMiddleware, allowed_hosts=hosts, www_redirect=False)
    return [trusted, Middleware(ProtectiveHeaders), Middleware(UploadLimit), *cookies]


class ProtectiveHeaders:
    """Tells browsers that no other site may show a page in a frame, and what a page may load."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Referrer-Policy", "same-origin")
                headers.setdefault("X-Frame-Options", "SAMEORIGIN")
                if headers.get("content-type", "").startswith("text/html"):
                    headers.setdefault("Content-Security-Policy", content_security_policy())
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class VisitorCookie:
    """Gives a browser that opens a page its cookie: a secret that scripts can't read, and that no other site sends.

    One that has it gets it again, so that it lasts as long after each visit as what the visitor made.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        if "text/html" not in headers.get("accept", ""):
            await self.app(scope, receive, send)
            return
        token = cookie_parser(headers.get("cookie", "")).get(COOKIE_NAME, "")
        if not COOKIE_PATTERN.fullmatch(token):
            token = secrets.token_urlsafe(32)
        cookie = _format_cookie(token, "https" in (scope["scheme"], headers.get("x-forwarded-proto", "")))

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).append("set-cookie", cookie)
            await send(message)

        await self.app(scope, receive, send_with_cookie)


def _format_cookie(token: str, is_encrypted: bool) -> str:
    path, seconds = serving.base_path() or "/", hosting.days_kept() * 86_400
    secure = "; Secure" if is_encrypted else ""
    return f"{COOKIE_NAME}={token}; Path={path}; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"
