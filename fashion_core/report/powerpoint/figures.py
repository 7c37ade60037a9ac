"""Tables, matrices, pictures, maps and diagrams on a slide."""

import io
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from pptx.dml.color import RGBColor
from pptx.enum.shapes import MSO_CONNECTOR, MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Emu, Inches, Pt

from fashion_core.charts.pictures import encode_png
from fashion_core.data.classes import SHORT_CLASS_NAMES
from fashion_core.report import layout, map_image, matrix_colours
from fashion_core.report.content import (
    BarChart,
    ClusterMaps,
    ConfusionMatrixFigure,
    Diagram,
    ImageRow,
    LineChart,
    ReportTable,
)
from fashion_core.report.powerpoint.slide import MUTED_TEXT_COLOUR, TEXT_COLOUR, SlideArea, set_alt_text

SlideFigure = ReportTable | ConfusionMatrixFigure | ImageRow | ClusterMaps | Diagram | LineChart | BarChart
IMAGE_ENLARGEMENT = 8  # of the file a pixel of a garment: PowerPoint smooths what it enlarges
CAPTION_HEIGHT = Inches(0.3)
IMAGE_GAP = Inches(0.12)
BOX_FILL, BOX_BORDER = RGBColor(0xF1, 0xF5, 0xF9), RGBColor(0x7D, 0x87, 0x93)


def add_table(shapes: Any, block: ReportTable, area: SlideArea) -> None:
    """An editable table; columns as wide as their longest text asks for."""
    rows = (block.header, *block.rows)
    letters = [max(len(row[j]) for row in rows) for j in range(len(block.header))]
    size = 13 if sum(letters) < 130 and len(rows) <= 9 else 10
    frame = shapes.add_table(
        len(rows), len(block.header), area.left, area.top, area.width, Inches(size / 36) * len(rows)
    )
    set_alt_text(frame, block.alt_text)
    asked = [min(n, 60) + 4 for n in letters]
    for j, n in enumerate(asked):
        frame.table.columns[j].width = Emu(area.width * n // sum(asked))
    for i, row in enumerate(rows):
        for j, text in enumerate(row):
            right = j > 0 and not block.has_text_cells
            _cell(frame.table.cell(i, j), text, size, PP_ALIGN.RIGHT if right else PP_ALIGN.LEFT)


def add_confusion_matrix(shapes: Any, block: ConfusionMatrixFigure, area: SlideArea) -> None:
    """An editable table whose cells are shaded by their share of the row; true classes down, predicted across."""
    n = len(SHORT_CLASS_NAMES)
    frame = shapes.add_table(n + 1, n + 1, area.left, area.top, area.width, area.height)
    set_alt_text(frame, f"{block.alt_text} Rows: true class; columns: predicted class.")
    cells = frame.table
    cells.first_row = cells.horz_banding = False
    first = area.width * 15 // 100
    for j in range(n + 1):
        cells.columns[j].width = Emu(first if j == 0 else (area.width - first) // n)
    shares = block.confusion / np.maximum(block.confusion.sum(axis=1, keepdims=True), 1)
    for i in range(n + 1):
        cells.rows[i].height = Emu(area.height // (n + 1))
        for j in range(n + 1):
            cell = cells.cell(i, j)
            if i == 0 or j == 0:
                words = "true ↓ predicted →" if i == j == 0 else SHORT_CLASS_NAMES[max(i, j) - 1]
                _cell(cell, words, 7 if i == 0 else 9, PP_ALIGN.CENTER if j else PP_ALIGN.RIGHT)
                cell.margin_left = cell.margin_right = Inches(0.02)
                cell.fill.background()
            else:
                count = int(block.confusion[i - 1, j - 1])
                ground = matrix_colours.cell_colour(float(shares[i - 1, j - 1]))
                _cell(
                    cell,
                    f"{count:,}" if count else "",
                    10,
                    PP_ALIGN.CENTER,
                    RGBColor(*matrix_colours.contrasting_text_colour(ground)),
                )
                cell.fill.solid()
                cell.fill.fore_color.rgb = RGBColor(*ground)


def _cell(cell: Any, text: str, size: int, alignment: Any, colour: RGBColor | None = None) -> None:
    cell.text = text
    cell.margin_left = cell.margin_right = Inches(0.05)
    cell.margin_top = cell.margin_bottom = Inches(0.02)
    cell.vertical_anchor = MSO_ANCHOR.MIDDLE
    paragraph = cell.text_frame.paragraphs[0]
    paragraph.alignment, paragraph.font.size = alignment, Pt(size)
    if colour is not None:
        paragraph.font.color.rgb = colour


def add_images(shapes: Any, block: ImageRow, area: SlideArea) -> None:
    """Each picture with its caption under it, as large as all fit in rows of equal cells."""
    wide = max(image.shape[1] for image in block.images)
    high = max(image.shape[0] for image in block.images)
    columns, unit = _grid(len(block.images), wide, high, area)
    across, down = area.width // columns, int(high * unit) + CAPTION_HEIGHT + IMAGE_GAP
    for i, (image, caption, words) in enumerate(zip(block.images, block.captions, block.alt_texts, strict=True)):
        left = area.left + i % columns * across
        top = area.top + i // columns * down
        height, width = (int(side * unit) for side in image.shape[:2])
        content = io.BytesIO(encode_png(image, scale=IMAGE_ENLARGEMENT))
        picture = shapes.add_picture(content, left + (across - width) // 2, top, width, height)
        set_alt_text(picture, words)
        _label(shapes, SlideArea(left, top + height, across, CAPTION_HEIGHT), [caption], 11)


def _grid(n: int, wide: int, high: int, area: SlideArea) -> tuple[int, float]:
    """Columns, and EMU a pixel, for ``n`` pictures of ``wide`` by ``high`` pixels in ``area``."""

    def unit(columns: int) -> float:
        rows = math.ceil(n / columns)
        return min((area.width / columns - IMAGE_GAP) / wide, (area.height / rows - CAPTION_HEIGHT - IMAGE_GAP) / high)

    columns = max(range(1, n + 1), key=unit)
    return columns, unit(columns)


def add_cluster_maps(shapes: Any, block: ClusterMaps, area: SlideArea) -> None:
    """Both panels as one picture: ten thousand marks would make a chart that nobody can edit."""
    content, (width, height) = map_image.draw_maps_png(block)
    scale = min(area.width / width, area.height / height)
    left = area.left + (area.width - int(width * scale)) // 2
    picture = shapes.add_picture(io.BytesIO(content), left, area.top, int(width * scale), int(height * scale))
    set_alt_text(picture, block.alt_text)


def add_diagram(shapes: Any, block: Diagram, area: SlideArea) -> None:
    """Boxes and arrows as shapes that can be moved."""
    width, height, top = layout.diagram_bounds(block)
    scale = min(area.width / width, area.height / (height - top), Inches(0.017))
    left = area.left + (area.width - width * scale) / 2
    letters = max(6.0, min(12.0, scale * 13 / 12700))  # points; a point is 12,700 EMU

    def at(place: layout.Position) -> tuple[int, int]:
        return int(left + place[0] * scale), int(area.top + (place[1] - top) * scale)

    for box in block.boxes:
        x, y = at(layout.box_corner(box))
        size = int(layout.BOX_WIDTH * scale), int(layout.BOX_HEIGHT * scale)
        shape = shapes.add_shape(MSO_SHAPE.ROUNDED_RECTANGLE, x, y, *size)
        shape.adjustments[0] = 0.06
        shape.fill.solid()
        shape.fill.fore_color.rgb, shape.line.color.rgb = BOX_FILL, BOX_BORDER
        shape.shadow.inherit = False
        _write(shape.text_frame, [box.name, *box.details], letters, first_bold=True)
    for line in layout.arrow_paths(block):
        corners = [at(place) for place in line]
        for i in range(len(corners) - 1):
            arrow = shapes.add_connector(MSO_CONNECTOR.STRAIGHT, *corners[i], *corners[i + 1])
            arrow.line.color.rgb, arrow.line.width = MUTED_TEXT_COLOUR, Pt(1.25)
            if i == len(corners) - 2:
                _add_head(arrow)


def _add_head(arrow: Any) -> None:
    """An arrow's head, which python-pptx has no name for."""
    line = arrow.line._get_or_add_ln()
    head = line.makeelement(qn("a:tailEnd"), {"type": "triangle"})
    line.append(head)


def _label(shapes: Any, area: SlideArea, texts: Sequence[str], size: float) -> None:
    frame = shapes.add_textbox(area.left, area.top, area.width, area.height).text_frame
    _write(frame, texts, size)


def _write(frame: Any, texts: Sequence[str], size: float, *, first_bold: bool = False) -> None:
    """Centred lines without margins."""
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    frame.word_wrap, frame.vertical_anchor = True, MSO_ANCHOR.MIDDLE
    for i, text in enumerate(texts):
        paragraph = frame.paragraphs[0] if i == 0 else frame.add_paragraph()
        paragraph.text, paragraph.alignment = text, PP_ALIGN.CENTER
        paragraph.font.size, paragraph.font.color.rgb = Pt(size), TEXT_COLOUR
        paragraph.font.bold = first_bold and i == 0
