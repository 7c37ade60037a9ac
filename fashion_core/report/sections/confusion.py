"""Figure 5: confusion matrices, the most frequent mistakes as images, and recall by class."""

from collections.abc import Sequence

import numpy as np

from fashion_core.analysis.metrics import wilson_interval
from fashion_core.report.content import (
    BarChart,
    ChartSeries,
    ConfusionMatrixFigure,
    ImageRow,
    ReportBlock,
    ReportSection,
)  # fmt: skip
from fashion_core.report.inputs import (
    WILSON_INTERVAL_NOTE,
    ReportInputs,
    RunResult,
    find_most_accurate_result,
    format_provenance,
)  # fmt: skip
from fashion_core.report.sections import SectionUnavailable
from fashion_core.wording.numbers import format_percent
from fashion_core.wording.runs import describe_hardest_class, describe_never_predicted

MISTAKE_KINDS_SHOWN, IMAGES_PER_MISTAKE = 4, 8


def build_confusion_section(inputs: ReportInputs) -> ReportSection:
    """A matrix for each run; networks with a ReLU on their outputs have a section of their own."""
    results = [result for result in inputs.results if not result.has_relu_output]
    if not results:
        raise SectionUnavailable("every chosen run has a ReLU on its outputs; another section is about those.")
    best = find_most_accurate_result(results)
    blocks: list[ReportBlock] = [build_matrix_figure(result, f"Figure 5. {result.title}") for result in results]
    if inputs.test_images is not None and (mistakes := _build_mistakes(best, inputs.test_images, inputs.test_labels)):
        blocks.append(mistakes)
    blocks.append(build_recall_chart(results, "Recall by class"))
    finding = f"{best.title}: {describe_hardest_class(best.summary.metrics, inputs.classes)}"
    return ReportSection("confusion", finding, f"{best.provenance}; {WILSON_INTERVAL_NOTE}", tuple(blocks))


def build_matrix_figure(result: RunResult, title: str) -> ConfusionMatrixFigure:
    """The confusion matrix of a run."""
    metrics, classes = result.summary.metrics, result.classes
    return ConfusionMatrixFigure(
        title,
        f"Confusion matrix of {result.title}, which {describe_never_predicted(metrics, classes)}. "
        f"{describe_hardest_class(metrics, classes)}",
        result.provenance,
        result.title,
        metrics.confusion,
        result.predicted_classes,
        result.confidence,
    )


def build_recall_chart(results: Sequence[RunResult], title: str, *, is_detail: bool = False) -> BarChart:
    """Recall of each class with its interval, a series for each run."""
    series, descriptions = [], []
    names, short_names = results[0].classes.names, results[0].classes.short_names
    for result in results:
        metrics = result.summary.metrics
        correct, recall = np.diag(metrics.confusion).tolist(), metrics.recall
        counts = zip(correct, metrics.support.tolist(), strict=True)
        low, high = np.transpose([wilson_interval(k, max(n, 1)) for k, n in counts])
        series.append(ChartSeries(result.title, recall, low, high))
        worst, best = (f"{format_percent(recall[c])} ({names[c]})" for c in (recall.argmin(), recall.argmax()))
        descriptions.append(f"{result.title} from {worst} to {best}")
    source = format_provenance(results, WILSON_INTERVAL_NOTE)
    return BarChart(
        title,
        "; ".join(descriptions),
        source,
        short_names,
        tuple(series),
        "Recall",
        is_detail=is_detail,
    )


def _build_mistakes(best: RunResult, images: np.ndarray, labels: np.ndarray) -> ImageRow | None:
    """The first images of each of the most frequent mistakes; None if there are no mistakes."""
    wrong = best.summary.metrics.confusion.copy()
    np.fill_diagonal(wrong, 0)
    strips, captions, alt_texts = [], [], []
    for cell in np.argsort(-wrong, axis=None, kind="stable")[:MISTAKE_KINDS_SHOWN].tolist():
        true, predicted = divmod(cell, len(best.classes))
        indices = np.flatnonzero((labels == true) & (best.predicted_classes == predicted))[:IMAGES_PER_MISTAKE]
        if len(indices):
            mistake = f"{best.classes[true].name} predicted as {best.classes[predicted].name}"
            strips.append(np.concatenate(list(images[indices]), axis=1))  # [28, 28 * n]
            captions.append(f"{mistake}: {wrong[true, predicted]:,}")
            alt_texts.append(f"The first {len(indices)} images of {mistake}")
    if not strips:
        return None
    title = f"The most frequent mistakes of {best.title}, with the first images of each"
    return ImageRow(title, "; ".join(captions), best.provenance, tuple(strips), tuple(captions), tuple(alt_texts))
