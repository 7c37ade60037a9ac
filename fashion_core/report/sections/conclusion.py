"""What follows from the figures, sentence by sentence, each from the runs at hand."""

from fashion_core.data.classes import CLASS_NAMES
from fashion_core.report.content import Paragraphs, ReportSection
from fashion_core.report.inputs import WILSON_INTERVAL_NOTE, ReportInputs, format_provenance
from fashion_core.report.sections.feasibility import most_automated_run
from fashion_core.wording.feasibility import describe_automation
from fashion_core.wording.numbers import format_duration, format_percent_with_interval
from fashion_core.wording.runs import describe_hardest_class, describe_never_predicted
from fashion_core.wording.text import join_with_and, to_single_line


def build_conclusion_section(evidence: ReportInputs) -> ReportSection:
    """The findings together, and what they mean for who wants garments sorted."""
    best = evidence.best_result
    low, high = best.summary.accuracy_interval
    wrong = format_percent_with_interval(1 - best.summary.metrics.accuracy, 1 - high, 1 - low)
    finding = (
        f"Sorting clothing pictures by machine is feasible where {wrong} of wrong answers can be borne, or where a "
        "person looks at the doubtful ones."
    )
    paragraphs = [sentence for sentence in (_clusters(evidence), _networks(evidence), _fault(evidence)) if sentence]
    if automated := most_automated_run(evidence):
        paragraphs.append(f"With manual checks of the doubtful ones: {describe_automation(automated)}")
    paragraphs.append(
        f"For {best.title}, {describe_hardest_class(best.summary.metrics)} It has {best.summary.n_parameters:,} "
        f"parameters and was trained in {format_duration(best.summary.training_seconds)} on {to_single_line(best.record.hardware)}."
    )
    text = Paragraphs(tuple(paragraphs), format_provenance(evidence.results, WILSON_INTERVAL_NOTE))
    return ReportSection("conclusion", "What follows", finding, f"{best.provenance}; {WILSON_INTERVAL_NOTE}", (text,))


def _clusters(evidence: ReportInputs) -> str:
    result = evidence.kmeans_result
    if result is None:
        return ""
    lost = [CLASS_NAMES[c] for c in result.summary.metrics.never_predicted]
    loses = f" and has no cluster for {join_with_and(lost)}" if lost else ""
    right = format_percent_with_interval(result.summary.metrics.accuracy, *result.summary.accuracy_interval)
    return (
        f"{result.title}, which sees no label, puts {right} of the garments in a cluster named for their class{loses}: "
        "enough to explore pictures and to have a baseline, not to sort them."
    )


def _networks(evidence: ReportInputs) -> str:
    if not evidence.network_results:
        return ""
    told = [
        f"{result.title} sorts {format_percent_with_interval(result.summary.metrics.accuracy, *result.summary.accuracy_interval)} right and "
        f"{describe_never_predicted(result.summary.metrics)}"
        for result in evidence.network_results
    ]
    return f"Of the networks that learn from labels, {join_with_and(told)}."


def _fault(evidence: ReportInputs) -> str:
    lossy = [result.title for result in evidence.relu_output_results if result.summary.metrics.never_predicted]
    if not lossy:
        return ""
    return (
        f"{join_with_and(lossy)} {'loses' if len(lossy) == 1 else 'lose'} classes, as the poster's MLP and CNN did. In these "
        "runs that is a fault of training and no limit of the architecture; whether it was the poster's cannot be told."
    )
