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

from fashion_core.charts.pictures import png
from fashion_core.data.labels import COLOURS, NAMES, SHORT_NAMES
from fashion_core.report import layout, shades, svg
from fashion_core.report.content import (
    Bars,
    Block,
    Diagram,
    Document,
    Figure,
    Lines,
    Maps,
    Matrix,
    Pictures,
    Section,
    Series,
    Table,
    Text,
)  # fmt: skip

Paper = Literal["a4", "a1"]
PAGE = Path(__file__).resolve().parent / "page"
SCRIPTS = ("garments.js", "matrices.js", "maps.js", "lines.js", "paper.js")
SPRITE_COLUMNS, SPRITE_QUALITY = 100, 50  # garments in a row of the one picture that holds them all; of WebP's 100
OPENING = "question"  # key of the section that opens a report
PICTURE_SCALE = 2  # screen pixels a pixel of a garment, at most


def render(document: Document, paper: Paper = "a4") -> str:
    """The document as HTML, laid out for ``paper`` when it is printed: A4 pages, or one A1 poster."""
    page = Page()
    return whole(document, page, page.body(document), SCRIPTS, ("page.css",), f'data-paper="{paper}"')


def whole(
    document: Document, page: "Page", body: str, scripts: Sequence[str], styles: Sequence[str], attributes: str = ""
) -> str:
    """The HTML file around ``body``, whose blocks ``page`` rendered, with ``scripts`` and ``styles`` by file name."""
    script = "".join((PAGE / name).read_text(encoding="utf-8") for name in scripts)
    script = f"'use strict';\n{script}"
    style = "".join((PAGE / name).read_text(encoding="utf-8") for name in styles)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    return (
        f'<!DOCTYPE html><html lang="en" {attributes}><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(document.title)}</title>"
        f"<style>{style}</style>{_sprite(document.images)}</head>"
        f'<body>{body}<script type="application/json" id="report-data">{_data(document, page)}</script>'
        f"<script>{script}</script></body></html>"
    )


class Page:
    """Renders the blocks, and counts the matrices and maps that the script has to find again."""

    def __init__(self) -> None:
        self.matrices: list[Matrix] = []
        self.maps: list[Maps] = []

    def body(self, document: Document) -> str:
        sections = [self._section(section) for section in document.sections]
        contents = [(section.key, section.title) for section in document.sections if section.key != OPENING]
        links = "".join(f'<li><a href="#{key}">{escape(title)}</a></li>' for key, title in contents)
        return (
            f"{_cover(document)}"
            '<nav aria-label="Contents"><ul>' + links + "</ul>"
            '<p class="tools" hidden><button type="button" data-print="a4">Print on A4</button> '
            '<button type="button" data-print="a1">Print as an A1 poster</button></p></nav>'
            f"<main>{''.join(sections)}</main>"
        )

    def _section(self, section: Section) -> str:
        parts = [f'<section id="{section.key}">']
        if section.key == OPENING:  # its finding stands under the title
            parts.append(f'<h2 class="unseen">{escape(section.title)}</h2>')
        else:
            parts.append(f"<h2>{escape(section.title)}</h2>{_finding(section)}")
        for kind, blocks in itertools.groupby(section.blocks, type):
            group = [self.block(block) for block in blocks]
            if kind is Matrix:
                parts.append(f'<div class="matrices">{"".join(group)}</div>')
                parts.append('<div class="garments" aria-live="polite"></div>')
            else:
                parts += group
        return "".join(parts) + "</section>"

    def block(self, block: Block) -> str:
        """A block as HTML."""
        match block:
            case Text():
                paragraphs = "".join(f"<p>{escape(text)}</p>" for text in block.paragraphs)
                return paragraphs + _source(block.source)
            case Table():
                return _figure(block, _table(block), "table")
            case Pictures():
                return _figure(block, _pictures(block), "pictures")
            case Matrix():
                self.matrices.append(block)
                return _figure(block, _matrix(block, len(self.matrices) - 1), "matrix")
            case Lines():
                values = _values((block.x_label, *(f"{x:g}" for x in block.x)), block.series)
                drawn = _scrolling(svg.lines(block), block.title, "chart")
                return _figure(block, svg.legend([s.name for s in block.series]) + drawn + values, "chart")
            case Bars():
                values = _values(("", *block.categories), block.series)
                drawn = _scrolling(svg.bars(block), block.title, "chart")
                return _figure(block, svg.legend([s.name for s in block.series]) + drawn + values, "chart")
            case Maps():
                self.maps.append(block)
                return _figure(block, svg.maps(block, len(self.maps) - 1) + _classes(block), "wide")
            case Diagram():
                return _figure(block, _scrolling(svg.diagram(block), block.title), "wide")


def _cover(document: Document) -> str:
    logo = f'<img class="logo" src="{address(document.logo)}" alt="Logo">' if document.logo else ""
    by = " · ".join(part for part in (document.author, document.date) if part)
    badge = (
        '<p class="badge">Stand-in data: the figures here are of synthetic pictures and no Fashion-MNIST results.</p>'
        if document.stand_in
        else ""
    )
    answer = "".join(_finding(section) for section in document.sections if section.key == OPENING)
    return f"<header>{logo}<h1>{escape(document.title)}</h1><p>{escape(by)}</p>{badge}{answer}</header>"


def _finding(section: Section) -> str:
    return f'<p class="finding">{escape(section.finding)}</p>{_source(section.source)}'


def _figure(block: Figure, inside: str, kind: str) -> str:
    kind += " detail" if block.detail else ""
    title = f"<figcaption>{escape(block.title)}</figcaption>"
    return f'<figure class="{kind}">{title}{inside}{_source(block.source)}</figure>'


def _source(text: str) -> str:
    return f'<p class="source">{escape(text)}</p>' if text else ""


def _scrolling(inside: str, label: str, kind: str = "scroll") -> str:
    """A part that scrolls in itself where the window is narrow, by keyboard too."""
    return f'<div class="{kind}" tabindex="0" role="group" aria-label="{escape(label)}">{inside}</div>'


def _table(block: Table) -> str:
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in block.head)
    lines = "".join(
        f'<tr><th scope="row">{escape(first)}</th>' + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"
        for first, *cells in block.rows
    )
    kind = "words" if block.words else "numbers"
    table = f'<table class="{kind}"><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>'
    return _scrolling(table, block.alternative)


def _values(first: Sequence[str], series: Sequence[Series]) -> str:
    """What a chart shows, as a table to open."""
    head = "".join(f'<th scope="col">{escape(s.name)}</th>' for s in series)
    lines = []
    for i, name in enumerate(first[1:]):
        cells = "".join(f"<td>{s.told(i)}</td>" for s in series)
        lines.append(f'<tr><th scope="row">{escape(name)}</th>{cells}</tr>')
    table = (
        f'<table class="numbers"><thead><tr><th>{escape(first[0])}</th>{head}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table>"
    )
    inside = _scrolling(table, "The figures as a table")
    return f"<details><summary>The figures as a table</summary>{inside}</details>"


def _pictures(block: Pictures) -> str:
    cells = []
    for image, caption, alternative in zip(block.images, block.captions, block.alternatives, strict=True):
        height, width = image.shape[:2]
        size = f'width="{PICTURE_SCALE * width}" height="{PICTURE_SCALE * height}"'
        kind = ' class="strip"' if width > 4 * height else ""
        cells.append(
            f'<div{kind}><img src="{address(png(image))}" {size} alt="{escape(alternative)}">'
            f"<span>{escape(caption)}</span></div>"
        )
    return f'<div class="row">{"".join(cells)}</div>'


def _matrix(block: Matrix, number: int) -> str:
    """A table whose cells the script turns into buttons."""
    shares = block.confusion / np.maximum(block.confusion.sum(axis=1, keepdims=True), 1)
    head = "".join(f'<th scope="col"><span>{escape(name)}</span></th>' for name in SHORT_NAMES)
    lines = []
    for i, name in enumerate(SHORT_NAMES):
        cells = "".join(
            f'<td style="{_shade(float(shares[i, j]))}">{f"{n:,}" if n else ""}</td>'
            for j, n in enumerate(block.confusion[i].tolist())
        )
        lines.append(f'<tr><th scope="row">{escape(name)}</th>{cells}</tr>')
    return (
        f'<div class="scroll"><table data-matrix="{number}" aria-label="{escape(block.alternative)} Rows: true class; '
        f'columns: predicted class."><thead><tr><td class="corner">true ↓ predicted →</td>{head}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )


def _shade(share: float) -> str:
    ground = shades.ground(share)
    return f"background:rgb{ground};color:rgb{shades.ink_on(ground)}".replace(" ", "")


def _classes(block: Maps) -> str:
    """The colours of both panels, as buttons for the script: what is chosen stands alone."""
    groups = []
    clusters = [block.cluster_title(k, short=True) for k in range(len(block.names))]
    for side, (title, names, colours) in enumerate(
        (("True class", SHORT_NAMES, COLOURS), ("Cluster", clusters, layout.cluster_colours(block.names)))
    ):
        items = "".join(
            f'<li><button type="button" data-group="{g}" aria-pressed="false">'
            f'<i style="background:{colours[g]}"></i>{escape(name)}</button></li>'
            for g, name in enumerate(names)
        )
        groups.append(f'<ul class="classes" data-side="{side}" aria-label="{title}">{items}</ul>')
    return f'<div class="legends">{"".join(groups)}</div><p class="garment-line" aria-live="polite"></p>'


def address(content: bytes) -> str:
    """The PNG as an address that holds it."""
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"


def _sprite(images: np.ndarray | None) -> str:
    """Every test picture in one, as a style's background: decoded when the first garment is looked at."""
    if images is None:
        return ""
    address = f"data:image/webp;base64,{base64.b64encode(sprite(images)).decode()}"
    return f"<style>.garment{{background-image:url({address})}}</style>"


def sprite(images: np.ndarray) -> bytes:
    """``images`` uint8 [n, 28, 28] side by side, 100 in a row, as one WebP."""
    rows = -(-len(images) // SPRITE_COLUMNS)
    grid = np.zeros((rows * SPRITE_COLUMNS, 28, 28), np.uint8)
    grid[: len(images)] = images
    sheet = grid.reshape(rows, SPRITE_COLUMNS, 28, 28).swapaxes(1, 2).reshape(rows * 28, SPRITE_COLUMNS * 28)
    into = io.BytesIO()
    Image.fromarray(sheet).save(into, "WEBP", quality=SPRITE_QUALITY, method=0)
    return into.getvalue()


def _data(document: Document, page: Page) -> str:
    """What the script needs, as JSON that cannot end the element it stands in."""
    values = {
        "names": NAMES,
        "labels": _packed(document.labels),
        "pictures": document.images is not None,
        "runs": [
            {
                "title": matrix.run,
                "answers": _packed(matrix.answers),
                "confidence": _packed(np.rint(255 * matrix.confidence)),
            }
            for matrix in page.matrices
        ],
        "maps": [
            {"clusters": _packed(chart.clusters), "titles": [chart.cluster_title(k) for k in range(len(chart.names))]}
            for chart in page.maps
        ],
    }
    return json.dumps(values).replace("<", "\\u003c")


def _packed(values: np.ndarray) -> str:
    return base64.b64encode(values.astype(np.uint8).tobytes()).decode()
