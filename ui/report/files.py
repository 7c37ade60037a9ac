"""The report in each format, built once for the same settings, runs and data."""

from dataclasses import dataclass

import streamlit as st

from fashion_core.computed.store import results_folder
from fashion_core.report import pdf
from fashion_core.report.build import build_report
from fashion_core.report.content import Report
from fashion_core.report.html import PaperSize, render_html
from fashion_core.report.settings import ReportSettings
from fashion_core.report.slideshow import render_slideshow
from ui import caches, serving

RUN_FILES_READ_BY_REPORT = ("run.json", "test.npz", "history.csv", "weights.safetensors")


@dataclass(frozen=True)
class BuiltReport:
    """The report's content, the HTML file and the slideshow, and the addresses of both in the browser."""

    report: Report
    html: str
    html_address: str
    slideshow: str
    slideshow_address: str


def get_built_report(settings: ReportSettings) -> BuiltReport:
    """The report on the current runs and data; raises ``FashionError`` if it cannot be built."""
    folders = {run.id: run.path for run in caches.list_runs()}
    times = [
        caches.modification_time(folders[run] / name) if run in folders else 0.0
        for run in settings.runs
        for name in RUN_FILES_READ_BY_REPORT
    ]
    fingerprint = caches.current_dataset().fingerprint
    built = _build_and_render(settings, fingerprint, *times, caches.modification_time(results_folder()))
    for document in (built.html, built.slideshow):
        serving.publish_document(document)  # again: others may have replaced it meanwhile
    return built


@st.cache_resource(max_entries=4, show_spinner="Building the report…")
def _build_and_render(settings: ReportSettings, fingerprint: str, *times: float) -> BuiltReport:
    report = build_report(settings, caches.run_store(), caches.current_dataset())
    html, slideshow = render_html(report), render_slideshow(report)
    return BuiltReport(report, html, serving.publish_document(html), slideshow, serving.publish_document(slideshow))


def make_pdf(built: BuiltReport, paper: PaperSize) -> bytes:
    """The report printed on A4 pages or as one A1 poster; raises ``FashionError`` if that fails."""
    return _print_pdf(render_html(built.report, paper))


@st.cache_data(max_entries=4, show_spinner="Printing takes a few seconds…")
def _print_pdf(html: str) -> bytes:
    return pdf.print_html_to_pdf(html)


def make_powerpoint(built: BuiltReport) -> bytes:
    """The report as a PowerPoint file."""
    from fashion_core.report.powerpoint import render_powerpoint

    return render_powerpoint(built.report)
