"""The pair of maps as a picture, for what cannot show SVG."""

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from fashion_core.data.labels import COLOURS, SHORT_NAMES
from fashion_core.report import layout
from fashion_core.report.content import Maps

SCALE = 1.4  # pixels a unit of the map
RADIUS = 3
HEADING = 50  # pixels over a panel
BETWEEN = 40


def maps(chart: Maps) -> tuple[bytes, tuple[int, int]]:
    """Both panels beside each other as a PNG, and its size in pixels."""
    places, (width, height) = layout.placed(chart.points)
    panel = round(SCALE * width), round(SCALE * height)
    size = 2 * panel[0] + BETWEEN, panel[1] + HEADING
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    clusters = [chart.cluster_title(k, short=True) for k in range(len(chart.names))]
    sides = (
        ("By true class", chart.labels, COLOURS, SHORT_NAMES),
        ("By k-means cluster", chart.clusters, layout.cluster_colours(chart.names), clusters),
    )
    for side, (title, groups, colours, names) in enumerate(sides):
        left = side * (panel[0] + BETWEEN)
        draw.text((left, 4), title, "#1d232b", ImageFont.load_default(30))
        draw.rectangle((left, HEADING, left + panel[0] - 1, HEADING + panel[1] - 1), outline="#d5dbe2")
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
    for (x, y), group in zip((SCALE * places).tolist(), groups.tolist(), strict=True):
        x, y = x + left, y + HEADING
        draw.ellipse((x - RADIUS, y - RADIUS, x + RADIUS, y + RADIUS), fill=colours[group])
    font = ImageFont.load_default(34)
    for group, (x, y) in layout.label_places(places, groups, len(colours)):
        at = (SCALE * x + left, SCALE * y + HEADING)
        draw.text(at, names[group], "#1d232b", font, anchor="mm", stroke_width=4, stroke_fill="white")
