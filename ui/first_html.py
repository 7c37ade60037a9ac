"""The HTML that a browser loads first: Streamlit's, with the dashboard's title, its style and an early start for the
code of Streamlit's elements.

What arrives after the first elements would move them.
"""

import html
import json
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


@cache
def first_html() -> str:
    """The document. The style stands after those that Streamlit's scripts add to its head, and overrides them."""
    document = (_FOLDER / "index.html").read_text(encoding="utf-8")
    document = document.replace("<title>Streamlit</title>", f"<title>{html.escape(WINDOW_TITLE)}</title>")
    return document.replace("<body>", f"<body><style>{page_style()}</style>{_element_script()}")


def _element_script() -> str:
    files = [path for name in ELEMENTS for path in _FOLDER.glob(f"static/js/{name}.*.js")]
    addresses = json.dumps([f"./{path.relative_to(_FOLDER).as_posix()}" for path in files])
    return f'<script type="module">for (const address of {addresses}) import(address);</script>'
