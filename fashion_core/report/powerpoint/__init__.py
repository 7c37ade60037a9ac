"""The report as PowerPoint: tables, charts and diagrams that can be edited, pictures with alternative texts, sources in
the notes."""

import io
import itertools
from collections.abc import Iterable, Iterator
from typing import Any

from pptx import Presentation

from fashion_core.report.content import (
    BarChart,
    ClusterMaps,
    ConfusionMatrixFigure,
    Diagram,
    ImageRow,
    LineChart,
    Paragraphs,
    Report,
    ReportSection,
    ReportTable,
)
from fashion_core.report.powerpoint import charts, figures
from fashion_core.report.powerpoint.slide import BODY_AREA, SLIDE_HEIGHT, SLIDE_WIDTH, PowerPointSlide, SlideArea

MATRICES_PER_SLIDE = 2  # matrices on a slide


def render_powerpoint(document: Report) -> bytes:
    """The document as the bytes of a .pptx file: a title, then a slide for each section's texts and each figure."""
    presentation = Presentation()
    presentation.slide_width, presentation.slide_height = SLIDE_WIDTH, SLIDE_HEIGHT
    properties = presentation.core_properties
    properties.title, properties.author, properties.subject = document.title, document.author, "Fashion-MNIST"
    PowerPointSlide(presentation, document).add_cover()
    for section in document.sections:
        _section(presentation, document, section)
    into = io.BytesIO()
    presentation.save(into)
    return into.getvalue()


def _section(presentation: Any, document: Report, section: ReportSection) -> None:
    """Its texts under its finding; where it has none, the finding stands over the first figure."""
    texts = [block for block in section.blocks if isinstance(block, Paragraphs)]
    if texts:
        opening = PowerPointSlide(presentation, document).add_title(section.title)
        opening.add_finding(section.finding)
        opening.add_paragraphs([text for block in texts for text in block.texts])
        opening.add_sources([section.source, *(block.source for block in texts)])
    rest = (block for block in section.blocks if not isinstance(block, Paragraphs))
    for i, group in enumerate(_slides(rest)):
        slide = PowerPointSlide(presentation, document).add_title(
            " · ".join(block.title for block in group), section.title
        )
        over = section.finding if i == 0 and not texts else ""
        area = slide.add_short_finding(over) if over else BODY_AREA
        _figures(slide, group, area)
        slide.add_sources([section.source if over else "", *(b.source for b in group)], [b.alt_text for b in group])


def _slides(blocks: Iterable[figures.SlideFigure]) -> Iterator[list[figures.SlideFigure]]:
    """The figures of each slide."""
    for kind, alike in itertools.groupby(blocks, type):
        group, step = list(alike), MATRICES_PER_SLIDE if kind is ConfusionMatrixFigure else 1
        yield from (group[start : start + step] for start in range(0, len(group), step))


def _figures(slide: PowerPointSlide, blocks: list[figures.SlideFigure], whole: SlideArea) -> None:
    share = whole.width // len(blocks)
    for i, block in enumerate(blocks):
        gap = share // 20 if len(blocks) > 1 else 0
        area = SlideArea(whole.left + i * share, whole.top, share - gap, whole.height)
        match block:
            case ReportTable():
                figures.add_table(slide.shapes, block, area)
            case ConfusionMatrixFigure():
                figures.add_confusion_matrix(slide.shapes, block, area)
            case ImageRow():
                figures.add_images(slide.shapes, block, area)
            case ClusterMaps():
                figures.add_cluster_maps(slide.shapes, block, area)
            case Diagram():
                figures.add_diagram(slide.shapes, block, area)
            case LineChart():
                charts.add_line_chart(slide.shapes, block, area)
            case BarChart():
                charts.add_bar_chart(slide.shapes, block, area)
