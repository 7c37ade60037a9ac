"""The report as one HTML file that needs no network: static SVG and tables, and a script that makes them answer."""

import base64
import hashlib
import io
import itertools
import json
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image

from fashion_core.charts.pictures import encode_png
from fashion_core.data.classes import CLASS_COLOURS, CLASS_NAMES, SHORT_CLASS_NAMES
from fashion_core.report import layout, matrix_colours, svg
from fashion_core.report.content import (
    BarChart,
    ChartSeries,
    ClusterMaps,
    ConfusionMatrixFigure,
    Diagram,
    ImageRow,
    LineChart,
    Paragraphs,
    Report,
    ReportBlock,
    ReportFigure,
    ReportSection,
    ReportTable,
)  # fmt: skip

PaperSize = Literal["a4", "a1"]
ASSETS_FOLDER = Path(__file__).resolve().parent / "page"
REPORT_SCRIPTS = ("garments.js", "matrices.js", "maps.js", "lines.js", "paper.js")
SPRITE_COLUMNS, SPRITE_QUALITY = 100, 50  # garments in a row of the one picture that holds them all; of WebP's 100
OPENING_SECTION = "question"  # key of the section that opens a report
IMAGE_SCALE = 2  # screen pixels a pixel of a garment, at most


def render_html(report: Report, paper: PaperSize = "a4") -> str:
    """The document as HTML, laid out for ``paper`` when it is printed: A4 pages, or one A1 poster."""
    page = Page()
    return whole(report, page, page.body(report), REPORT_SCRIPTS, ("page.css",), f'data-paper="{paper}"')


def whole(
    document: Report, page: "Page", body: str, scripts: Sequence[str], styles: Sequence[str], attributes: str = ""
) -> str:
    """The HTML file around ``body``, whose blocks ``page`` rendered, with ``scripts`` and ``styles`` by file name."""
    script = "".join((ASSETS_FOLDER / name).read_text(encoding="utf-8") for name in scripts)
    script = f"'use strict';\n{script}"
    style = "".join((ASSETS_FOLDER / name).read_text(encoding="utf-8") for name in styles)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    return (
        f'<!DOCTYPE html><html lang="en" {attributes}><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(document.title)}</title>"
        f"<style>{style}</style>{_sprite(document.test_images)}</head>"
        f'<body>{body}<script type="application/json" id="report-data">{_data(document, page)}</script>'
        f"<script>{script}</script></body></html>"
    )


class Page:
    """Renders the blocks, and counts the matrices and maps that the script has to find again."""

    def __init__(self) -> None:
        self.matrices: list[ConfusionMatrixFigure] = []
        self.maps: list[ClusterMaps] = []

    def body(self, document: Report) -> str:
        sections = [self._section(section) for section in document.sections]
        contents = [(section.key, section.title) for section in document.sections if section.key != OPENING_SECTION]
        links = "".join(f'<li><a href="#{key}">{escape(title)}</a></li>' for key, title in contents)
        return (
            f"{_cover(document)}"
            '<nav aria-label="Contents"><ul>' + links + "</ul>"
            '<p class="tools" hidden><button type="button" data-print="a4">Print on A4</button> '
            '<button type="button" data-print="a1">Print as an A1 poster</button></p></nav>'
            f"<main>{''.join(sections)}</main>"
        )

    def _section(self, section: ReportSection) -> str:
        parts = [f'<section id="{section.key}">']
        if section.key == OPENING_SECTION:  # its finding stands under the title
            parts.append(f'<h2 class="unseen">{escape(section.title)}</h2>')
        else:
            parts.append(f"<h2>{escape(section.title)}</h2>{_finding(section)}")
        for kind, blocks in itertools.groupby(section.blocks, type):
            group = [self.block(block) for block in blocks]
            if kind is ConfusionMatrixFigure:
                parts.append(f'<div class="matrices">{"".join(group)}</div>')
                parts.append('<div class="garments" aria-live="polite"></div>')
            else:
                parts += group
        return "".join(parts) + "</section>"

    def block(self, block: ReportBlock) -> str:
        """A block as HTML."""
        match block:
            case Paragraphs():
                paragraphs = "".join(f"<p>{escape(text)}</p>" for text in block.texts)
                return paragraphs + _source(block.source)
            case ReportTable():
                return _figure(block, _table(block), "table")
            case ImageRow():
                return _figure(block, _pictures(block), "pictures")
            case ConfusionMatrixFigure():
                self.matrices.append(block)
                return _figure(block, _matrix(block, len(self.matrices) - 1), "matrix")
            case LineChart():
                values = _values((block.x_label, *(f"{x:g}" for x in block.x)), block.series)
                drawn = _scrolling(svg.draw_line_chart(block), block.title, "chart")
                return _figure(block, svg.draw_legend([s.name for s in block.series]) + drawn + values, "chart")
            case BarChart():
                values = _values(("", *block.categories), block.series)
                drawn = _scrolling(svg.draw_bar_chart(block), block.title, "chart")
                return _figure(block, svg.draw_legend([s.name for s in block.series]) + drawn + values, "chart")
            case ClusterMaps():
                self.maps.append(block)
                return _figure(block, svg.draw_cluster_maps(block, len(self.maps) - 1) + _classes(block), "wide")
            case Diagram():
                return _figure(block, _scrolling(svg.draw_diagram(block), block.title), "wide")


def _cover(document: Report) -> str:
    logo = f'<img class="logo" src="{png_data_url(document.logo)}" alt="Logo">' if document.logo else ""
    by = " · ".join(part for part in (document.author, document.date) if part)
    badge = (
        '<p class="badge">Stand-in data: the figures here are of synthetic pictures and no Fashion-MNIST results.</p>'
        if document.is_sample_data
        else ""
    )
    answer = "".join(_finding(section) for section in document.sections if section.key == OPENING_SECTION)
    return f"<header>{logo}<h1>{escape(document.title)}</h1><p>{escape(by)}</p>{badge}{answer}</header>"


def _finding(section: ReportSection) -> str:
    return f'<p class="finding">{escape(section.finding)}</p>{_source(section.source)}'


def _figure(block: ReportFigure, inside: str, kind: str) -> str:
    kind += " detail" if block.is_detail else ""
    title = f"<figcaption>{escape(block.title)}</figcaption>"
    return f'<figure class="{kind}">{title}{inside}{_source(block.source)}</figure>'


def _source(text: str) -> str:
    return f'<p class="source">{escape(text)}</p>' if text else ""


def _scrolling(inside: str, label: str, kind: str = "scroll") -> str:
    """A part that scrolls in itself where the window is narrow, by keyboard too."""
    return f'<div class="{kind}" tabindex="0" role="group" aria-label="{escape(label)}">{inside}</div>'


def _table(block: ReportTable) -> str:
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in block.header)
    lines = "".join(
        f'<tr><th scope="row">{escape(first)}</th>' + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"
        for first, *cells in block.rows
    )
    kind = "words" if block.has_text_cells else "numbers"
    table = f'<table class="{kind}"><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>'
    return _scrolling(table, block.alt_text)


def _values(first: Sequence[str], series: Sequence[ChartSeries]) -> str:
    """What a chart shows, as a table to open."""
    head = "".join(f'<th scope="col">{escape(s.name)}</th>' for s in series)
    lines = []
    for i, name in enumerate(first[1:]):
        cells = "".join(f"<td>{s.format_value(i)}</td>" for s in series)
        lines.append(f'<tr><th scope="row">{escape(name)}</th>{cells}</tr>')
    table = (
        f'<table class="numbers"><thead><tr><th>{escape(first[0])}</th>{head}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table>"
    )
    inside = _scrolling(table, "The figures as a table")
    return f"<details><summary>The figures as a table</summary>{inside}</details>"


def _pictures(block: ImageRow) -> str:
    cells = []
    for image, caption, alternative in zip(block.images, block.captions, block.alt_texts, strict=True):
        height, width = image.shape[:2]
        size = f'width="{IMAGE_SCALE * width}" height="{IMAGE_SCALE * height}"'
        kind = ' class="strip"' if width > 4 * height else ""
        cells.append(
            f'<div{kind}><img src="{png_data_url(encode_png(image))}" {size} alt="{escape(alternative)}">'
            f"<span>{escape(caption)}</span></div>"
        )
    return f'<div class="row">{"".join(cells)}</div>'


def _matrix(block: ConfusionMatrixFigure, number: int) -> str:
    """A table whose cells the script turns into buttons."""
    shares = block.confusion / np.maximum(block.confusion.sum(axis=1, keepdims=True), 1)
    head = "".join(f'<th scope="col"><span>{escape(name)}</span></th>' for name in SHORT_CLASS_NAMES)
    lines = []
    for i, name in enumerate(SHORT_CLASS_NAMES):
        cells = "".join(
            f'<td style="{_shade(float(shares[i, j]))}">{f"{n:,}" if n else ""}</td>'
            for j, n in enumerate(block.confusion[i].tolist())
        )
        lines.append(f'<tr><th scope="row">{escape(name)}</th>{cells}</tr>')
    return (
        f'<div class="scroll"><table data-matrix="{number}" aria-label="{escape(block.alt_text)} Rows: true class; '
        f'columns: predicted class."><thead><tr><td class="corner">true ↓ predicted →</td>{head}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )


def _shade(share: float) -> str:
    ground = matrix_colours.cell_colour(share)
    return f"background:rgb{ground};color:rgb{matrix_colours.contrasting_text_colour(ground)}".replace(" ", "")


def _classes(block: ClusterMaps) -> str:
    """The colours of both panels, as buttons for the script: what is chosen stands alone."""
    groups = []
    clusters = [block.cluster_name(k, short=True) for k in range(len(block.cluster_classes))]
    for side, (title, names, colours) in enumerate(
        (
            ("True class", SHORT_CLASS_NAMES, CLASS_COLOURS),
            ("Cluster", clusters, layout.choose_cluster_colours(block.cluster_classes)),
        )
    ):
        items = "".join(
            f'<li><button type="button" data-group="{g}" aria-pressed="false">'
            f'<i style="background:{colours[g]}"></i>{escape(name)}</button></li>'
            for g, name in enumerate(names)
        )
        groups.append(f'<ul class="classes" data-side="{side}" aria-label="{title}">{items}</ul>')
    return f'<div class="legends">{"".join(groups)}</div><p class="garment-line" aria-live="polite"></p>'


def png_data_url(png: bytes) -> str:
    """The PNG as an address that holds it."""
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def _sprite(images: np.ndarray | None) -> str:
    """Every test picture in one, as a style's background: decoded when the first garment is looked at."""
    if images is None:
        return ""
    address = f"data:image/webp;base64,{base64.b64encode(encode_sprite_sheet(images)).decode()}"
    return f"<style>.garment{{background-image:url({address})}}</style>"


def encode_sprite_sheet(images: np.ndarray) -> bytes:
    """``images`` uint8 [n, 28, 28] side by side, 100 in a row, as one WebP."""
    rows = -(-len(images) // SPRITE_COLUMNS)
    grid = np.zeros((rows * SPRITE_COLUMNS, 28, 28), np.uint8)
    grid[: len(images)] = images
    sheet = grid.reshape(rows, SPRITE_COLUMNS, 28, 28).swapaxes(1, 2).reshape(rows * 28, SPRITE_COLUMNS * 28)
    into = io.BytesIO()
    Image.fromarray(sheet).save(into, "WEBP", quality=SPRITE_QUALITY, method=0)
    return into.getvalue()


def _data(document: Report, page: Page) -> str:
    """What the script needs, as JSON that cannot end the element it stands in."""
    values = {
        "names": CLASS_NAMES,
        "labels": _packed(document.test_labels),
        "pictures": document.test_images is not None,
        "runs": [
            {
                "title": matrix.run_title,
                "answers": _packed(matrix.predicted_classes),
                "confidence": _packed(np.rint(255 * matrix.confidence)),
            }
            for matrix in page.matrices
        ],
        "maps": [
            {
                "clusters": _packed(chart.clusters),
                "titles": [chart.cluster_name(k) for k in range(len(chart.cluster_classes))],
            }
            for chart in page.maps
        ],
    }
    return json.dumps(values).replace("<", "\\u003c")


def _packed(values: np.ndarray) -> str:
    return base64.b64encode(values.astype(np.uint8).tobytes()).decode()
