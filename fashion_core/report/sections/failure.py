"""The poster's failed networks, and the training fault that would explain them."""

import numpy as np

from fashion_core.report.content import Paragraphs, ReportSection
from fashion_core.report.inputs import ReportInputs, format_provenance
from fashion_core.report.sections import SectionUnavailable
from fashion_core.report.sections.confusion import build_matrix_figure, build_recall_chart
from fashion_core.wording.numbers import format_count
from fashion_core.wording.poster import POSTER_FAILURE_EXPLANATION
from fashion_core.wording.runs import describe_never_predicted


def build_relu_output_failure_section(inputs: ReportInputs) -> ReportSection:
    """The runs with a ReLU on their outputs, beside the same networks without it."""
    faulty = inputs.networks_with_relu_output
    if not faulty:
        raise SectionUnavailable("no chosen run has a ReLU on its outputs.")
    models = {result.record.model for result in faulty}
    sound = [result for result in inputs.networks_without_relu_output if result.record.model in models]
    with_fault, without_fault = (
        "; ".join(
            f"{result.title} {describe_never_predicted(result.summary.metrics, inputs.classes)}" for result in results
        )
        for results in (faulty, sound)
    )
    texts = [Paragraphs((POSTER_FAILURE_EXPLANATION,))]
    if sound:
        texts.append(Paragraphs((f"Without the ReLU: {without_fault}.",), format_provenance(sound)))
    shown = np.arange(len(inputs.classes))
    matrices = [build_matrix_figure(result, shown) for result in faulty]
    recalls = build_recall_chart(
        [*faulty, *sound], "Recall by class, with and without the fault", shown, is_detail=True
    )
    lost = sum(len(result.summary.metrics.never_predicted) > 0 for result in faulty)
    headline = (
        f"With a ReLU on the outputs, {lost} of {format_count(len(faulty), 'network')} "
        f"{'loses' if lost == 1 else 'lose'} classes"
    )
    return ReportSection("failure", headline, f"{with_fault}.", format_provenance(faulty), (*texts, *matrices, recalls))
