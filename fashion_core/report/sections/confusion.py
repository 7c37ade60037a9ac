"""Figure 5: confusion matrices, the most frequent mistakes as images, and recall by class."""

import dataclasses
import string
from collections.abc import Sequence

import numpy as np

from fashion_core.analysis.confusion import MAX_MATRIX_CLASSES, collapse_confusion, most_confused_classes
from fashion_core.analysis.metrics import wilson_interval
from fashion_core.report.content import (
    OTHER_CLASSES,
    BarChart,
    ChartSeries,
    ConfusionMatrixFigure,
    ImageRow,
    Paragraphs,
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
from fashion_core.wording.runs import describe_hardest_class, describe_never_predicted, summarize_hardest_class

MISTAKE_KINDS_SHOWN, IMAGES_PER_MISTAKE = 4, 8


def build_confusion_section(inputs: ReportInputs) -> ReportSection:
    """A matrix for each run; networks with a ReLU on their outputs have a section of their own."""
    results = [result for result in inputs.results if inputs.is_catalogue or not result.has_relu_output]
    if not results:
        raise SectionUnavailable("every chosen run has a ReLU on its outputs; another section is about those.")
    best = find_most_accurate_result(results)
    shown = most_confused_classes(
        np.sum([result.summary.metrics.confusion for result in results], axis=0), MAX_MATRIX_CLASSES
    )
    blocks: list[ReportBlock] = []
    if len(shown) < len(inputs.classes):
        blocks.append(Paragraphs((_describe_shown_classes(len(shown), len(inputs.classes)),)))
    letters = string.ascii_lowercase if len(results) > 1 else ("",)
    blocks += [
        dataclasses.replace(build_matrix_figure(result, shown), number=f"5{letter}")
        for letter, result in zip(letters, results, strict=False)
    ]
    if inputs.test_images is not None and (mistakes := _build_mistakes(best, inputs.test_images, inputs.test_labels)):
        blocks.append(mistakes)
    blocks.append(build_recall_chart(results, "Recall by class", shown))
    headline = summarize_hardest_class(best.summary.metrics, inputs.classes)
    finding = f"{best.title}: {describe_hardest_class(best.summary.metrics, inputs.classes)}"
    source = f"{best.provenance}; {WILSON_INTERVAL_NOTE}"
    return ReportSection("confusion", headline, finding, source, tuple(blocks))


def _describe_shown_classes(n_shown: int, n_classes: int) -> str:
    return (
        f"The matrices and the recall by class show the {n_shown} of {n_classes} classes that the runs confuse most. "
        f'The row and column "{OTHER_CLASSES}" hold all others together; its last cell counts every picture of another '
        "class that is predicted as another class, correctly or not."
    )


def build_matrix_figure(result: RunResult, shown: np.ndarray) -> ConfusionMatrixFigure:
    """The confusion matrix of a run, with the classes ``shown`` int64 [k] and the others together."""
    metrics, classes = result.summary.metrics, result.classes
    return ConfusionMatrixFigure(
        result.title,
        f"Confusion matrix of {result.title}, which {describe_never_predicted(metrics, classes)}. "
        f"{describe_hardest_class(metrics, classes)}",
        result.provenance,
        result.title,
        collapse_confusion(metrics.confusion, shown),
        result.predicted_classes,
        None if result.model.is_clustering else result.confidence,
        metrics.accuracy,
        classes,
        tuple(shown.tolist()),
    )


def build_recall_chart(
    results: Sequence[RunResult], title: str, shown: np.ndarray, *, is_detail: bool = False
) -> BarChart:
    """Recall of the classes ``shown`` int64 [k] that have test images, with its interval, a series for each run."""
    series, descriptions = [], []
    has_images = results[0].summary.metrics.support > 0
    shown = shown[has_images[shown]]
    names, short_names = results[0].classes.names, results[0].classes.short_names
    for result in results:
        metrics = result.summary.metrics
        correct, recall = np.diag(metrics.confusion).tolist(), metrics.recall
        counts = zip(correct, metrics.support.tolist(), strict=True)
        low, high = np.transpose([wilson_interval(k, max(n, 1)) for k, n in counts])
        series.append(ChartSeries(result.title, recall[shown], low[shown], high[shown]))
        ends = np.where(has_images, recall, np.inf).argmin(), recall.argmax()
        worst, best = (f"{format_percent(recall[c])} ({names[c]})" for c in ends)
        descriptions.append(f"{result.title} from {worst} to {best}")
    source = format_provenance(results, WILSON_INTERVAL_NOTE)
    return BarChart(
        title,
        "; ".join(descriptions),
        source,
        tuple(short_names[c] for c in shown),
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
        if wrong[true, predicted]:
            from_class, to_class = best.classes[true], best.classes[predicted]
            strips.append(np.concatenate(list(images[indices]), axis=1))  # [28, 28 * n]
            captions.append(f"{from_class.short_name} predicted as {to_class.short_name}: {wrong[true, predicted]:,}")
            alt_texts.append(f"The first {len(indices)} images of {from_class.name} predicted as {to_class.name}")
    if not strips:
        return None
    title = f"The most frequent mistakes of {best.title}, with the first images of each"
    return ImageRow(title, "; ".join(captions), best.provenance, tuple(strips), tuple(captions), tuple(alt_texts))
