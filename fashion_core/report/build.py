"""Settings and runs in, the report's content out."""

from collections.abc import Callable
from datetime import UTC, datetime

from fashion_core.data import Dataset
from fashion_core.report.content import Report, ReportSection
from fashion_core.report.inputs import ReportInputs, load_report_inputs
from fashion_core.report.sections import (
    SectionUnavailable,
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
from fashion_core.report.settings import SECTION_TITLES, ReportSettings
from fashion_core.runs.store import RunStore

SECTION_BUILDERS: dict[str, Callable[[ReportInputs], ReportSection]] = {
    "question": question.build_question_section,
    "data": data.build_data_section,
    "results": results.build_results_section,
    "kmeans": kmeans.build_kmeans_section,
    "networks": networks.build_networks_section,
    "confusion": confusion.build_confusion_section,
    "training": training.build_training_section,
    "failure": failure.build_failure_section,
    "feasibility": feasibility.build_feasibility_section,
    "conclusion": conclusion.build_conclusion_section,
    "provenance": provenance.build_provenance_section,
}


def build_report(settings: ReportSettings, store: RunStore, dataset: Dataset) -> Report:
    """The chosen sections about the chosen runs; ``dataset`` gives the pictures where it is what they were scored on.

    What cannot be had is left out and named in ``remarks``. Raises ``FashionError`` when nothing can be reported.
    """
    evidence = load_report_inputs(settings.runs, store, dataset)
    sections, remarks = [], list(evidence.omissions)
    for key in SECTION_TITLES:
        if key in settings.sections:
            try:
                sections.append(SECTION_BUILDERS[key](evidence))
            except SectionUnavailable as reason:
                remarks.append(f'The section "{SECTION_TITLES[key]}" is left out: {reason}')
    return Report(
        title=settings.title,
        author=settings.author,
        date=datetime.now(UTC).date().isoformat(),
        logo=settings.logo,
        is_sample_data=evidence.is_sample_data,
        test_labels=evidence.test_labels,
        test_images=evidence.test_images,
        sections=tuple(sections),
        omissions=tuple(remarks),
    )
