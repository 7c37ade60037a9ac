"""Figure 5: confusion matrices, the most frequent mistakes as pictures, and recall by class."""

from collections.abc import Sequence

import numpy as np

from fashion_core.analysis import metrics
from fashion_core.data.labels import N_CLASSES, NAMES, SHORT_NAMES
from fashion_core.report.content import Bars, Block, Matrix, Pictures, Section, Series, percent
from fashion_core.report.evidence import WILSON, Evidence, Result, source
from fashion_core.report.sections import LeftOut
from fashion_core.runs import summary

MISTAKES, GARMENTS = 4, 8  # kinds of mistake shown, and garments of each


def section(evidence: Evidence) -> Section:
    """A matrix a run, but for those with the output fault, which have a section of their own."""
    sound = [result for result in evidence.results if not result.relu]
    if not sound:
        raise LeftOut("every chosen run has a ReLU on its outputs, which the section on failure is about.")
    best = max(sound, key=lambda result: result.row.scored.accuracy)
    blocks: list[Block] = [matrix(result, "Figure 5") for result in sound]
    if evidence.images is not None and (mistakes := _mistakes(evidence, best, evidence.images)):
        blocks.append(mistakes)
    blocks.append(recalls(sound, "Recall by class"))
    finding = f"{best.title}: {summary.hardest(best.row.scored)}"
    return Section("confusion", "What is taken for what", finding, f"{best.source}; {WILSON}", tuple(blocks))


def matrix(result: Result, figure: str = "") -> Matrix:
    """A run's matrix; ``figure`` is its number on the poster."""
    scored = result.row.scored
    return Matrix(
        f"{figure}. {result.title}" if figure else result.title,
        f"Confusion matrix of {result.title}, which {summary.never(scored)}. {summary.hardest(scored)}",
        result.source,
        result.title,
        scored.confusion,
        result.answers,
        result.confidence,
    )


def recalls(results: Sequence[Result], title: str, *, detail: bool = False) -> Bars:
    """Recall of each class with its interval, a series a run."""
    series = []
    for result in results:
        scored = result.row.scored
        right = np.diag(scored.confusion)
        low, high = zip(
            *(metrics.wilson(int(k), max(int(n), 1)) for k, n in zip(right, scored.support, strict=True)), strict=True
        )
        series.append(Series(result.title, scored.recall, np.array(low), np.array(high)))
    words = "; ".join(
        f"{s.name} from {percent(s.values.min())} ({NAMES[int(s.values.argmin())]}) to {percent(s.values.max())} "
        f"({NAMES[int(s.values.argmax())]})"
        for s in series
    )
    return Bars(title, words, source(results, WILSON), SHORT_NAMES, tuple(series), "Recall", detail=detail)


def _mistakes(evidence: Evidence, best: Result, images: np.ndarray) -> Pictures | None:
    wrong = best.row.scored.confusion.copy()
    np.fill_diagonal(wrong, 0)
    cells = [divmod(int(cell), N_CLASSES) for cell in np.argsort(-wrong, axis=None, kind="stable")[:MISTAKES]]
    shown = []
    for i, j in cells:
        places = np.flatnonzero((evidence.labels == i) & (best.answers == j))[:GARMENTS]
        if len(places):
            words = f"{NAMES[i]} taken for {NAMES[j]}"
            strip = np.concatenate(list(images[places]), axis=1)  # [28, 28 * garments]
            shown.append((strip, f"{words}: {wrong[i, j]:,}", f"The first {len(places)} garments of {words}"))
    if not shown:
        return None
    strips, captions, alternatives = zip(*shown, strict=True)
    title = f"The most frequent mistakes of {best.title}, the first garments of each"
    return Pictures(title, "; ".join(captions), best.source, strips, captions, alternatives)
