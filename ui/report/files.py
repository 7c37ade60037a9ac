"""The report in its forms, each built once for the same settings, runs and data."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from fashion_core.computed import store as computed
from fashion_core.report import html, pdf, slides
from fashion_core.report.build import build
from fashion_core.report.content import Document
from fashion_core.report.settings import Settings
from ui import caches, serving

FILES = ("run.json", "test.npz", "history.csv", "weights.safetensors")


@dataclass(frozen=True)
class Built:
    """The report's content, the HTML file and the presentation, and where the browser finds both."""

    document: Document
    page: str
    address: str
    slides: str
    slides_address: str


def built(settings: Settings) -> Built:
    """The report on the runs and the data as they are now; raises ``FashionError`` when there is none to be had."""
    runs = {run.id: run.path for run in caches.entries()}
    stamps = [caches.stamp(runs[run] / name) if run in runs else 0.0 for run in settings.runs for name in FILES]
    found = _built(settings, caches.dataset().fingerprint, *stamps, caches.stamp(computed.folder()))
    for page in (found.page, found.slides):
        serving.publish_page(page)  # again, where others have taken its place meanwhile
    return found


@st.cache_resource(max_entries=4, show_spinner="Building the report")
def _built(settings: Settings, fingerprint: str, *stamps: float) -> Built:
    document = build(settings, caches.store(), caches.dataset())
    page = html.render(document)
    presentation = slides.render(document)
    return Built(document, page, serving.publish_page(page), presentation, serving.publish_page(presentation))


def as_pdf(found: Built, paper: html.Paper) -> bytes:
    """The report printed on A4 pages or as one A1 poster; raises ``FashionError`` when that fails."""
    return _pdf(html.render(found.document, paper))


@st.cache_data(max_entries=4, show_spinner="Printing; a few seconds")
def _pdf(page: str) -> bytes:
    return pdf.from_html(page)


def as_powerpoint(found: Built) -> Callable[[], bytes]:
    """What makes the slides, when they are asked for."""

    def make() -> bytes:
        from fashion_core.report import powerpoint

        return powerpoint.render(found.document)

    return make
