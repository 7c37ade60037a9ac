"""Figure 5: confusion matrices, the most frequent mistakes as pictures, and recall by class."""

from collections.abc import Sequence

import numpy as np

from fashion_core.analysis import metrics
from fashion_core.data.classes import CLASS_NAMES, N_CLASSES, SHORT_CLASS_NAMES
from fashion_core.report.content import (
    BarChart,
    ChartSeries,
    ConfusionMatrixFigure,
    ImageRow,
    ReportBlock,
    ReportSection,
)
from fashion_core.report.inputs import WILSON_INTERVAL_NOTE, ReportInputs, RunResult, format_provenance
from fashion_core.report.sections import SectionUnavailable
from fashion_core.wording.numbers import format_percent
from fashion_core.wording.runs import describe_hardest_class, describe_never_predicted

MISTAKE_KINDS_SHOWN, IMAGES_PER_MISTAKE = 4, 8  # kinds of mistake shown, and garments of each


def build_confusion_section(evidence: ReportInputs) -> ReportSection:
    """A matrix a run, but for those with the output fault, which have a section of their own."""
    sound = [result for result in evidence.results if not result.has_relu_output]
    if not sound:
        raise SectionUnavailable("every chosen run has a ReLU on its outputs, which the section on failure is about.")
    best = max(sound, key=lambda result: result.summary.metrics.accuracy)
    blocks: list[ReportBlock] = [build_matrix_figure(result, "Figure 5") for result in sound]
    if evidence.test_images is not None and (mistakes := _mistakes(evidence, best, evidence.test_images)):
        blocks.append(mistakes)
    blocks.append(build_recall_chart(sound, "Recall by class"))
    finding = f"{best.title}: {describe_hardest_class(best.summary.metrics)}"
    return ReportSection(
        "confusion", "What is taken for what", finding, f"{best.provenance}; {WILSON_INTERVAL_NOTE}", tuple(blocks)
    )


def build_matrix_figure(result: RunResult, figure: str = "") -> ConfusionMatrixFigure:
    """A run's matrix; ``figure`` is its number on the poster."""
    scored = result.summary.metrics
    return ConfusionMatrixFigure(
        f"{figure}. {result.title}" if figure else result.title,
        f"Confusion matrix of {result.title}, which {describe_never_predicted(scored)}. {describe_hardest_class(scored)}",
        result.provenance,
        result.title,
        scored.confusion,
        result.predicted_classes,
        result.confidence,
    )


def build_recall_chart(results: Sequence[RunResult], title: str, *, detail: bool = False) -> BarChart:
    """Recall of each class with its interval, a series a run."""
    series = []
    for result in results:
        scored = result.summary.metrics
        right = np.diag(scored.confusion)
        low, high = zip(
            *(metrics.wilson_interval(int(k), max(int(n), 1)) for k, n in zip(right, scored.support, strict=True)),
            strict=True,
        )
        series.append(ChartSeries(result.title, scored.recall, np.array(low), np.array(high)))
    words = "; ".join(
        f"{s.name} from {format_percent(s.values.min())} ({CLASS_NAMES[int(s.values.argmin())]}) to {format_percent(s.values.max())} "
        f"({CLASS_NAMES[int(s.values.argmax())]})"
        for s in series
    )
    return BarChart(
        title,
        words,
        format_provenance(results, WILSON_INTERVAL_NOTE),
        SHORT_CLASS_NAMES,
        tuple(series),
        "Recall",
        is_detail=detail,
    )


def _mistakes(evidence: ReportInputs, best: RunResult, images: np.ndarray) -> ImageRow | None:
    wrong = best.summary.metrics.confusion.copy()
    np.fill_diagonal(wrong, 0)
    cells = [
        divmod(int(cell), N_CLASSES) for cell in np.argsort(-wrong, axis=None, kind="stable")[:MISTAKE_KINDS_SHOWN]
    ]
    shown = []
    for i, j in cells:
        places = np.flatnonzero((evidence.test_labels == i) & (best.predicted_classes == j))[:IMAGES_PER_MISTAKE]
        if len(places):
            words = f"{CLASS_NAMES[i]} taken for {CLASS_NAMES[j]}"
            strip = np.concatenate(list(images[places]), axis=1)  # [28, 28 * garments]
            shown.append((strip, f"{words}: {wrong[i, j]:,}", f"The first {len(places)} garments of {words}"))
    if not shown:
        return None
    strips, captions, alternatives = zip(*shown, strict=True)
    title = f"The most frequent mistakes of {best.title}, the first garments of each"
    return ImageRow(title, "; ".join(captions), best.provenance, strips, captions, alternatives)
