"""The report as a slideshow in the browser: one slide a screen, moved by keys, with notes to open."""

from dataclasses import replace

from fashion_core.report.content import MAX_IMAGES_ON_SLIDE, Diagram, ImageRow, Report, ReportFigure
from fashion_core.report.html import render_report_template
from fashion_core.report.slides import build_slides
from fashion_core.wording.sample_data import SAMPLE_DATA_BADGE

SLIDESHOW_SCRIPTS = ("images.js", "matrices.js", "maps.js", "lines.js", "slideshow.js")
SLIDESHOW_STYLES = ("page.css", "slideshow.css")
MAX_BOX_DETAIL_CHARACTERS = 18  # letters of a line in a box that can be read from the back of a room


def render_slideshow(report: Report) -> str:
    """The report as an HTML page that fills one screen, whatever the window's size, and works offline."""
    slides = [replace(slide, figures=tuple(map(_fit_to_screen, slide.figures))) for slide in build_slides(report)]
    figures = [figure for slide in slides for figure in slide.figures]
    missing = f"The images of {report.data_title} are not in this report" if report.test_images is None else ""
    badge = SAMPLE_DATA_BADGE if report.is_sample_data else missing
    return render_report_template(
        "slideshow.html", report, figures, SLIDESHOW_SCRIPTS, SLIDESHOW_STYLES, slides=slides, badge=badge
    )


def _fit_to_screen(figure: ReportFigure) -> ReportFigure:
    """The figure without its number, and without images and lines that would be too small."""
    figure = replace(figure, number="")
    if isinstance(figure, ImageRow):
        return figure.first_images(MAX_IMAGES_ON_SLIDE)
    if not isinstance(figure, Diagram):
        return figure
    boxes = [
        replace(box, details=tuple(text for text in box.details if len(text) <= MAX_BOX_DETAIL_CHARACTERS))
        for box in figure.boxes
    ]
    return replace(figure, boxes=tuple(boxes))
