"""The report as a slideshow in the browser: one step a screen, moved by keys, with notes to open."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from fashion_core.report.content import (
    MAX_IMAGES_ON_SLIDE,
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
from fashion_core.report.html import render_report_template
from fashion_core.wording.sample_data import SAMPLE_DATA_BADGE

SLIDESHOW_SCRIPTS = ("images.js", "matrices.js", "maps.js", "lines.js", "slideshow.js")
SLIDESHOW_STYLES = ("page.css", "slideshow.css")
# the steps in the order of a talk, and the type of figure that each shows
STEP_FIGURE_TYPE_BY_SECTION: dict[str, type[ReportFigure] | None] = {
    "question": None,
    "data": ImageRow,
    "kmeans": ClusterMaps,
    "networks": Diagram,
    "results": BarChart,
    "confusion": ConfusionMatrixFigure,
    "failure": ConfusionMatrixFigure,
    "feasibility": LineChart,
    "conclusion": None,
}
MAX_BOX_DETAIL_CHARACTERS = 18  # letters of a line in a box that can be read from the back of a room


@dataclass(frozen=True)
class SlideshowStep:
    """One screen: a section's finding, with the ``paragraphs`` and ``figures`` shown; ``notes`` has the other texts."""

    section: ReportSection
    paragraphs: tuple[str, ...]
    figures: tuple[ReportFigure, ...]
    notes: tuple[str, ...]
    sources: tuple[str, ...]


def build_slideshow_steps(report: Report) -> list[SlideshowStep]:
    """A step for each section that ``STEP_FIGURE_TYPE_BY_SECTION`` names."""
    sections = {section.key: section for section in report.sections}
    return [_build_step(sections[key]) for key in STEP_FIGURE_TYPE_BY_SECTION if key in sections]


def _build_step(section: ReportSection) -> SlideshowStep:
    texts = [text for block in section.blocks if isinstance(block, Paragraphs) for text in block.texts]
    # the description of the methods, the agreement of clusters and classes, and the best run's cost go to the notes
    n_shown = {"question": 1, "kmeans": 0, "conclusion": len(texts) - 1}.get(section.key, len(texts))
    described = [block for block in section.blocks if not isinstance(block, Paragraphs | ReportTable)]
    notes = [*texts[n_shown:], *(f"{block.title}. {block.alt_text}" for block in described)]
    sources = filter(None, [section.source, *(block.source for block in section.blocks)])
    return SlideshowStep(
        section, tuple(texts[:n_shown]), tuple(_choose_figures(section)), tuple(notes), tuple(dict.fromkeys(sources))
    )


def _choose_figures(section: ReportSection) -> Sequence[ReportFigure]:
    """The figures that fit on a screen."""
    figure_type = STEP_FIGURE_TYPE_BY_SECTION[section.key]
    if figure_type is None:
        return []
    figures: list[Any] = [block for block in section.blocks if isinstance(block, figure_type)]
    if figure_type is ClusterMaps:
        return figures[-1:]  # UMAP where it was computed: its islands are seen from farther away
    if figure_type is ConfusionMatrixFigure:
        figures.sort(key=lambda matrix: matrix.accuracy)
        if section.key == "confusion":
            return figures[:: max(1, len(figures) - 1)]  # the worst beside the best
    if figure_type is ImageRow:
        return [figure.first_images(MAX_IMAGES_ON_SLIDE) for figure in figures[:1]]
    return [_shorten_details(figure) if isinstance(figure, Diagram) else figure for figure in figures[:1]]


def _shorten_details(diagram: Diagram) -> Diagram:
    """The diagram without the lines that would be small."""
    boxes = [
        replace(box, details=tuple(d for d in box.details if len(d) <= MAX_BOX_DETAIL_CHARACTERS))
        for box in diagram.boxes
    ]
    return replace(diagram, boxes=tuple(boxes))


def render_slideshow(report: Report) -> str:
    """The report as an HTML page that fills one screen, whatever the window's size, and works offline."""
    steps = build_slideshow_steps(report)
    figures = [figure for step in steps for figure in step.figures]
    missing = f"The images of {report.data_title} are not in this report" if report.test_images is None else ""
    badge = SAMPLE_DATA_BADGE if report.is_sample_data else missing
    return render_report_template(
        "slideshow.html", report, figures, SLIDESHOW_SCRIPTS, SLIDESHOW_STYLES, steps=steps, badge=badge
    )
