"""A pair of linked maps of the same points: pan, zoom, hover and isolation move together."""

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st

HERE = Path(__file__).resolve().parent
PANEL = """
<section class="panel">
  <p class="title"></p>
  <canvas tabindex="0" role="img"></canvas>
  <div class="legend" role="group" aria-label="Show one group alone"></div>
</section>
"""
HTML = f"""
<div class="map">
  <div class="bar">
    <span class="told" role="status"></span>
    <button type="button" data-action="in" aria-label="Zoom in">+</button>
    <button type="button" data-action="out" aria-label="Zoom out">−</button>
    <button type="button" data-action="reset">Reset</button>
  </div>
  <div class="panels">{PANEL}{PANEL}</div>
</div>
"""

_component = st.components.v2.component(
    "paired_map",
    html=HTML,
    css=(HERE / "map.css").read_text(encoding="utf-8"),
    js=(HERE / "map.js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True)
class Panel:
    """How one of the two panels groups the points: ``groups`` int [n], indices into ``names`` and ``colours``."""

    title: str
    groups: np.ndarray
    names: Sequence[str]
    colours: Sequence[str]


def paired_map(points: np.ndarray, panels: tuple[Panel, Panel], axes: str, *, key: str) -> None:
    """Show ``points`` float32 [n, 2] twice; ``axes`` says what the directions mean."""
    data = {
        "points": _packed(points.astype("<f4")),
        "axes": axes,
        "panels": [
            {
                "title": panel.title,
                "values": _packed(panel.groups.astype(np.uint8)),
                "names": list(panel.names),
                "colours": list(panel.colours),
            }
            for panel in panels
        ],
    }
    version = hashlib.sha256(json.dumps(data).encode()).hexdigest()[:16]
    _component(key=key, data=data | {"version": version})


def _packed(array: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()
