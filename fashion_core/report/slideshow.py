"""The report as a presentation: one step a screen, moved by keys, with notes to open. Findings and figures are the
report's own, and answer to pointer and keyboard as they do there."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape

import numpy as np

from fashion_core.report import html
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
    ReportSection,
    ReportTable,
)  # fmt: skip

SLIDESHOW_SCRIPTS = ("garments.js", "matrices.js", "maps.js", "lines.js", "slides.js")
SLIDESHOW_STYLES = ("page.css", "slides.css")
# the steps in the order of a talk, and the kind of figure that each shows
STEP_FIGURE_TYPES: dict[str, type | None] = {
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
MAX_DETAIL_LENGTH = 18  # letters of a line in a diagram's box that can be read from the back of a room
SAMPLE_DATA_BADGE = "Stand-in data: no Fashion-MNIST results"
NO_IMAGES_BADGE = "Fashion-MNIST is not on this machine"


@dataclass(frozen=True)
class SlideshowStep:
    """One screen: a section's finding, and of its blocks ``paragraphs`` and ``figures``; ``notes`` say the rest, and
    ``sources`` where all of it comes from."""

    section: ReportSection
    paragraphs: tuple[str, ...]
    figures: tuple[ReportBlock, ...]
    notes: tuple[str, ...]
    sources: tuple[str, ...]


def build_slideshow_steps(document: Report) -> list[SlideshowStep]:
    """The steps for which the document has a section; none when it has none of ``STEPS``."""
    sections = {section.key: section for section in document.sections}
    return [_step(sections[key]) for key in STEP_FIGURE_TYPES if key in sections]


def _step(section: ReportSection) -> SlideshowStep:
    texts = [text for block in section.blocks if isinstance(block, Paragraphs) for text in block.texts]
    # what the methods are, how cluster and class agree, and what the best run cost are for the notes
    shown = {"kmeans": [], "question": texts[:1], "conclusion": texts[:-1]}.get(section.key, texts)
    figures = [_few_words(figure) if isinstance(figure, Diagram) else figure for figure in _chosen(section)]
    described = [block for block in section.blocks if not isinstance(block, Paragraphs | ReportTable)]
    notes = [*texts[len(shown) :], *(f"{block.title}. {block.alt_text}" for block in described)]
    sources = [section.source, *(block.source for block in section.blocks)]
    return SlideshowStep(
        section, tuple(shown), tuple(figures), tuple(notes), tuple(dict.fromkeys(filter(None, sources)))
    )


def _chosen(section: ReportSection) -> Sequence[ReportBlock]:
    """The figures that a screen has room for."""
    kind = STEP_FIGURE_TYPES[section.key]
    found = [block for block in section.blocks if kind is not None and isinstance(block, kind)]
    if section.key == "kmeans":
        return found[-1:]  # UMAP where it is there: its islands are seen from farther away
    matrices = sorted((block for block in found if isinstance(block, ConfusionMatrixFigure)), key=_right)
    if section.key == "confusion" and len(matrices) > 1:
        return [matrices[0], matrices[-1]]  # the worst beside the best
    return matrices[:1] or found[:1]


def _few_words(diagram: Diagram) -> Diagram:
    """The diagram without the lines that would be small."""
    boxes = [
        replace(box, details=tuple(d for d in box.details if len(d) <= MAX_DETAIL_LENGTH)) for box in diagram.boxes
    ]
    return replace(diagram, boxes=tuple(boxes))


def _right(matrix: ConfusionMatrixFigure) -> int:
    return int(np.trace(matrix.confusion))


def render_slideshow(document: Report) -> str:
    """The document as an HTML page that is one screen at any size of the window and needs no network."""
    page = html.Page()
    shown = build_slideshow_steps(document)
    screens = "".join(_screen(page, document, step, number) for number, step in enumerate(shown, 1))
    notes = "".join(_notes(step, number) for number, step in enumerate(shown, 1))
    body = f"<main>{screens}</main>{notes}{_controls(document, len(shown))}"
    return html.whole(document, page, body, SLIDESHOW_SCRIPTS, SLIDESHOW_STYLES, 'class="slides"')


def _screen(page: html.Page, document: Report, step: SlideshowStep, number: int) -> str:
    section = step.section
    cover = _cover(document) if section.key == "question" else ""
    words = "".join(f"<p>{escape(text)}</p>" for text in step.paragraphs)
    words = f'<div class="words">{words}</div>' if words else ""
    charts = "".join(page.block(figure) for figure in step.figures)
    if charts and isinstance(step.figures[0], ConfusionMatrixFigure):
        hint = '<div class="garments" aria-live="polite"></div>'
        charts = f'<div class="matrices">{charts}</div>{hint}'
    charts = f'<div class="charts">{charts}</div>' if charts else ""
    return (
        f'<section class="step {section.key}" data-title="{escape(section.title)}" '
        f'aria-labelledby="finding-{number}" hidden>{cover}<h1 id="finding-{number}">{escape(section.finding)}</h1>'
        f'<div class="body">{charts}{words}</div><p class="source">{escape(section.source)}</p></section>'
    )


def _cover(document: Report) -> str:
    logo = f'<img src="{html.png_data_url(document.logo)}" alt="Logo">' if document.logo else ""
    by = " · ".join(part for part in (document.author, document.date) if part)
    return f'<header class="cover"><p class="title">{escape(document.title)}</p><p>{escape(by)}</p>{logo}</header>'


def _notes(step: SlideshowStep, number: int) -> str:
    words = "".join(f"<p>{escape(text)}</p>" for text in step.notes)
    sources = "".join(f"<li>{escape(text)}</li>" for text in step.sources)
    return (
        f'<aside class="notes" aria-label="Notes on step {number}" tabindex="0" hidden><h2>Notes</h2>{words}'
        f"<h2>Where the figures come from</h2><ul>{sources}</ul></aside>"
    )


def _controls(document: Report, n: int) -> str:
    badge = SAMPLE_DATA_BADGE if document.is_sample_data else NO_IMAGES_BADGE if document.test_images is None else ""
    badge = f'<p class="badge">{badge}</p>' if badge else ""
    return (
        '<nav class="controls" aria-label="Presentation"><a href="../report">Report</a>'
        '<button type="button" data-do="notes" aria-pressed="false" aria-keyshortcuts="n">Notes</button>'
        '<button type="button" data-do="full" aria-keyshortcuts="f">Full screen</button>'
        f"{badge}"
        f'<p class="position" aria-live="polite">1 of {n}</p>'
        '<button type="button" data-do="back" aria-keyshortcuts="ArrowLeft PageUp">Back</button>'
        '<button type="button" data-do="next" aria-keyshortcuts="ArrowRight PageDown Space">Next</button></nav>'
    )
