"""The report as PowerPoint: tables, charts and diagrams that can be edited, pictures with alternative texts, sources in
the notes."""

import io
import itertools
from collections.abc import Iterable, Iterator
from typing import Any

from pptx import Presentation

from fashion_core.report.content import Bars, Diagram, Document, Lines, Maps, Matrix, Pictures, Section, Table, Text
from fashion_core.report.powerpoint import charts, figures
from fashion_core.report.powerpoint.frame import AREA, HEIGHT, WIDTH, Area, Frame

SIDE_BY_SIDE = 2  # matrices on a slide


def render(document: Document) -> bytes:
    """The document as the bytes of a .pptx file: a title, then a slide for each section's texts and each figure."""
    presentation = Presentation()
    presentation.slide_width, presentation.slide_height = WIDTH, HEIGHT
    properties = presentation.core_properties
    properties.title, properties.author, properties.subject = document.title, document.author, "Fashion-MNIST"
    Frame(presentation, document).cover()
    for section in document.sections:
        _section(presentation, document, section)
    into = io.BytesIO()
    presentation.save(into)
    return into.getvalue()


def _section(presentation: Any, document: Document, section: Section) -> None:
    """Its texts under its finding; where it has none, the finding stands over the first figure."""
    texts = [block for block in section.blocks if isinstance(block, Text)]
    if texts:
        opening = Frame(presentation, document).slide(section.title)
        opening.finding(section.finding)
        opening.paragraphs([text for block in texts for text in block.paragraphs])
        opening.source([section.source, *(block.source for block in texts)])
    rest = (block for block in section.blocks if not isinstance(block, Text))
    for i, group in enumerate(_slides(rest)):
        slide = Frame(presentation, document).slide(" · ".join(block.title for block in group), section.title)
        over = section.finding if i == 0 and not texts else ""
        area = slide.short_finding(over) if over else AREA
        _figures(slide, group, area)
        slide.source([section.source if over else "", *(b.source for b in group)], [b.alternative for b in group])


def _slides(blocks: Iterable[figures.AnyFigure]) -> Iterator[list[figures.AnyFigure]]:
    """The figures of each slide."""
    for kind, alike in itertools.groupby(blocks, type):
        group, step = list(alike), SIDE_BY_SIDE if kind is Matrix else 1
        yield from (group[start : start + step] for start in range(0, len(group), step))


def _figures(slide: Frame, blocks: list[figures.AnyFigure], whole: Area) -> None:
    share = whole.width // len(blocks)
    for i, block in enumerate(blocks):
        gap = share // 20 if len(blocks) > 1 else 0
        area = Area(whole.left + i * share, whole.top, share - gap, whole.height)
        match block:
            case Table():
                figures.table(slide.shapes, block, area)
            case Matrix():
                figures.matrix(slide.shapes, block, area)
            case Pictures():
                figures.pictures(slide.shapes, block, area)
            case Maps():
                figures.maps(slide.shapes, block, area)
            case Diagram():
                figures.diagram(slide.shapes, block, area)
            case Lines():
                charts.lines(slide.shapes, block, area)
            case Bars():
                charts.bars(slide.shapes, block, area)
