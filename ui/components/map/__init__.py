"""Two linked maps of the same points in WebGL: pan, zoom, hover, isolated groups and selection are shared.

Positions and colours travel as files that the browser fetches once (``ui.serving``), so a change of colours sends the
new colours alone.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from ui import serving
from ui.map_selection import CORNER_GRID, MAP_LONGER_SIDE_UNITS, MapSelection

UNGROUPED = 255  # group of a point without a value, drawn in grey
_FOLDER = Path(__file__).resolve().parent
_SCRIPTS = ("arrays", "geometry", "viewport", "point_layer", "panel", "input", "png", "map")  # later ones use earlier
_PANEL_HTML = """
<section class="panel">
  <div class="head">
    <select class="colour-by" aria-label="SIDE by"></select><span class="count" role="status"></span>
  </div>
  <div class="plot">
    <canvas class="points" aria-hidden="true"></canvas>
    <canvas class="overlay" tabindex="0" role="application"></canvas>
    <div class="card" hidden></div>
  </div>
  <div class="legend" role="group" aria-label="Show one group alone"></div>
</section>
"""
_LEFT_PANEL = _PANEL_HTML.replace("SIDE", "Left")
_RIGHT_PANEL = _PANEL_HTML.replace("SIDE", "Right").replace(' role="status"', "")  # the count is announced once
_MAP_HTML = f"""
<div class="map" data-tool="move">
  <div class="bar">
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
    <span class="status-line"></span>
  </div>
  <div class="panels">{_LEFT_PANEL}{_RIGHT_PANEL}</div>
</div>
"""

_component = st.components.v2.component(
    "paired_map",
    html=_MAP_HTML,
    css=(_FOLDER / "map.css").read_text(encoding="utf-8"),
    js="\n".join((_FOLDER / f"{name}.js").read_text(encoding="utf-8") for name in _SCRIPTS),
)


@dataclass(frozen=True)
class PointColouring:
    """Colours for the points of a panel: ``groups`` uint8 [n], indices into ``colours`` (``#rrggbb``) or ``UNGROUPED``.

    ``names``, one a group, make a legend. A colour scale has a ``value_range`` instead: the values of its first and
    last colour.
    """

    title: str
    groups: np.ndarray
    colours: Sequence[str]
    names: Sequence[str] = ()
    value_range: tuple[float, float] | None = None

    def to_component(self) -> dict[str, Any]:
        """What the browser needs, with the address of the groups instead of the groups."""
        value_range = self.value_range or ()
        return {
            "title": self.title,
            "values": serving.publish_array(self.groups),
            "names": list(self.names),
            "colours": list(self.colours),
            "range": list(value_range) or None,
            "scale_labels": [f"{value:.3g}" for value in value_range],
        }


@dataclass(frozen=True)
class PointCloud:
    """``positions`` uint16 [n, 2] on a map of ``extent`` units, the first ``n_train`` of them train images.

    ``axes_description`` says what the directions mean; ``pictures_url`` is where the images are, None without them.
    """

    positions: np.ndarray
    extent: tuple[int, int]
    n_train: int
    axes_description: str
    pictures_url: str | None


def quantise_points(points: np.ndarray) -> tuple[np.ndarray, tuple[int, int]]:
    """Points float32 [n, 2] as positions uint16 [n, 2] and the extent of the map.

    The longer side of the map has ``MAP_LONGER_SIDE_UNITS``. One unit of the selection's grid is left
    free on each side, so that a selection of the whole map has every point.
    """
    low = points.min(axis=0)
    span = points.max(axis=0) - low
    scale = (MAP_LONGER_SIDE_UNITS - 2 * CORNER_GRID) / (float(span.max()) or 1.0)
    width, height = (round(float(side) * scale) + 2 * CORNER_GRID for side in span)
    return (np.rint((points - low) * scale) + CORNER_GRID).astype(np.uint16), (width, height)


def show_paired_point_maps(
    cloud: PointCloud,
    colourings: dict[str, PointColouring],
    hover_fields: dict[str, str],
    panel_colourings: tuple[str, str],
    selection: MapSelection,
    *,
    point: int,
    key: str,
    on_selection: Callable[[], None],
    on_point: Callable[[int], None],
    focus: tuple[int, int] | None = None,
) -> bool:
    """Show the points twice; returns whether the browser can (it needs WebGL 2).

    ``panel_colourings``: the names of the left and the right panel's ``colourings``. ``hover_fields``: what the card
    of a point lists, each a label and the name of the colouring with its value. ``point``: the index of the point with
    a ring around it, -1 for none. ``focus``: a point to centre on, and a number that is higher each time.
    ``on_selection`` is called when somebody selects or changes colours; ``unchecked_map_selection_from_browser`` then
    returns the selection. ``on_point`` is called with the index of a point that is clicked, and with -1 on a reset.
    """
    data: dict[str, Any] = {
        "positions": serving.publish_array(cloud.positions.astype("<u2")),
        "extent": cloud.extent,
        "n_train": cloud.n_train,
        "axes": cloud.axes_description,
        "pictures": cloud.pictures_url,
        "colourings": {name: colouring.to_component() for name, colouring in colourings.items()},
        "hover_fields": [{"label": label, "colouring": name} for label, name in hover_fields.items()],
        "point": point,
        "selection": {**selection.to_component_value(), "colourings": list(panel_colourings)},
        "session": st.session_state.setdefault("map-session", secrets.token_hex(8)),
        "unsupported": _component_state(key, "unsupported") is True,
        "focus": {"index": focus[0], "revision": focus[1]} if focus else None,
    }
    result = _component(
        key=key,
        data=data,
        on_selection_change=on_selection,
        on_point_change=lambda: _handle_click(key, len(cloud.positions), on_point),
        on_unsupported_change=lambda: None,
    )
    return not result.unsupported


def _handle_click(key: str, n_points: int, on_point: Callable[[int], None]) -> None:
    point = _component_state(key, "point")
    if isinstance(point, int) and not isinstance(point, bool) and -1 <= point < n_points:
        on_point(point)


def unchecked_map_selection_from_browser(key: str) -> Any:
    """The last selection that the browser sent for the map with this ``key``, unchecked."""
    return _component_state(key, "selection")


def _component_state(key: str, name: str) -> Any:
    state = st.session_state.get(key)
    return state.get(name) if state is not None else None
