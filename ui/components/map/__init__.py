"""A pair of linked maps of the same points in WebGL: pan, zoom, hover, isolation and selection move together.

Places and colours travel as files that a browser fetches once (``ui.serving``); a change of colours sends the new
colours alone.
"""

import hashlib
import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from ui import serving
from ui.map_selection import CORNER_GRID, MAP_UNITS, MapSelection

HERE = Path(__file__).resolve().parent
NO_GROUP = 255  # group of a point that has none
COUNT_STATUS = ' role="status"'  # said once, by the left panel
PANEL_HTML = """
<section class="panel">
  <div class="head"><select class="way" aria-label="SIDE by"></select><span class="count" role="status"></span></div>
  <div class="sheet">
    <canvas class="points" aria-hidden="true"></canvas>
    <canvas class="over" tabindex="0" role="application"></canvas>
    <div class="card" hidden></div>
  </div>
  <div class="legend" role="group" aria-label="Show one group alone"></div>
</section>
"""
MAP_HTML = f"""
<div class="map" data-tool="move">
  <div class="bar">
    <span class="told"></span>
    <span class="tools" role="group" aria-label="What dragging does">
      <button type="button" data-tool="move" aria-pressed="true">Move</button>
      <button type="button" data-tool="lasso" aria-pressed="false">Lasso</button>
      <button type="button" data-tool="box" aria-pressed="false">Box</button>
    </span>
    <span class="tools">
      <button type="button" data-action="view">Select view</button>
      <button type="button" data-action="clear" disabled>Clear</button>
      <button type="button" data-action="in" aria-label="Zoom in">+</button>
      <button type="button" data-action="out" aria-label="Zoom out">−</button>
      <button type="button" data-action="reset">Reset</button>
      <button type="button" data-action="png" aria-label="Save as PNG">PNG</button>
    </span>
  </div>
  <div class="panels">{PANEL_HTML.replace("SIDE", "Left")}{PANEL_HTML.replace("SIDE", "Right").replace(COUNT_STATUS, "")}</div>
</div>
"""

_component = st.components.v2.component(
    "paired_map",
    html=MAP_HTML,
    css=(HERE / "map.css").read_text(encoding="utf-8"),
    js="\n".join((HERE / name).read_text(encoding="utf-8") for name in ("geometry.js", "layer.js", "map.js")),
)


@dataclass(frozen=True)
class PointColouring:
    """A way to colour the points of a panel: ``groups`` uint8 [n], indices into ``colours`` (``#rrggbb``).

    ``names``, one a group, make a legend; instead, ``range`` gives the values at the first and the last colour of a
    scale. 255 is a point without a group, in grey.
    """

    title: str
    groups: np.ndarray
    colours: Sequence[str]
    names: Sequence[str] = ()
    value_range: tuple[float, float] | None = None


@dataclass(frozen=True)
class PointCloud:
    """The points themselves: ``places`` uint16 [n, 2] on a map of ``extent`` units, ``n_train`` leading train points,
    what the directions mean in ``axes``, and ``pictures``, the address of the garments, None when they are not here."""

    positions: np.ndarray
    extent: tuple[int, int]
    n_train: int
    axes_description: str
    pictures_url: str | None


def quantise_points(points: np.ndarray) -> tuple[np.ndarray, tuple[int, int]]:
    """float32 [n, 2] -> uint16 [n, 2] and the extent of both sides, the longer one ``SIZE``.

    A cell of the selection's grid is left free around the points, so that a selection of everything holds them all.
    """
    low = points.min(axis=0)
    span = points.max(axis=0) - low
    scale = (MAP_UNITS - 2 * CORNER_GRID) / (float(span.max()) or 1.0)
    width, height = (round(float(side) * scale) + 2 * CORNER_GRID for side in span)
    return (np.rint((points - low) * scale) + CORNER_GRID).astype(np.uint16), (width, height)


def paired_map(
    cloud: PointCloud,
    colourings: dict[str, PointColouring],
    hover_fields: dict[str, str],
    panel_colourings: tuple[str, str],
    selection: MapSelection,
    *,
    key: str,
    on_selection: Callable[[], None],
    focus: tuple[int, int] | None = None,
) -> bool:
    """Show the cloud twice; returns whether the browser can (it needs WebGL 2).

    ``ways`` to colour a panel, by name, of which ``shown`` are the left's and the right's; ``facts``: for each word
    that the card under the pointer says, the way that holds it. ``focus``: a point to show, and a number that rises
    with every wish to. ``on_selection`` is called when the visitor selects or recolours; ``received`` then says what.
    """
    data: dict[str, Any] = {
        "points": serving.publish_array(cloud.positions.astype("<u2")),
        "extent": cloud.extent,
        "train": cloud.n_train,
        "axes": cloud.axes_description,
        "pictures": cloud.pictures_url,
        "ways": {way: _described(panel) for way, panel in colourings.items()},
        "facts": [{"name": name, "way": way} for name, way in hover_fields.items()],
        "selection": {**selection.to_component_value(), "ways": list(panel_colourings)},
        "session": st.session_state.setdefault("map-session", secrets.token_hex(8)),
        "unsupported": _state(key, "unsupported") is True,
        "focus": {"index": focus[0], "revision": focus[1]} if focus else None,
    }
    version = hashlib.sha256(json.dumps(data).encode()).hexdigest()[:16]
    result = _component(
        key=key,
        data=data | {"version": version},
        on_selection_change=on_selection,
        on_unsupported_change=lambda: None,
    )
    return not result.unsupported


def value_from_browser(key: str) -> Any:
    """What the browser last sent as the selection of the map with ``key``; not to be trusted."""
    return _state(key, "selection")


def _state(key: str, name: str) -> Any:
    state = st.session_state.get(key)
    return state.get(name) if state is not None else None


def _described(panel: PointColouring) -> dict[str, Any]:
    described: dict[str, Any] = {
        "title": panel.title,
        "values": serving.publish_array(panel.groups),
        "names": list(panel.names),
        "colours": list(panel.colours),
    }
    if panel.value_range is not None:
        low, high = panel.value_range
        described |= {"range": panel.value_range, "scale": [f"{low:.3g}", f"{high:.3g}"]}
    return described
