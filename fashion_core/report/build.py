"""Build a report's content from its settings."""

from collections.abc import Callable
from datetime import UTC, datetime

from fashion_core.data import Dataset
from fashion_core.report.content import SECTION_TITLES, Report, ReportSection, section_titles
from fashion_core.report.inputs import ReportInputs, load_report_inputs
from fashion_core.report.sections import SectionUnavailable
from fashion_core.report.sections.conclusion import build_conclusion_section
from fashion_core.report.sections.confusion import build_confusion_section
from fashion_core.report.sections.data import build_data_section
from fashion_core.report.sections.failure import build_relu_output_failure_section
from fashion_core.report.sections.feasibility import build_feasibility_section
from fashion_core.report.sections.kmeans import build_kmeans_section
from fashion_core.report.sections.networks import build_networks_section
from fashion_core.report.sections.provenance import build_provenance_section
from fashion_core.report.sections.question import build_question_section
from fashion_core.report.sections.results import build_results_section
from fashion_core.report.sections.training import build_training_section
from fashion_core.report.settings import ReportSettings
from fashion_core.runs.store import RunStore

MAX_SPRITES = 58_500  # test images; a sheet of more is higher than a WebP may be, 16,383 pixels
SECTION_BUILDERS: dict[str, Callable[[ReportInputs], ReportSection]] = {
    "question": build_question_section,
    "data": build_data_section,
    "results": build_results_section,
    "kmeans": build_kmeans_section,
    "networks": build_networks_section,
    "confusion": build_confusion_section,
    "training": build_training_section,
    "failure": build_relu_output_failure_section,
    "feasibility": build_feasibility_section,
    "conclusion": build_conclusion_section,
    "provenance": build_provenance_section,
}


def build_report(settings: ReportSettings, store: RunStore, dataset: Dataset) -> Report:
    """The chosen sections about the chosen runs, with the images of ``dataset`` if the runs were scored on it.

    ``omissions`` names what cannot be built. Raises ``FashionError`` if no run can be reported.
    """
    inputs = load_report_inputs(settings.runs, store, dataset)
    sections, omissions = [], list(inputs.omissions)
    for key, build_section in SECTION_BUILDERS.items():
        if key in settings.sections and key in section_titles(inputs.data):
            try:
                sections.append(build_section(inputs))
            except SectionUnavailable as reason:
                omissions.append(f'The section "{SECTION_TITLES[key]}" is left out: {reason}')
    test_images = inputs.test_images
    if test_images is not None and len(test_images) > MAX_SPRITES:
        test_images = None
        omissions.append(f"The test images are left out, as there are more than {MAX_SPRITES:,}.")
    return Report(
        title=settings.title,
        author=settings.author,
        date=datetime.now(UTC).date().isoformat(),
        logo=settings.logo,
        data_title=inputs.data.title,
        classes=inputs.classes,
        is_sample_data=inputs.is_sample_data,
        test_labels=inputs.test_labels,
        test_images=test_images,
        sections=tuple(sections),
        omissions=tuple(omissions),
    )
