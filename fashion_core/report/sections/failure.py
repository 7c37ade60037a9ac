"""The poster's failed networks, and the training fault that would explain them."""

from fashion_core.data import poster
from fashion_core.report.content import Paragraphs, ReportBlock, ReportSection
from fashion_core.report.inputs import ReportInputs, format_provenance
from fashion_core.report.sections import SectionUnavailable
from fashion_core.report.sections.confusion import build_matrix_figure, build_recall_chart
from fashion_core.wording.runs import describe_never_predicted


def build_failure_section(evidence: ReportInputs) -> ReportSection:
    """The runs with a ReLU on their outputs, beside the same networks without."""
    faulty = evidence.relu_output_results
    if not faulty:
        raise SectionUnavailable("no chosen run has a ReLU on its outputs.")
    models = {result.record.model for result in faulty}
    sound = [result for result in evidence.network_results if result.record.model in models]
    finding = "; ".join(f"{result.title} {describe_never_predicted(result.summary.metrics)}" for result in faulty) + "."
    without = "; ".join(f"{result.title} {describe_never_predicted(result.summary.metrics)}" for result in sound)
    blocks: list[ReportBlock] = [Paragraphs((poster.POSTER_FAILURE_EXPLANATION,))]
    if without:
        blocks.append(Paragraphs((f"Without it: {without}.",), format_provenance(sound)))
    blocks += [build_matrix_figure(result) for result in faulty]
    blocks.append(build_recall_chart([*faulty, *sound], "Recall by class, with and without the fault", detail=True))
    return ReportSection(
        "failure", "What failed on the poster, and why it may have", finding, format_provenance(faulty), tuple(blocks)
    )
