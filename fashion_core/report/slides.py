"""The slides of a talk about a report, for the slideshow in a browser and for PowerPoint."""

from dataclasses import dataclass

from fashion_core.report.content import (
    BarChart,
    ClusterMaps,
    ConfusionMatrixFigure,
    Diagram,
    ImageRow,
    LineChart,
    Report,
    ReportFigure,
    ReportSection,
    ReportTable,
)  # fmt: skip

# the slides in the order of a talk, and the type of figure that each shows
FIGURE_TYPE_BY_SECTION: dict[str, type[ReportFigure] | None] = {
    "question": BarChart,
    "data": ImageRow,
    "kmeans": ClusterMaps,
    "networks": Diagram,
    "results": BarChart,
    "confusion": ConfusionMatrixFigure,
    "failure": ConfusionMatrixFigure,
    "feasibility": LineChart,
    "conclusion": None,
}
# the other paragraphs of these sections go to the notes: about methods, clusters, classes left out, what to do next and
# the best run's cost
N_PARAGRAPHS_SHOWN = {"question": 0, "kmeans": 0, "confusion": 0, "feasibility": 2, "conclusion": 1}


@dataclass(frozen=True)
class Slide:
    """A section's headline and finding, with the ``paragraphs`` and ``figures`` shown; ``notes`` has other texts."""

    section: ReportSection
    paragraphs: tuple[str, ...]
    figures: tuple[ReportFigure, ...]
    notes: tuple[str, ...]
    sources: tuple[str, ...]


def build_slides(report: Report) -> list[Slide]:
    """A slide for each section that ``FIGURE_TYPE_BY_SECTION`` names."""
    sections = {section.key: section for section in report.sections}
    return [_build_slide(sections[key], sections) for key in FIGURE_TYPE_BY_SECTION if key in sections]


def _build_slide(section: ReportSection, sections: dict[str, ReportSection]) -> Slide:
    texts = section.paragraphs
    shown = texts[: N_PARAGRAPHS_SHOWN.get(section.key, len(texts))]
    described = [figure for figure in section.figures if not isinstance(figure, ReportTable)]
    notes = [*texts[len(shown) :], *(f"{figure.title}. {figure.alt_text}" for figure in described)]
    figures = _choose_figures(section)
    if section.key == "question" and not figures and "results" in sections:
        figures = _choose_figures(sections["results"])  # how much can be automated is not known
    if section.key == "conclusion" and "question" in sections:
        figures = list(_build_slide(sections["question"], sections).figures[:1])  # the answer again
    sources = filter(None, [section.source, *(block.source for block in (*section.blocks, *figures))])
    return Slide(section, tuple(shown), tuple(figures), tuple(notes), tuple(dict.fromkeys(sources)))


def _choose_figures(section: ReportSection) -> list[ReportFigure]:
    """The figures that fit on a screen."""
    figure_type = FIGURE_TYPE_BY_SECTION[section.key]
    if figure_type is None:
        return []
    figures = [figure for figure in section.figures if isinstance(figure, figure_type)]
    if section.key == "kmeans":
        return figures[-1:]  # UMAP where it was computed: its islands are seen from farther away
    matrices = sorted(
        (figure for figure in figures if isinstance(figure, ConfusionMatrixFigure)), key=lambda matrix: matrix.accuracy
    )
    if section.key != "confusion":
        return list(matrices[:1] or figures[:1])
    if len(matrices) == 1:
        return [*matrices, *(figure for figure in section.figures if isinstance(figure, BarChart))]
    return [matrices[0], matrices[-1]]  # the worst beside the best
