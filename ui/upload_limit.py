"""A limit for all uploads of a session together: Streamlit limits each file alone, and holds all of them in memory."""

import asyncio
import re
from collections import Counter

import streamlit as st
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui import hosting
from ui.data.uploads import MAX_TOTAL_MEGABYTES, MAX_UPLOAD_MEGABYTES

UPLOAD_PATH = re.compile(r".*/_stcore/upload_file/(?P<session>[^/]+)/[^/]+")
MAX_VISITOR_MEGABYTES = 250  # of a session, unless the server is local
MAX_SERVER_MEGABYTES = 1_000  # of all sessions, unless the server is local
MAX_STALLED_SECONDS = 30  # without a byte of an upload
REFUSAL = "Your uploads are too large together. Remove some of them, or reload the page, and try again."
STALLED = f"Nothing of this upload came for {MAX_STALLED_SECONDS} seconds. Check your connection, and upload it again."
CLOSE = {"Connection": "close"}  # the rest of the upload may never come


class UploadLimit:
    """Refuses an upload with which a session, or all of them, would hold too much.

    What has arrived is counted, not what is declared: who sends nothing keeps nobody from uploading.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._arriving: Counter[str] = Counter()  # bytes of unfinished uploads that are here, by session

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match = UPLOAD_PATH.fullmatch(scope["path"]) if scope["type"] == "http" and scope["method"] == "PUT" else None
        if match is None:
            await self.app(scope, receive, send)
            return
        session = match["session"]
        declared = Headers(scope=scope).get("content-length", "")
        n_bytes = int(declared) if declared.isdecimal() and len(declared) < 20 else MAX_UPLOAD_MEGABYTES * 2**20
        if not self._fits(session, n_bytes):
            await PlainTextResponse(REFUSAL, 413)(scope, receive, send)
            return
        n_arrived, is_complete = 0, False

        async def receive_counted() -> Message:
            nonlocal n_arrived, is_complete
            try:
                async with asyncio.timeout(None if is_complete else MAX_STALLED_SECONDS):
                    message = await receive()
            except TimeoutError as error:
                raise HTTPException(408, STALLED, CLOSE) from error
            is_complete = not message.get("more_body", False)
            before, n_arrived = n_arrived, n_arrived + len(message.get("body", b""))
            self._arriving[session] += n_arrived - before
            # at each megabyte, as counting what all sessions hold takes a while
            if before // 2**20 < n_arrived // 2**20 and not self._fits(session, 0):
                raise HTTPException(413, REFUSAL, CLOSE)
            return message

        try:
            await self.app(scope, receive_counted, send)
        finally:
            self._arriving[session] -= n_arrived
            self._arriving += Counter()  # drops those with nothing left

    def _fits(self, session: str, n_bytes: int) -> bool:
        held = count_uploaded_bytes() + self._arriving
        if hosting.find_mode() == "local":
            return held[session] + n_bytes <= MAX_TOTAL_MEGABYTES * 2**20
        of_all = sum(held.values()) + n_bytes
        return held[session] + n_bytes <= MAX_VISITOR_MEGABYTES * 2**20 and of_all <= MAX_SERVER_MEGABYTES * 2**20


def count_uploaded_bytes() -> Counter[str]:
    """The bytes of the uploads that the server holds, by session."""
    if not st.runtime.exists():
        return Counter()
    stored = dict(st.runtime.get_instance().uploaded_file_mgr.file_storage)  # type: ignore[attr-defined]
    return Counter({session: sum(len(file.data) for file in list(files.values())) for session, files in stored.items()})
