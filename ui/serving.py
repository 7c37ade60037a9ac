"""Arrays, images and HTML documents over HTTP for the browser components. A URL names its content, so that a browser
fetches each once.

The server imports this before any page runs: nothing here may use Streamlit's caches.
"""

import base64
import gzip
import hashlib
import html
import io
import secrets
import shutil
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from threading import Lock
from typing import Any
from weakref import WeakValueDictionary

import numpy as np
import streamlit as st
from PIL import Image
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from fashion_core.data import Dataset
from fashion_core.errors import DataError, FashionError
from fashion_core.storage.folder import shared_data_folder
from fashion_core.storage.visitors import current_visitor
from ui.first_html import first_html
from ui.style import PAGE_TITLES

MAX_ARRAY_BYTES = 64 * 2**20
MIN_FREE_BYTES = 100 * 2**20  # on the disk, of a healthy server
MAX_HELD = 4  # data sets, and reports and presentations of about 3 MB, of a session
DATASETS_KEY, DOCUMENTS_KEY = "published-datasets", "documents"  # session keys: what goes with the session
# a document gets an origin of its own, without access to the dashboard that shows it
SANDBOX_HEADERS = {
    "Content-Security-Policy": "sandbox allow-scripts allow-modals allow-downloads; frame-ancestors 'self'"
}
BUILDING_PAGE = """<!DOCTYPE html>
<html lang="en"><title>Report</title><meta name="color-scheme" content="light dark">
<p style="font: 16px sans-serif; margin: 2rem">Building the report. This takes a few seconds.</p>
<script>location.replace("?built" + location.hash)</script></html>
"""
CACHE_HEADERS = {"Cache-Control": "private, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}


class _Arrays:
    """Compressed arrays by name. The least recently published leaves when all are larger than ``MAX_ARRAY_BYTES``."""

    def __init__(self) -> None:
        self._contents: OrderedDict[str, bytes] = OrderedDict()
        self._lock = Lock()

    def add(self, name: str, content: bytes) -> None:
        with self._lock:
            self._contents[name] = content
            self._contents.move_to_end(name)
            while len(self._contents) > 1 and sum(map(len, self._contents.values())) > MAX_ARRAY_BYTES:
                self._contents.popitem(last=False)

    def get(self, name: str) -> bytes | None:
        with self._lock:
            return self._contents.get(name)


class _Document:
    """HTML that ``build`` makes when it is first asked for; threads that ask meanwhile wait."""

    def __init__(self, build: Callable[[], str]) -> None:
        self._build, self._lock = build, Lock()
        self._content: str | None = None

    @property
    def is_built(self) -> bool:
        return self._content is not None

    def content(self) -> str:
        with self._lock:
            if self._content is None:
                self._content = self._build()
            return self._content


_arrays = _Arrays()
# what sessions hold, by a name that changes with its content
_datasets: WeakValueDictionary[str, Dataset] = WeakValueDictionary()
_documents: WeakValueDictionary[str, _Document] = WeakValueDictionary()
_address_secret = secrets.token_bytes(32)  # without it, nobody knows the address of another visitor's things


def publish_array(array: np.ndarray) -> str:
    """URL of the array's little-endian bytes."""
    content = np.ascontiguousarray(array).tobytes()
    name = hashlib.sha256(content).hexdigest()[:32]
    _arrays.add(name, _arrays.get(name) or gzip.compress(content, 1))
    return f"{base_path()}/arrays/{name}.bin"


def publish_dataset_images(dataset: Dataset) -> str:
    """URL below which ``train/INDEX.png`` and ``test/INDEX.png`` are the published images, and ``train/INDEX.jpg`` and
    ``test/INDEX.jpg`` the pictures of a data set that has them."""
    name = _address(f"{dataset.folder} {dataset.fingerprint}")
    _hold(DATASETS_KEY, name, _datasets.setdefault(name, dataset))
    return f"{base_path()}/pictures/{name}"


def publish_document(name: str, build: Callable[[], str]) -> str:
    """URL of an HTML document, to be shown in a frame while this session lasts. ``build`` makes it when a browser first
    asks for it; ``name`` changes with its content."""
    digest = _address(name)
    _hold(DOCUMENTS_KEY, digest, _documents.setdefault(digest, _Document(build)))
    return f"{base_path()}/reports/{digest}.html"


def _address(name: str) -> str:
    """Of this visitor's content called ``name``; nobody can guess it."""
    return hashlib.sha256(_address_secret + f"{current_visitor().name} {name}".encode()).hexdigest()[:32]


def _hold(key: str, name: str, content: Any) -> None:
    """Keep ``content`` while this session lasts, or until it has published ``MAX_HELD`` others."""
    held: dict[str, Any] = st.session_state.setdefault(key, {})
    held.pop(name, None)
    held[name] = content  # the latest is last
    while len(held) > MAX_HELD:
        del held[next(iter(held))]


def image_data_url(image: np.ndarray) -> str:
    """The image uint8 [h, w] as a data URL: many small ones are faster this way than with a request each."""
    return data_url(_png(image), "image/png")


def data_url(content: bytes, media_type: str) -> str:
    """The content of a file as a data URL."""
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"


def image_digest(image: np.ndarray) -> str:
    """A name that changes with the pixels of ``image`` uint8 [h, w] or [h, w, 3]."""
    return hashlib.sha256(np.ascontiguousarray(image).tobytes() + str(image.shape).encode()).hexdigest()[:16]


def _png(image: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


async def _array(request: Request) -> Response:
    content = _arrays.get(request.path_params["name"])
    if content is None:
        return Response("This array has expired. Reload the page.", status_code=404)
    return Response(
        content, media_type="application/octet-stream", headers={"Content-Encoding": "gzip", **CACHE_HEADERS}
    )


def _image(request: Request) -> Response:
    dataset = _datasets.get(request.path_params["name"])
    part, index = request.path_params["part"], request.path_params["index"]
    if dataset is not None and part in ("train", "test"):
        images = dataset.published_train_arrays[0] if part == "train" else dataset.published_test_arrays[0]
        if index < len(images):
            return Response(_png(images[index]), media_type="image/png", headers=CACHE_HEADERS)
    return Response("There is no such image. Reload the page.", status_code=404)


def _picture(request: Request) -> Response:
    dataset = _datasets.get(request.path_params["name"])
    part, index = request.path_params["part"], request.path_params["index"]
    if dataset is not None and dataset.has_pictures and part in ("train", "test"):
        with suppress(DataError, IndexError):
            return Response(dataset.read_picture(part, index), media_type="image/jpeg", headers=CACHE_HEADERS)
    return Response("There is no such picture. Reload the page.", status_code=404)


def _document(request: Request) -> Response:
    """At once a page that says the document is being built, and loads it."""
    document = _documents.get(request.path_params["name"])
    if document is None:
        return Response("This report has expired. Reload the page Report.", status_code=404)
    headers = SANDBOX_HEADERS | {"Cache-Control": "no-store"}
    if not document.is_built and not request.query_params:
        return HTMLResponse(BUILDING_PAGE, headers=headers)
    try:
        content = document.content()
    except FashionError as error:
        return HTMLResponse(f"<p>{html.escape(str(error))}</p>", headers=headers)
    return HTMLResponse(content, headers={**CACHE_HEADERS, **SANDBOX_HEADERS})


async def _page(request: Request) -> Response:
    """Every page's address gives the same document, whose script asks for the page."""
    return HTMLResponse(first_html(), headers={"Cache-Control": "no-cache"})


async def _overview(request: Request) -> Response:
    """Streamlit serves its first page at the root alone."""
    return RedirectResponse(f"{base_path()}/?{request.url.query}".rstrip("?"))


def _health(request: Request) -> Response:
    """For a monitor: 200, or 503 when there is no space left for what visitors make."""
    folder = shared_data_folder()
    free = shutil.disk_usage(next(path for path in (folder, *folder.absolute().parents) if path.exists())).free
    status = "ok" if free > MIN_FREE_BYTES else "The disk is full."
    return JSONResponse({"status": status}, 200 if status == "ok" else 503, headers={"Cache-Control": "no-store"})


def http_routes() -> list[Route]:
    """Routes besides Streamlit's own."""
    return [
        Route(base_path() + "/overview", _overview),
        Route(base_path() + "/healthz", _health),
        *(Route(f"{base_path()}/{name}", _page) for name in ("", *PAGE_TITLES) if name != "overview"),
        Route(base_path() + "/arrays/{name}.bin", _array),
        Route(base_path() + "/reports/{name}.html", _document),
        Route(base_path() + "/pictures/{name}/{part}/{index:int}.png", _image),
        Route(base_path() + "/pictures/{name}/{part}/{index:int}.jpg", _picture),
    ]


def base_path() -> str:
    """Path below which the dashboard is served, for example behind a proxy; empty at the root."""
    path = str(st.get_option("server.baseUrlPath")).strip("/")
    return f"/{path}" if path else ""
