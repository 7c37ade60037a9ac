"""What the figures mean for somebody who wants garments sorted."""

from fashion_core.report.automation import find_most_automating_result
from fashion_core.report.content import Paragraphs, ReportSection
from fashion_core.report.inputs import WILSON_INTERVAL_NOTE, ReportInputs, find_most_accurate_result, format_provenance
from fashion_core.wording.feasibility import describe_rest, summarize_answer_in_short
from fashion_core.wording.numbers import format_duration, format_percent, format_percent_with_interval
from fashion_core.wording.runs import describe_hardest_class, describe_never_predicted
from fashion_core.wording.text import join_with_and, to_single_line

NEXT_STEP = (
    "Next step: import a few hundred of your own labelled pictures, train on them, and enter what a mistake and a "
    "manual check cost you."
)


def build_conclusion_section(inputs: ReportInputs) -> ReportSection:
    """The findings of the other sections together."""
    best = find_most_accurate_result(inputs.results)
    low, high = best.summary.accuracy_interval
    error_rate = format_percent_with_interval(1 - best.summary.metrics.accuracy, 1 - high, 1 - low)
    pictures = "these pictures" if inputs.is_catalogue else "clothing pictures"
    automation = find_most_automating_result(inputs)
    headline, finding = (
        f"Feasible with manual checks, or at an error rate of {format_percent(1 - best.summary.metrics.accuracy)}",
        f"Sorting {pictures} automatically is feasible if an error rate of {error_rate} is acceptable, or if a "
        "person checks the uncertain ones.",
    )
    if automation is not None and automation.has_enough_pictures:
        headline = summarize_answer_in_short(automation.assessment)
        without_check = f"Without any manual check, {best.title} sorts {error_rate} of {pictures} wrong."
        finding = " ".join(filter(None, [describe_rest(automation.assessment), without_check]))
    hardest = (
        f"{best.title}: {describe_hardest_class(best.summary.metrics, inputs.classes)} "
        f"The model has {best.summary.n_parameters:,} parameters and was trained in "
        f"{format_duration(best.summary.training_seconds)} on {to_single_line(best.record.hardware)}."
    )
    texts = (
        NEXT_STEP,
        _describe_clustering(inputs),
        _describe_networks(inputs),
        _describe_fault(inputs),
        automation.description if automation is not None and automation.validation_coverage else "",
        hardest,
    )
    paragraphs = Paragraphs(tuple(filter(None, texts)), format_provenance(inputs.results, WILSON_INTERVAL_NOTE))
    if best.summary.metrics.accuracy == 1:
        headline = "Feasible: every tested picture was sorted correctly"
    return ReportSection("conclusion", headline, finding, f"{best.provenance}; {WILSON_INTERVAL_NOTE}", (paragraphs,))


def _describe_clustering(inputs: ReportInputs) -> str:
    result = inputs.first_clustering_result
    if result is None:
        return ""
    missing = [inputs.classes[c].name for c in result.summary.metrics.never_predicted]
    without = f" and has no cluster for {join_with_and(missing)}" if missing else ""
    return (
        f"{result.title} uses no labels. It puts {result.accuracy_with_interval_text} of the images in a cluster that "
        f"is named after their class{without}. "
        "That is enough to explore the images and to serve as a baseline, but not to sort them."
    )


def _describe_networks(inputs: ReportInputs) -> str:
    descriptions = [
        f"{result.title} classifies {result.accuracy_with_interval_text} correctly and "
        f"{describe_never_predicted(result.summary.metrics, inputs.classes)}"
        for result in inputs.networks_without_relu_output
    ]
    return f"The networks learn from labels: {'; '.join(descriptions)}." if descriptions else ""


def _describe_fault(inputs: ReportInputs) -> str:
    titles = [result.title for result in inputs.networks_with_relu_output if result.summary.metrics.never_predicted]
    if not titles or inputs.is_catalogue:
        return ""
    return (
        f"{join_with_and(titles)} never {'predicts' if len(titles) == 1 else 'predict'} some classes, as the poster's "
        "MLP and CNN did. Here a ReLU on the outputs is the likely cause, not the architecture. Whether the poster's "
        "networks had one is unknown."
    )
