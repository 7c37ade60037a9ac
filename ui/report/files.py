"""The report in its forms, each built once for the same settings, runs and data."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from fashion_core.computed import store as computed
from fashion_core.report import html, pdf
from fashion_core.report import slideshow as slides
from fashion_core.report.build import build_report
from fashion_core.report.content import Report
from fashion_core.report.settings import ReportSettings
from ui import caches, serving

RUN_FILES = ("run.json", "test.npz", "history.csv", "weights.safetensors")


@dataclass(frozen=True)
class BuiltReport:
    """The report's content, the HTML file and the presentation, and where the browser finds both."""

    report: Report
    html: str
    html_address: str
    slideshow: str
    slideshow_address: str


def get_built_report(settings: ReportSettings) -> BuiltReport:
    """The report on the runs and the data as they are now; raises ``FashionError`` when there is none to be had."""
    runs = {run.id: run.path for run in caches.list_runs()}
    stamps = [
        caches.modification_time(runs[run] / name) if run in runs else 0.0
        for run in settings.runs
        for name in RUN_FILES
    ]
    found = _built(
        settings, caches.current_dataset().fingerprint, *stamps, caches.modification_time(computed.results_folder())
    )
    for page in (found.html, found.slideshow):
        serving.publish_document(page)  # again, where others have taken its place meanwhile
    return found


@st.cache_resource(max_entries=4, show_spinner="Building the report")
def _built(settings: ReportSettings, fingerprint: str, *stamps: float) -> BuiltReport:
    document = build_report(settings, caches.run_store(), caches.current_dataset())
    page = html.render_html(document)
    presentation = slides.render_slideshow(document)
    return BuiltReport(
        document, page, serving.publish_document(page), presentation, serving.publish_document(presentation)
    )


def make_pdf(found: BuiltReport, paper: html.PaperSize) -> bytes:
    """The report printed on A4 pages or as one A1 poster; raises ``FashionError`` when that fails."""
    return _pdf(html.render_html(found.report, paper))


@st.cache_data(max_entries=4, show_spinner="Printing; a few seconds")
def _pdf(page: str) -> bytes:
    return pdf.print_html_to_pdf(page)


def make_powerpoint(found: BuiltReport) -> Callable[[], bytes]:
    """What makes the slides, when they are asked for."""

    def make() -> bytes:
        from fashion_core.report import powerpoint

        return powerpoint.render_powerpoint(found.report)

    return make
