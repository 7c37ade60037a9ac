"""The report as one HTML file that works offline: tables, SVG charts, and a script that makes them interactive."""

import base64
import functools
import hashlib
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from PIL import Image

from fashion_core.charts.pictures import encode_png
from fashion_core.report import chart_layout, layout
from fashion_core.report.content import ClusterMaps, ConfusionMatrixFigure, Report, ReportBlock
from fashion_core.report.matrix_colours import build_row_shaded_cells
from fashion_core.wording.sample_data import SAMPLE_DATA_WARNING

PaperSize = Literal["a4", "a1"]
TEMPLATES_FOLDER = Path(__file__).resolve().parent / "templates"
REPORT_SCRIPTS = ("images.js", "matrices.js", "maps.js", "lines.js", "paper.js")
SPRITE_COLUMNS, SPRITE_QUALITY = 100, 50  # images in a row of the sprite sheet; quality of WebP, up to 100


def render_html(report: Report, paper: PaperSize = "a4") -> str:
    """The report as an HTML file. ``paper``: what it fills when printed, A4 pages or one A1 poster."""
    blocks = [block for section in report.sections for block in section.blocks]
    return render_report_template("report.html", report, blocks, REPORT_SCRIPTS, ("page.css",), paper=paper)


def render_report_template(
    template: str,
    report: Report,
    blocks: Sequence[ReportBlock],
    scripts: Sequence[str],
    styles: Sequence[str],
    **values: object,
) -> str:
    """Fill ``template``, which shows ``blocks`` in this order; ``scripts`` and ``styles`` are names of files in it."""
    script = "'use strict';\n" + _read_templates(scripts)
    values |= {
        "report": report,
        "sample_data_warning": SAMPLE_DATA_WARNING,
        "style": _read_templates(styles),
        "script": script,
        "script_digest": base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        "script_data": _script_data(report, blocks),
    }
    if report.test_images is not None:
        values["sprite_sheet"] = encode_sprite_sheet(report.test_images)
    return _environment().get_template(template).render(values)


@functools.cache
def _environment() -> Environment:
    """The templates and what they call. ``autoescape`` makes every text safe, whoever wrote it."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "class_name": lambda value: type(value).__name__,
        "data_url": _data_url,
        "encode_png": encode_png,
        "matrix_cells": build_row_shaded_cells,
        "line_chart_axes": chart_layout.line_chart_axes,
        "curve_points": chart_layout.series_points_in_pixels,
        "bar_chart_axis": chart_layout.bar_chart_value_axis,
        "map_panels": layout.build_class_and_cluster_panels,
        "diagram_bounds": layout.diagram_right_lower_upper_edges,
        "arrow_paths": layout.arrow_paths,
        "arrow_angle": layout.arrow_head_angle_degrees,
        "box_corner": layout.box_upper_left_corner,
    }
    environment.globals |= {
        "series_styles": chart_layout.SERIES_STYLES,
        "chart_width": chart_layout.CHART_WIDTH,
        "max_label_length": chart_layout.MAX_BAR_LABEL_CHARACTERS,
        "max_markers": chart_layout.MAX_MARKERS_PER_LINE,
        "box_size": (layout.BOX_WIDTH, layout.BOX_HEIGHT),
    }
    return environment


def _read_templates(names: Iterable[str]) -> str:
    return "".join((TEMPLATES_FOLDER / name).read_text(encoding="utf-8") for name in names)


def _data_url(content: bytes, media_type: str) -> str:
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"


def encode_sprite_sheet(images: np.ndarray) -> bytes:
    """``images`` uint8 [n, 28, 28] side by side, 100 in a row, as one WebP."""
    n_rows = -(-len(images) // SPRITE_COLUMNS)
    grid = np.zeros((n_rows * SPRITE_COLUMNS, 28, 28), np.uint8)
    grid[: len(images)] = images
    sheet = grid.reshape(n_rows, SPRITE_COLUMNS, 28, 28).swapaxes(1, 2).reshape(n_rows * 28, SPRITE_COLUMNS * 28)
    buffer = io.BytesIO()
    Image.fromarray(sheet).save(buffer, "WEBP", quality=SPRITE_QUALITY, method=0)
    return buffer.getvalue()


def _script_data(report: Report, blocks: Iterable[ReportBlock]) -> dict[str, Any]:
    """What the script needs of each matrix and pair of maps, in the order of the page."""
    return {
        "names": report.classes.names,
        "dataset": report.data_title,
        "labels": _encode_bytes(report.test_labels),
        "pictures": report.test_images is not None,
        "runs": [
            {
                "title": block.run_title,
                "shown": block.shown,
                "names": block.names,
                "answers": _encode_bytes(block.predicted_classes),
                "confidence": None if block.confidence is None else _encode_bytes(np.rint(255 * block.confidence)),
            }
            for block in blocks
            if isinstance(block, ConfusionMatrixFigure)
        ],
        "maps": [
            {"clusters": _encode_bytes(block.clusters), "titles": block.numbered_cluster_names()}
            for block in blocks
            if isinstance(block, ClusterMaps)
        ],
    }


def _encode_bytes(values: np.ndarray) -> str:
    return base64.b64encode(values.astype(np.uint8).tobytes()).decode()
