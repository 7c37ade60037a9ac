"""The pair of maps as a picture, for what cannot show SVG."""

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from fashion_core.data.classes import CLASS_COLOURS, SHORT_CLASS_NAMES
from fashion_core.report import layout
from fashion_core.report.content import ClusterMaps

PIXELS_PER_MAP_UNIT = 1.4  # pixels a unit of the map
POINT_RADIUS = 3
PANEL_TITLE_HEIGHT = 50  # pixels over a panel
PANEL_GAP = 40


def draw_maps_png(chart: ClusterMaps) -> tuple[bytes, tuple[int, int]]:
    """Both panels beside each other as a PNG, and its size in pixels."""
    places, (width, height) = layout.scale_points_to_map(chart.points)
    panel = round(PIXELS_PER_MAP_UNIT * width), round(PIXELS_PER_MAP_UNIT * height)
    size = 2 * panel[0] + PANEL_GAP, panel[1] + PANEL_TITLE_HEIGHT
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    clusters = [chart.cluster_name(k, short=True) for k in range(len(chart.cluster_classes))]
    sides = (
        ("By true class", chart.labels, CLASS_COLOURS, SHORT_CLASS_NAMES),
        ("By k-means cluster", chart.clusters, layout.choose_cluster_colours(chart.cluster_classes), clusters),
    )
    for side, (title, groups, colours, names) in enumerate(sides):
        left = side * (panel[0] + PANEL_GAP)
        draw.text((left, 4), title, "#1d232b", ImageFont.load_default(30))
        draw.rectangle(
            (left, PANEL_TITLE_HEIGHT, left + panel[0] - 1, PANEL_TITLE_HEIGHT + panel[1] - 1), outline="#d5dbe2"
        )
        _panel(draw, places, groups, colours, names, left)
    into = io.BytesIO()
    image.quantize(128).save(into, "PNG", optimize=True)
    return into.getvalue(), size


def _panel(
    draw: ImageDraw.ImageDraw,
    places: np.ndarray,
    groups: np.ndarray,
    colours: Sequence[str],
    names: Sequence[str],
    left: int,
) -> None:
    for (x, y), group in zip((PIXELS_PER_MAP_UNIT * places).tolist(), groups.tolist(), strict=True):
        x, y = x + left, y + PANEL_TITLE_HEIGHT
        draw.ellipse((x - POINT_RADIUS, y - POINT_RADIUS, x + POINT_RADIUS, y + POINT_RADIUS), fill=colours[group])
    font = ImageFont.load_default(34)
    for group, (x, y) in layout.place_group_labels(places, groups, len(colours)):
        at = (PIXELS_PER_MAP_UNIT * x + left, PIXELS_PER_MAP_UNIT * y + PANEL_TITLE_HEIGHT)
        draw.text(at, names[group], "#1d232b", font, anchor="mm", stroke_width=4, stroke_fill="white")
