"""The HTML that a browser loads first: Streamlit's, with the dashboard's title, its style and an early start for the
code of Streamlit's elements.

What arrives after the first elements would move them.
"""

import base64
import hashlib
import html
import json
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import streamlit as st

from ui.style import WINDOW_TITLE, page_style

_FOLDER = Path(st.__file__).parent / "static"
# Streamlit loads the code of an element when the first of its kind is on the page; these are small and on most pages
ELEMENTS = (
    "BidiComponent", "Button", "ButtonGroup", "Checkbox", "DownloadButton", "FileUploader", "ImageList", "LinkButton",
    "Metric", "NumberInput", "PageLink", "Pagination", "Selectbox", "Slider", "TextInput",
)  # fmt: skip
# large, and on many pages: fetched and compiled while the server draws the first one, but not yet run
LARGE_FILES = ("DataFrame", "arrowFormatUtils", "reactJsonViewCompat", "PlotlyChart")


@cache
def first_html() -> str:
    """The document. The style stands after those that Streamlit's scripts add to its head, and overrides them."""
    document = (_FOLDER / "index.html").read_text(encoding="utf-8")
    document = document.replace("<title>Streamlit</title>", f"<title>{html.escape(WINDOW_TITLE)}</title>")
    return document.replace("<body>", f"<body><style>{page_style()}</style>{_element_script()}")


@cache
def content_security_policy() -> str:
    """What the document may load: only what this server sends, and of scripts in the document itself only its own.

    Charts with WebGL compile functions ('unsafe-eval'); Streamlit's styles are in the document, and its components'
    scripts are blobs.
    """
    scripts = re.findall(r"<script[^>]*>(.*?)</script>", first_html(), re.DOTALL)
    hashes = (base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts if script)
    own_scripts = " ".join(f"'sha256-{digest}'" for digest in hashes)
    return (
        f"default-src 'self'; script-src 'self' blob: 'unsafe-eval' {own_scripts}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; media-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; "
        "connect-src 'self' data: blob:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
    )


def _element_script() -> str:
    return (
        f'<script type="module">const small = {json.dumps(_addresses(ELEMENTS))};'
        "await Promise.allSettled(small.map((address) => import(address)));"
        f"for (const href of {json.dumps(_addresses(LARGE_FILES))})"
        ' document.head.append(Object.assign(document.createElement("link"), { rel: "modulepreload", href }));</script>'
    )


def _addresses(names: Iterable[str]) -> list[str]:
    files = [path for name in names for path in _FOLDER.glob(f"static/js/{name}.*.js")]
    return [f"./{path.relative_to(_FOLDER).as_posix()}" for path in files]
