"""Settings and runs in, the report's content out."""

from collections.abc import Callable
from datetime import UTC, datetime

from fashion_core.data import Dataset
from fashion_core.report.content import Document, Section
from fashion_core.report.evidence import Evidence, gather
from fashion_core.report.sections import (
    LeftOut,
    conclusion,
    confusion,
    data,
    failure,
    feasibility,
    kmeans,
    networks,
    provenance,
    question,
    results,
    training,
)
from fashion_core.report.settings import SECTIONS, Settings
from fashion_core.runs.store import RunStore

BUILDERS: dict[str, Callable[[Evidence], Section]] = {
    "question": question.section,
    "data": data.section,
    "results": results.section,
    "kmeans": kmeans.section,
    "networks": networks.section,
    "confusion": confusion.section,
    "training": training.section,
    "failure": failure.section,
    "feasibility": feasibility.section,
    "conclusion": conclusion.section,
    "provenance": provenance.section,
}


def build(settings: Settings, store: RunStore, dataset: Dataset) -> Document:
    """The chosen sections about the chosen runs; ``dataset`` gives the pictures where it is what they were scored on.

    What cannot be had is left out and named in ``remarks``. Raises ``FashionError`` when nothing can be reported.
    """
    evidence = gather(settings.runs, store, dataset)
    sections, remarks = [], list(evidence.remarks)
    for key in SECTIONS:
        if key in settings.sections:
            try:
                sections.append(BUILDERS[key](evidence))
            except LeftOut as reason:
                remarks.append(f'The section "{SECTIONS[key]}" is left out: {reason}')
    return Document(
        title=settings.title,
        author=settings.author,
        date=datetime.now(UTC).date().isoformat(),
        logo=settings.logo,
        stand_in=evidence.stand_in,
        labels=evidence.labels,
        images=evidence.images,
        sections=tuple(sections),
        remarks=tuple(remarks),
    )
