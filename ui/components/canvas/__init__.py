"""A canvas for mouse, touch or pen: draw a garment, paint over an image, or mark the garment in a photograph."""

import base64
import binascii
import io
from pathlib import Path
from typing import Any, Literal

import numpy as np
import streamlit as st
from PIL import Image

from fashion_core.errors import PictureError
from ui import serving

CANVAS_FOLDER = Path(__file__).resolve().parent
PNG_DATA_URL_PREFIX = "data:image/png;base64,"
MAX_DATA_URL_LENGTH = 800_000  # characters; a canvas full of scribbles has about 60,000
CANVAS_SIDE = 280  # pixels; ten for each pixel of an image
MARKING_CANVAS_SIDE = 320  # pixels of the longer side

CANVAS_HTML = """
<div class="sheet">
  <div class="bar" role="toolbar" aria-label="Drawing tools">
    <span class="tools"></span>
    <button type="button" data-action="undo" disabled>Undo</button>
    <button type="button" data-action="clear">Clear</button>
    <label>Width <input type="range" min="3" max="30" value="9" aria-label="Brush width"></label>
  </div>
  <div class="paper"><img alt="" hidden><canvas width="280" height="280" role="img"></canvas></div>
</div>
"""

_component = st.components.v2.component(
    "garment_canvas",
    html=CANVAS_HTML,
    css=(CANVAS_FOLDER / "canvas.css").read_text(encoding="utf-8"),
    js=(CANVAS_FOLDER / "canvas.js").read_text(encoding="utf-8"),
)


def drawing_canvas(key: str) -> np.ndarray | None:
    """A white canvas; returns the drawing uint8 [280, 280], black on white, or None while it is empty.

    The drawing stays in the session while you visit other pages. Like the other canvases, raises ``PictureError`` when
    the browser sends anything but a PNG of the canvas's size.
    """
    pixels = _show_canvas(key, "draw", "paper", "", (CANVAS_SIDE, CANVAS_SIDE))
    return None if pixels is None else pixels[..., 0]


def painting_canvas(key: str, image: np.ndarray) -> np.ndarray:
    """An image uint8 [28, 28] to paint over; returns the painted image."""
    large = image.repeat(CANVAS_SIDE // 28, axis=0).repeat(CANVAS_SIDE // 28, axis=1)
    pixels = _show_canvas(
        key, "paint", serving.image_digest(image), serving.image_data_url(large), (CANVAS_SIDE, CANVAS_SIDE)
    )
    if pixels is None:
        return image
    blocks = pixels[..., 0].reshape(28, CANVAS_SIDE // 28, 28, CANVAS_SIDE // 28).mean(axis=(1, 3))
    return np.rint(blocks).astype(np.uint8)


def garment_background_stroke_canvas(key: str, picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A picture uint8 [h, w, 3] to mark; returns strokes on garment and background, bool [canvas height, width]."""
    height, width = picture.shape[:2]
    scale = MARKING_CANVAS_SIDE / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    pixels = _show_canvas(key, "mask", serving.image_digest(picture), serving.image_data_url(picture), size)
    if pixels is None:
        no_strokes = np.zeros(size[::-1], bool)
        return no_strokes, no_strokes
    is_stroke = pixels[..., 3] > 128
    is_blue = pixels[..., 2] > pixels[..., 0]
    return is_stroke & is_blue, is_stroke & ~is_blue


def _show_canvas(
    key: str, mode: Literal["draw", "paint", "mask"], base: str, src: str, size: tuple[int, int]
) -> np.ndarray | None:
    """The drawing RGBA uint8 [h, w, 4] over the picture with the id ``base``; ``size``: width and height. Or None."""
    drawing_key = f"{key}-kept"

    def store_drawing() -> None:
        sent: Any = st.session_state[key].get("drawing")
        if isinstance(sent, dict) and sent.get("base") == base:
            st.session_state[drawing_key] = (base, sent.get("image"))

    drawing_base, image = st.session_state.get(drawing_key, ("", ""))
    if drawing_base != base:
        image = ""
    data = {
        "mode": mode,
        "base": {"id": base, "src": src, "width": size[0], "height": size[1]},
        "image": image if isinstance(image, str) else "",
    }
    _component(key=key, data=data, on_drawing_change=store_drawing)
    return decode_png_data_url(image, size)


def decode_png_data_url(data_url: object, size: tuple[int, int]) -> np.ndarray | None:
    """RGBA uint8 [h, w, 4] of a PNG data URL with this width and height; None for an empty string.

    Raises ``PictureError`` for anything else.
    """
    if data_url == "":
        return None
    broken = PictureError("The drawing did not arrive complete. Clear the canvas and draw again.")
    if (
        not isinstance(data_url, str)
        or len(data_url) > MAX_DATA_URL_LENGTH
        or not data_url.startswith(PNG_DATA_URL_PREFIX)
    ):
        raise broken
    try:
        content = base64.b64decode(data_url.removeprefix(PNG_DATA_URL_PREFIX), validate=True)
        with Image.open(io.BytesIO(content), formats=("PNG",)) as picture:
            if picture.size != size:
                raise broken
            return np.asarray(picture.convert("RGBA"))
    except (binascii.Error, OSError, SyntaxError, ValueError) as error:
        raise broken from error
