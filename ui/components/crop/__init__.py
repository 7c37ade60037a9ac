"""A picture with a box to drag around one garment."""

import io
import math
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from PIL import Image

from ui import serving

CROP_FOLDER = Path(__file__).resolve().parent
MAX_SHOWN_SIDE = 640  # pixels of the picture sent to the browser
WHOLE_PICTURE = (0.0, 0.0, 1.0, 1.0)

CROP_HTML = """
<div class="crop" role="group" aria-label="Crop box">
  <div class="surface">
    <img alt="Your picture">
    <div class="shade"><div class="hole"></div></div>
    <div class="frame">
      <button type="button" data-x="0" data-y="0" data-name="Top left corner"></button>
      <button type="button" data-x="2" data-y="0" data-name="Top right corner"></button>
      <button type="button" data-x="0" data-y="2" data-name="Bottom left corner"></button>
      <button type="button" data-x="2" data-y="2" data-name="Bottom right corner"></button>
    </div>
  </div>
  <div class="bar">
    <span>Drag a box around one garment. Select a corner to move it with the arrow keys.</span>
    <button type="button" data-action="reset">Whole picture</button>
  </div>
</div>
"""

_component = st.components.v2.component(
    "crop_box",
    html=CROP_HTML,
    css=(CROP_FOLDER / "crop.css").read_text(encoding="utf-8"),
    js=(CROP_FOLDER / "crop.js").read_text(encoding="utf-8"),
)


def crop_box(key: str, picture: np.ndarray) -> tuple[float, float, float, float]:
    """Show ``picture`` uint8 [h, w, 3] with a box; returns its left, top, right and bottom as fractions, 0 to 1.

    The box is the whole picture at first and whenever another picture comes. It stays in the session while you visit
    other pages.
    """
    box_key = f"{key}-kept"
    name = serving.image_digest(picture)

    def store_box() -> None:
        sent: Any = st.session_state[key].get("crop")
        if isinstance(sent, dict) and sent.get("base") == name:
            st.session_state[box_key] = (name, parse_box(sent.get("box")))

    shown_name, box = st.session_state.get(box_key, ("", WHOLE_PICTURE))
    if shown_name != name:
        box = WHOLE_PICTURE
    height, width = picture.shape[:2]
    data = {"base": name, "src": _jpeg_data_url(picture), "width": width, "height": height, "box": list(box)}
    _component(key=key, data=data, on_crop_change=store_box)
    return box


def parse_box(sent: object) -> tuple[float, float, float, float]:
    """A box that a browser sent; the whole picture for anything else."""
    if not isinstance(sent, list) or len(sent) != 4 or not all(isinstance(v, int | float) for v in sent):
        return WHOLE_PICTURE
    left, top, right, bottom = (float(v) for v in sent)
    inside = all(math.isfinite(v) and 0 <= v <= 1 for v in (left, top, right, bottom))
    return (left, top, right, bottom) if inside and left < right and top < bottom else WHOLE_PICTURE


def _jpeg_data_url(picture: np.ndarray) -> str:
    image = Image.fromarray(picture)
    image.thumbnail((MAX_SHOWN_SIDE, MAX_SHOWN_SIDE))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=85)
    return serving.data_url(buffer.getvalue(), "image/jpeg")
