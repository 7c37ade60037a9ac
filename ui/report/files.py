"""The report in each format, built once for the same settings, runs and data, when it is first asked for."""

from functools import cached_property
from threading import RLock

import streamlit as st

from fashion_core.computed.store import results_folder
from fashion_core.data import Dataset
from fashion_core.report import pdf
from fashion_core.report.build import build_report
from fashion_core.report.content import Report
from fashion_core.report.html import PaperSize, render_html
from fashion_core.report.settings import ReportSettings
from fashion_core.report.slides import FIGURE_TYPE_BY_SECTION
from fashion_core.report.slideshow import render_slideshow
from fashion_core.runs.store import RunStore
from fashion_core.storage.visitors import acting_as, current_visitor
from ui import caches, serving

RUN_FILES_READ_BY_REPORT = ("run.json", "test.npz", "history.csv", "weights.safetensors")


class ReportFiles:
    """One report. What is slow is made when it is first asked for, by one thread while others wait.

    Every method raises ``FashionError`` if the report cannot be built.
    """

    def __init__(self, settings: ReportSettings, store: RunStore, dataset: Dataset, key: str) -> None:
        self._settings, self._store, self._dataset, self._key = settings, store, dataset, key
        self._lock, self._visitor = RLock(), current_visitor()

    @cached_property
    def _report(self) -> Report:
        with acting_as(self._visitor):  # in whichever thread
            return build_report(self._settings, self._store, self._dataset)

    @cached_property
    def _html(self) -> str:
        return render_html(self._report)

    @cached_property
    def _pdf_by_paper(self) -> dict[PaperSize, bytes]:
        return {}

    def report(self) -> Report:
        """The content of every format."""
        with self._lock:
            return self._report

    def html(self) -> str:
        """The report as one HTML file."""
        with self._lock:
            return self._html

    def slideshow(self) -> str:
        """The report as an HTML file that fills the screen."""
        return render_slideshow(self.report())

    def pdf(self, paper: PaperSize) -> bytes:
        """The report printed on A4 pages or as one A1 poster."""
        with self._lock:
            if paper not in self._pdf_by_paper:
                self._pdf_by_paper[paper] = pdf.print_html_to_pdf(render_html(self._report, paper))
            return self._pdf_by_paper[paper]

    def powerpoint(self) -> bytes:
        """The report as a PowerPoint file."""
        from fashion_core.report.powerpoint import render_powerpoint

        return render_powerpoint(self.report())

    @property
    def has_slideshow(self) -> bool:
        """Whether the settings choose a section that a slideshow shows."""
        return any(section in FIGURE_TYPE_BY_SECTION for section in self._settings.sections)

    def publish_html(self) -> str:
        """Address of the HTML file in the browser."""
        return serving.publish_document(f"html {self._key}", self.html)

    def publish_slideshow(self) -> str:
        """Address of the slideshow in the browser."""
        return serving.publish_document(f"slideshow {self._key}", self.slideshow)


def get_report_files(settings: ReportSettings) -> ReportFiles:
    """The report on the current runs and data; visitors share it as long as all of that is shipped."""
    folders = {run.id: run.path for run in caches.list_runs()}
    files = [folders[run] / name for run in settings.runs if run in folders for name in RUN_FILES_READ_BY_REPORT]
    versions = [(str(file), caches.modification_time(file)) for file in files]
    results = caches.modification_time(results_folder())  # 0 for a visitor who has none
    return _report_files(settings, caches.current_dataset().fingerprint, ("results", results), *versions)


@st.cache_resource(max_entries=20, show_spinner=False, hash_funcs={ReportSettings: repr})
def _report_files(settings: ReportSettings, fingerprint: str, *versions: tuple[str, float]) -> ReportFiles:
    key = f"{settings} {fingerprint} {versions}"
    return ReportFiles(settings, caches.run_store(), caches.current_dataset(), key)
