"""The report as PowerPoint: editable tables, charts and diagrams, with alternative texts and sources in the notes."""

import io
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
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
    ReportFigure,
    ReportSection,
    ReportTable,
)  # fmt: skip
from fashion_core.report.powerpoint import charts, figures
from fashion_core.report.powerpoint.slide import BODY_AREA, SLIDE_HEIGHT, SLIDE_WIDTH, PowerPointSlide, SlideArea

MATRICES_PER_SLIDE = 2
ADD_FUNCTION_BY_FIGURE_TYPE: Mapping[type[ReportFigure], Callable[[Any, Any, SlideArea], None]] = {
    ReportTable: figures.add_table,
    ConfusionMatrixFigure: figures.add_confusion_matrix,
    ImageRow: figures.add_images,
    ClusterMaps: figures.add_cluster_maps,
    Diagram: figures.add_diagram,
    LineChart: charts.add_line_chart,
    BarChart: charts.add_bar_chart,
}


def render_powerpoint(report: Report) -> bytes:
    """The report as the bytes of a .pptx file: a cover, then a slide for each section's texts and each figure."""
    presentation = Presentation()
    presentation.slide_width, presentation.slide_height = SLIDE_WIDTH, SLIDE_HEIGHT
    properties = presentation.core_properties
    properties.title, properties.author, properties.subject = report.title, report.author, report.data_title
    PowerPointSlide(presentation, report).add_cover_contents()
    for section in report.sections:
        _add_section(presentation, report, section)
    buffer = io.BytesIO()
    presentation.save(buffer)
    return buffer.getvalue()


def _add_section(presentation: Any, report: Report, section: ReportSection) -> None:
    """The texts under the finding; without texts, the finding stands above the first figure."""
    texts = [block for block in section.blocks if isinstance(block, Paragraphs)]
    if texts:
        slide = PowerPointSlide(presentation, report)
        slide.add_title(section.title)
        slide.add_paragraphs(section.finding, [text for block in texts for text in block.texts])
        slide.add_sources_and_speaker_notes([section.source, *(block.source for block in texts)])
    rest = (block for block in section.blocks if isinstance(block, ReportFigure))
    for i, group in enumerate(_group_by_slide(rest)):
        slide = PowerPointSlide(presentation, report)
        slide.add_title(" · ".join(figure.title for figure in group), section.title)
        shows_finding = i == 0 and not texts
        area = slide.add_finding(section.finding) if shows_finding else BODY_AREA
        width = area.width // len(group)
        for k, figure in enumerate(group):
            gap = width // 20 if len(group) > 1 else 0
            place = SlideArea(area.left + k * width, area.top, width - gap, area.height)
            ADD_FUNCTION_BY_FIGURE_TYPE[type(figure)](slide.shapes, figure, place)
        sources = [section.source if shows_finding else "", *(figure.source for figure in group)]
        slide.add_sources_and_speaker_notes(sources, [figure.alt_text for figure in group])


def _group_by_slide(blocks: Iterable[ReportFigure]) -> Iterator[list[ReportFigure]]:
    """The figures of each slide: two matrices, or one of another type."""
    for figure_type, same_type in itertools.groupby(blocks, type):
        group, n = list(same_type), MATRICES_PER_SLIDE if figure_type is ConfusionMatrixFigure else 1
        yield from (group[start : start + n] for start in range(0, len(group), n))
