"""Tables, matrices, images, maps and diagrams on a slide."""

import io
import itertools
import math
from typing import Any

from pptx.dml.color import RGBColor
from pptx.enum.dml import MSO_PATTERN_TYPE
from pptx.enum.shapes import MSO_CONNECTOR, MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Emu, Inches, Pt

from fashion_core.charts.pictures import encode_png
from fashion_core.report import layout
from fashion_core.report.content import (
    MAX_IMAGES_ON_SLIDE,
    ClusterMaps,
    ConfusionMatrixFigure,
    Diagram,
    ImageRow,
    ReportTable,
)
from fashion_core.report.map_image import draw_maps_png
from fashion_core.report.matrix_colours import MatrixCell, build_row_shaded_cells
from fashion_core.report.powerpoint.slide import (
    MUTED_TEXT_COLOUR,
    TEXT_COLOUR,
    SlideArea,
    fill_text_frame,
    set_alt_text,
)

MAX_NARROW_CELL_SIZE = 7  # points of letters in cells without margins
LARGE_MATRIX_CLASSES = 12  # above it, four digits need smaller letters
MAX_TABLE_ROWS = 18  # fit on a slide
IMAGE_ENLARGEMENT = 8  # PowerPoint smooths what it enlarges itself
CAPTION_HEIGHT = Inches(0.3)
IMAGE_GAP = Inches(0.12)
BOX_FILL, BOX_BORDER = RGBColor(0xF1, 0xF5, 0xF9), RGBColor(0x7D, 0x87, 0x93)


def add_table(shapes: Any, block: ReportTable, area: SlideArea) -> None:
    """An editable table; a column is as wide as its longest text asks for."""
    rows = (block.header, *block.rows)
    if len(rows) > MAX_TABLE_ROWS:
        others = (f"and {len(rows) - MAX_TABLE_ROWS + 1} more", *[""] * (len(block.header) - 1))
        rows = (*rows[: MAX_TABLE_ROWS - 1], others)
    lengths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    size = 13 if sum(lengths) < 130 and len(rows) <= 9 else 10
    frame = shapes.add_table(len(rows), len(lengths), area.left, area.top, area.width, Inches(size / 36) * len(rows))
    set_alt_text(frame, block.alt_text)
    weights = [min(length, 60) + 4 for length in lengths]
    for column, weight in zip(frame.table.columns, weights, strict=True):
        column.width = Emu(area.width * weight // sum(weights))
    for i, row in enumerate(rows):
        for j, text in enumerate(row):
            alignment = PP_ALIGN.LEFT if j == 0 or block.has_text_cells else PP_ALIGN.RIGHT
            _write_cell(frame.table.cell(i, j), text, size, alignment)


def add_confusion_matrix(shapes: Any, block: ConfusionMatrixFigure, area: SlideArea) -> None:
    """An editable table shaded by the fraction of the row; true classes down, predicted across."""
    n = len(block.confusion)
    frame = shapes.add_table(n + 1, n + 1, area.left, area.top, area.width, area.height)
    set_alt_text(frame, f"{block.alt_text} Rows: true class; columns: predicted class.")
    table = frame.table
    table.first_row = table.horz_banding = False
    first_width = area.width * 15 // 100
    size = 10 if n <= LARGE_MATRIX_CLASSES else MAX_NARROW_CELL_SIZE
    for j, column in enumerate(table.columns):
        column.width = Emu((area.width - first_width) // n if j else first_width)
    for row in table.rows:
        row.height = Emu(area.height // (n + 1))
    _write_header_cell(table.cell(0, 0), "true ↓ predicted →", 7, PP_ALIGN.RIGHT)
    for i, (name, cells) in enumerate(zip(block.short_names, build_row_shaded_cells(block.confusion), strict=True), 1):
        _write_header_cell(table.cell(0, i), name, 7, PP_ALIGN.CENTER)
        _write_header_cell(table.cell(i, 0), name, 9, PP_ALIGN.RIGHT)
        for j, cell in enumerate(cells, 1):
            _write_cell(table.cell(i, j), cell.text, size, PP_ALIGN.CENTER, RGBColor(*cell.text_colour))
            _fill_matrix_cell(table.cell(i, j).fill, cell)


def _fill_matrix_cell(fill: Any, cell: MatrixCell) -> None:
    """The cell's shade; hatched if its class is never predicted."""
    if not cell.is_never_predicted:
        fill.solid()
        fill.fore_color.rgb = RGBColor(*cell.background)
        return
    fill.patterned()
    fill.pattern = MSO_PATTERN_TYPE.LIGHT_UPWARD_DIAGONAL
    fill.fore_color.rgb, fill.back_color.rgb = RGBColor(0x6B, 0x75, 0x80), RGBColor(*cell.background)


def _write_header_cell(cell: Any, text: str, size: int, alignment: Any) -> None:
    _write_cell(cell, text, size, alignment)
    cell.margin_left = cell.margin_right = Inches(0.02)
    cell.fill.background()


def _write_cell(cell: Any, text: str, size: int, alignment: Any, colour: RGBColor | None = None) -> None:
    fill_text_frame(cell.text_frame, [text], size, colour, alignment=alignment)
    cell.margin_left = cell.margin_right = Inches(0.05 if size > MAX_NARROW_CELL_SIZE else 0)
    cell.margin_top = cell.margin_bottom = Inches(0.02)
    cell.vertical_anchor = MSO_ANCHOR.MIDDLE


def add_images(shapes: Any, block: ImageRow, area: SlideArea) -> None:
    """Each image with its caption below, as large as all fit in a grid."""
    block = block.first_images(MAX_IMAGES_ON_SLIDE)
    height = max(image.shape[0] for image in block.images)
    width = max(image.shape[1] for image in block.images)
    n_columns, scale = _fit_grid(len(block.images), width, height, area)
    cell_width, cell_height = area.width // n_columns, int(height * scale) + CAPTION_HEIGHT + IMAGE_GAP
    for i, (image, caption, alt_text) in enumerate(zip(block.images, block.captions, block.alt_texts, strict=True)):
        left, top = area.left + i % n_columns * cell_width, area.top + i // n_columns * cell_height
        image_height, image_width = (int(side * scale) for side in image.shape[:2])
        content = io.BytesIO(encode_png(image, scale=IMAGE_ENLARGEMENT if block.zoom > 1 else 1))
        picture = shapes.add_picture(content, left + (cell_width - image_width) // 2, top, image_width, image_height)
        set_alt_text(picture, alt_text)
        label = shapes.add_textbox(left, top + image_height, cell_width, CAPTION_HEIGHT)
        _write_centred(label.text_frame, [caption], 11)


def _fit_grid(n: int, width: int, height: int, area: SlideArea) -> tuple[int, float]:
    """The number of columns, and EMU a pixel, for ``n`` images of ``width`` by ``height`` pixels in ``area``."""

    def scale(n_columns: int) -> float:
        cell_height = area.height / math.ceil(n / n_columns) - CAPTION_HEIGHT
        return min((area.width / n_columns - IMAGE_GAP) / width, (cell_height - IMAGE_GAP) / height)

    best = max(range(1, n + 1), key=scale)
    return best, scale(best)


def add_cluster_maps(shapes: Any, block: ClusterMaps, area: SlideArea) -> None:
    """Both panels as one picture: nobody could edit a chart of ten thousand points."""
    content, (width, height) = draw_maps_png(block)
    scale = min(area.width / width, area.height / height)
    left = area.left + (area.width - int(width * scale)) // 2
    picture = shapes.add_picture(io.BytesIO(content), left, area.top, int(width * scale), int(height * scale))
    set_alt_text(picture, block.alt_text)


def add_diagram(shapes: Any, block: Diagram, area: SlideArea) -> None:
    """Boxes and arrows as shapes that can be moved."""
    width, bottom, top = layout.diagram_right_lower_upper_edges(block)
    scale = min(area.width / width, area.height / (bottom - top), Inches(0.017))
    left = area.left + (area.width - width * scale) / 2
    font_size = max(6.0, min(12.0, scale * 13 / Pt(1)))

    def to_slide(x: float, y: float) -> tuple[int, int]:
        return int(left + x * scale), int(area.top + (y - top) * scale)

    for box in block.boxes:
        size = int(layout.BOX_WIDTH * scale), int(layout.BOX_HEIGHT * scale)
        shape = shapes.add_shape(MSO_SHAPE.ROUNDED_RECTANGLE, *to_slide(*layout.box_upper_left_corner(box)), *size)
        shape.adjustments[0] = 0.06
        shape.fill.solid()
        shape.fill.fore_color.rgb, shape.line.color.rgb = BOX_FILL, BOX_BORDER
        shape.shadow.inherit = False
        _write_centred(shape.text_frame, [box.name, *box.details], font_size)
        shape.text_frame.paragraphs[0].font.bold = True
    for path in layout.arrow_paths(block):
        corners = [to_slide(*position) for position in path]
        for start, end in itertools.pairwise(corners):
            line = shapes.add_connector(MSO_CONNECTOR.STRAIGHT, *start, *end)
            line.line.color.rgb, line.line.width = MUTED_TEXT_COLOUR, Pt(1.25)
        _add_arrow_head(line)


def _add_arrow_head(connector: Any) -> None:
    """python-pptx has no method for it."""
    line = connector.line._get_or_add_ln()
    line.append(line.makeelement(qn("a:tailEnd"), {"type": "triangle"}))


def _write_centred(frame: Any, texts: list[str], size: float) -> None:
    """Centred lines without margins."""
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    frame.vertical_anchor = MSO_ANCHOR.MIDDLE
    fill_text_frame(frame, texts, size, TEXT_COLOUR, alignment=PP_ALIGN.CENTER)
