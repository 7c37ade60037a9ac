"""Sentences about one run's results."""

from fashion_core.analysis.metrics import ClassificationMetrics
from fashion_core.data.classes import CLASS_NAMES
from fashion_core.runs.summary import RunSummary
from fashion_core.wording.text import join_with_and


def describe_best_run(best: RunSummary, title: str = "") -> str:
    """``title`` replaces the run's own."""
    low, high = best.accuracy_interval
    return (
        f"The {title or best.method} classifies {100 * best.metrics.accuracy:.0f} of 100 garments correctly "
        f"({best.metrics.accuracy:.1%}, 95% interval {low:.1%} to {high:.1%})."
    )


def describe_hardest_class(scores: ClassificationMetrics) -> str:
    """The class with the lowest recall and what it is mostly mistaken for."""
    hardest = int(scores.recall.argmin())
    mistakes = scores.confusion[hardest].copy()
    mistakes[hardest] = 0
    text = f"{CLASS_NAMES[hardest]} is the hardest class: recall {scores.recall[hardest]:.1%}"
    return f"{text}, mostly mistaken for {CLASS_NAMES[int(mistakes.argmax())]}." if mistakes.any() else f"{text}."


def describe_never_predicted(scores: ClassificationMetrics) -> str:
    """``never predicts Coat and Shirt``, or ``predicts every class``."""
    names = [CLASS_NAMES[c] for c in scores.never_predicted]
    return f"never predicts {join_with_and(names)}" if names else "predicts every class"
