"""The pair of maps as a PNG, for PowerPoint."""

import io

from PIL import Image, ImageDraw, ImageFont

from fashion_core.report.content import ClusterMaps
from fashion_core.report.layout import MapPanel, build_class_and_cluster_panels

PIXELS_PER_MAP_UNIT = 1.4
POINT_RADIUS = 3
PANEL_TITLE_HEIGHT = 50
PANEL_GAP = 40
TEXT_COLOUR = "#1d232b"
LAST_LETTER_OF_FONT = "\u017f"  # Pillow's font has Latin letters only; names in other scripts become numbers


def draw_maps_png(chart: ClusterMaps) -> tuple[bytes, tuple[int, int]]:
    """Both panels beside each other as a PNG, and its size in pixels."""
    panels = build_class_and_cluster_panels(chart)
    width, height = (round(PIXELS_PER_MAP_UNIT * side) for side in panels[0].size)
    size = 2 * width + PANEL_GAP, height + PANEL_TITLE_HEIGHT
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    for left, panel in zip((0, width + PANEL_GAP), panels, strict=True):
        draw.text((left, 4), panel.title, TEXT_COLOUR, ImageFont.load_default(30))
        draw.rectangle((left, PANEL_TITLE_HEIGHT, left + width - 1, size[1] - 1), outline="#d5dbe2")
        _draw_panel(draw, panel, left)
    buffer = io.BytesIO()
    image.quantize(128).save(buffer, "PNG", optimize=True)
    return buffer.getvalue(), size


def _draw_panel(draw: ImageDraw.ImageDraw, panel: MapPanel, left: int) -> None:
    for (x, y), group in zip((PIXELS_PER_MAP_UNIT * panel.positions).tolist(), panel.groups.tolist(), strict=True):
        draw.circle((x + left, y + PANEL_TITLE_HEIGHT), POINT_RADIUS, fill=panel.colours[group])
    font = ImageFont.load_default(34)
    for group, (x, y) in panel.group_label_positions:
        at = (PIXELS_PER_MAP_UNIT * x + left, PIXELS_PER_MAP_UNIT * y + PANEL_TITLE_HEIGHT)
        name = panel.names[group]
        text = (
            name if all(character <= LAST_LETTER_OF_FONT or character in "…–" for character in name) else str(group + 1)
        )
        draw.text(at, text, TEXT_COLOUR, font, anchor="mm", stroke_width=4, stroke_fill="white")
