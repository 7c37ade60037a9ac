"""A canvas for drawing a garment: brush, eraser, fill, undo, clear; mouse, touch and pen."""

import base64
import binascii
from pathlib import Path

import streamlit as st

from fashion_core.errors import PictureError

HERE = Path(__file__).resolve().parent
PREFIX = "data:image/png;base64,"
LARGEST = 400_000  # characters; a sheet full of scribbles has about 40,000

HTML = """
<div class="sheet">
  <div class="bar" role="toolbar" aria-label="Drawing tools">
    <button type="button" data-tool="brush" aria-pressed="true">Brush</button>
    <button type="button" data-tool="eraser" aria-pressed="false">Eraser</button>
    <button type="button" data-tool="fill" aria-pressed="false">Fill</button>
    <button type="button" data-action="undo">Undo</button>
    <button type="button" data-action="clear">Clear</button>
    <label>Width <input type="range" min="3" max="30" value="9" aria-label="Brush width"></label>
  </div>
  <canvas width="280" height="280" role="img" aria-label="Sheet of paper to draw a garment on"></canvas>
</div>
"""

_component = st.components.v2.component(
    "garment_canvas",
    html=HTML,
    css=(HERE / "canvas.css").read_text(encoding="utf-8"),
    js=(HERE / "canvas.js").read_text(encoding="utf-8"),
)


def drawing_canvas(key: str) -> bytes | None:
    """Show the sheet; returns the drawing as PNG bytes, or None while it is empty.

    The drawing is kept in the session, so it is still there after a visit to another page. Raises ``PictureError``
    when what the browser sent is no PNG of a sheet's size.
    """
    kept = f"{key}-kept"
    result = _component(
        key=key,
        data={"image": st.session_state.get(kept, "")},
        on_drawing_change=lambda: None,
        default={"drawing": None},
    )
    if result.drawing is not None:
        st.session_state[kept] = result.drawing
    return decode(st.session_state.get(kept, ""))


def decode(url: object) -> bytes | None:
    """PNG bytes of a data URL, None of an empty text; raises ``PictureError`` for anything else."""
    if url == "":
        return None
    if not isinstance(url, str) or len(url) > LARGEST or not url.startswith(PREFIX):
        raise PictureError("The drawing did not arrive whole. Clear the sheet and draw again.")
    try:
        return base64.b64decode(url.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise PictureError("The drawing did not arrive whole. Clear the sheet and draw again.") from error
