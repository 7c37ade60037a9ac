"""Arrays and pictures over HTTP for the browser components. An address names its content, so that a browser fetches
each once and keeps it.

Imported by the server before any page runs: nothing here may use Streamlit's caches.
"""

import base64
import gzip
import hashlib
import io
from collections import OrderedDict
from threading import Lock

import numpy as np
import streamlit as st
from PIL import Image
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fashion_core.data import Dataset

MAX_ARRAY_BYTES = 64 * 2**20  # of arrays held; the least recently published go first
MAX_DATASETS = 2
MAX_DOCUMENTS = 12  # reports and presentations of about 3 MB
# a page is kept apart from the dashboard that shows it, as if it came from elsewhere
SANDBOX_HEADERS = {"Content-Security-Policy": "sandbox allow-scripts allow-modals allow-downloads"}
CACHE_HEADERS = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}

_arrays: OrderedDict[str, bytes] = OrderedDict()
_datasets: OrderedDict[str, Dataset] = OrderedDict()
_pages: OrderedDict[str, bytes] = OrderedDict()
_lock = Lock()


def publish_array(array: np.ndarray) -> str:
    """Address at which the browser finds the array's little-endian bytes."""
    content = np.ascontiguousarray(array).tobytes()
    name = hashlib.sha256(content).hexdigest()[:32]
    packed = _arrays.get(name) or gzip.compress(content, 1)  # outside the lock, which requests wait for
    with _lock:
        _arrays[name] = packed
        _arrays.move_to_end(name)
        while len(_arrays) > 1 and sum(map(len, _arrays.values())) > MAX_ARRAY_BYTES:
            _arrays.popitem(last=False)
    return f"{_base_path()}/arrays/{name}.bin"


def publish_dataset_images(dataset: Dataset) -> str:
    """Address under which ``train/PLACE.png`` and ``test/PLACE.png`` are the published pictures."""
    with _lock:
        _datasets[dataset.fingerprint] = dataset
        _datasets.move_to_end(dataset.fingerprint)
        while len(_datasets) > MAX_DATASETS:
            _datasets.popitem(last=False)
    return f"{_base_path()}/pictures/{dataset.fingerprint}"


def publish_document(html: str) -> str:
    """Address at which the browser finds the HTML document, to be shown in a frame."""
    content = html.encode()
    name = hashlib.sha256(content).hexdigest()[:32]
    with _lock:
        _pages[name] = content
        _pages.move_to_end(name)
        while len(_pages) > MAX_DOCUMENTS:
            _pages.popitem(last=False)
    return f"{_base_path()}/reports/{name}.html"


def image_data_url(image: np.ndarray) -> str:
    """The picture uint8 [h, w] as an address that holds it; for many small ones at once, a request each is slower."""
    return f"data:image/png;base64,{base64.b64encode(_png(image)).decode()}"


def _png(image: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


async def _array(request: Request) -> Response:
    with _lock:
        content = _arrays.get(request.path_params["name"])
    if content is None:
        return Response("This array is no longer held. Reload the page.", status_code=404)
    return Response(
        content, media_type="application/octet-stream", headers={"Content-Encoding": "gzip", **CACHE_HEADERS}
    )


def _picture(request: Request) -> Response:
    with _lock:
        dataset = _datasets.get(request.path_params["fingerprint"])
    part, place = request.path_params["part"], request.path_params["place"]
    if dataset is not None and part in ("train", "test"):
        images = dataset.published_train_arrays[0] if part == "train" else dataset.published_test_arrays[0]
        if place < len(images):
            return Response(_png(images[place]), media_type="image/png", headers=CACHE_HEADERS)
    return Response("There is no such picture. Reload the page.", status_code=404)


async def _page(request: Request) -> Response:
    with _lock:
        content = _pages.get(request.path_params["name"])
    if content is None:
        return Response("This report is no longer held. Reload the page Report.", status_code=404)
    return Response(content, media_type="text/html", headers={**CACHE_HEADERS, **SANDBOX_HEADERS})


def http_routes() -> list[Route]:
    """What the server answers besides Streamlit's own addresses."""
    return [
        Route(_base_path() + "/arrays/{name}.bin", _array),
        Route(_base_path() + "/reports/{name}.html", _page),
        Route(_base_path() + "/pictures/{fingerprint}/{part}/{place:int}.png", _picture),
    ]


def _base_path() -> str:
    """Path under which the whole dashboard is served, such as behind a proxy; empty at the root."""
    path = str(st.get_option("server.baseUrlPath")).strip("/")
    return f"/{path}" if path else ""
