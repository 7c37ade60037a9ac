"""The report as PowerPoint: the slides of a talk, and an appendix with the rest.

Tables, charts and diagrams can be edited and have alternative texts; sources are in the notes.
"""

import dataclasses
import io
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
    ReportBlock,
    ReportFigure,
    ReportSection,
    ReportTable,
)  # fmt: skip
from fashion_core.report.powerpoint import charts, figures
from fashion_core.report.powerpoint.slide import SLIDE_HEIGHT, SLIDE_WIDTH, PowerPointSlide, SlideArea
from fashion_core.report.slides import Slide, build_slides
from fashion_core.wording.text import to_single_line

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
APPENDIX_TITLE = "Appendix"
MAX_PROPERTY_LENGTH = 255  # characters of a document's property, for python-pptx


def render_powerpoint(report: Report) -> bytes:
    """The report as the bytes of a .pptx file: the slides of the talk, then what they don't show."""
    presentation = Presentation()
    presentation.slide_width, presentation.slide_height = SLIDE_WIDTH, SLIDE_HEIGHT
    properties = presentation.core_properties
    properties.title, properties.author = report.title, report.author
    properties.subject = to_single_line(report.data_title)[:MAX_PROPERTY_LENGTH]
    slides = build_slides(report)
    for slide in slides:
        _add_talk_slide(presentation, report, slide)
    appendix = _find_unshown(report, slides)
    if appendix:
        PowerPointSlide(presentation, report).add_divider(APPENDIX_TITLE, [section.title for section in appendix])
    for section in appendix:
        _add_appendix(presentation, report, section)
    buffer = io.BytesIO()
    presentation.save(buffer)
    return buffer.getvalue()


def _add_talk_slide(presentation: Any, report: Report, content: Slide) -> None:
    """A headline, the finding, and figures with the texts beside them."""
    section = content.section
    slide = PowerPointSlide(presentation, report)
    slide.add_title(section.headline, section.title)
    slide.add_lead(section.finding)
    area = slide.body_area
    if content.paragraphs and content.figures:
        text_area, area = area.split(0.36)
        slide.add_paragraphs(content.paragraphs, text_area)
    elif content.paragraphs:
        slide.add_paragraphs(content.paragraphs, area)
    _add_figures(slide, content.figures, slide.add_captions([figure.title for figure in content.figures], area))
    slide.add_sources_and_speaker_notes([section.source], [*content.notes, *content.sources])


def _find_unshown(report: Report, slides: Sequence[Slide]) -> list[ReportSection]:
    """The sections with what no slide shows, figures by identity and paragraphs by text; the others are left out."""
    figures_shown = {id(figure) for slide in slides for figure in slide.figures}
    texts_shown = {text for slide in slides for text in slide.paragraphs}
    unshown = []
    for section in report.sections:
        texts = tuple(text for text in section.paragraphs if text not in texts_shown)
        blocks: list[ReportBlock] = [Paragraphs(texts)] if texts else []
        blocks += [figure for figure in section.figures if id(figure) not in figures_shown]
        if blocks:
            unshown.append(dataclasses.replace(section, blocks=tuple(blocks)))
    return unshown


def _add_appendix(presentation: Any, report: Report, section: ReportSection) -> None:
    """The texts on one slide, the figures on the next ones."""
    if texts := section.paragraphs:
        slide = PowerPointSlide(presentation, report)
        slide.add_title(f"{section.title}: details", APPENDIX_TITLE)
        slide.add_lead(section.finding)
        slide.add_paragraphs(texts, slide.body_area)
        slide.add_sources_and_speaker_notes([section.source])
    for group in _group_by_slide(section.figures):
        slide = PowerPointSlide(presentation, report)
        slide.add_title(" · ".join(figure.title for figure in group), f"{APPENDIX_TITLE} · {section.title}")
        _add_figures(slide, group, slide.body_area)
        slide.add_sources_and_speaker_notes([figure.source for figure in group], [figure.alt_text for figure in group])


def _add_figures(slide: PowerPointSlide, shown: Sequence[ReportFigure], area: SlideArea) -> None:
    """The figures side by side."""
    for k, figure in enumerate(shown):
        ADD_FUNCTION_BY_FIGURE_TYPE[type(figure)](slide.shapes, figure, area.column(k, len(shown)))


def _group_by_slide(blocks: Iterable[ReportFigure]) -> Iterator[list[ReportFigure]]:
    """The figures of each slide: two matrices, or one of another type."""
    for figure_type, same_type in itertools.groupby(blocks, type):
        group, n = list(same_type), MATRICES_PER_SLIDE if figure_type is ConfusionMatrixFigure else 1
        yield from (group[start : start + n] for start in range(0, len(group), n))
