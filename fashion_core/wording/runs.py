"""Sentences about one run's results."""

from typing import Literal

import numpy as np

from fashion_core.analysis.metrics import ClassificationMetrics
from fashion_core.data.classes import ClassList
from fashion_core.runs.record import DataInfo, RunRecord
from fashion_core.runs.store import RunEntry
from fashion_core.runs.summary import RunSummary
from fashion_core.wording.numbers import format_cross_validation, format_percent, format_percent_range, to_percent
from fashion_core.wording.text import join_with_and


def summarize_accuracy(run: RunSummary) -> str:
    """How accurate a run is, as a title."""
    return f"{to_percent(run.metrics.accuracy):.0f} of 100 garments are classified correctly"


def describe_best_run(best: RunSummary, title: str = "") -> str:
    """``title`` replaces the run's own."""
    return (
        f"{title or best.method} classifies {to_percent(best.metrics.accuracy):.0f} of 100 garments correctly "
        f"({format_percent(best.metrics.accuracy)}, 95% interval {format_percent_range(*best.accuracy_interval)})."
    )


def summarize_hardest_class(scores: ClassificationMetrics, classes: ClassList) -> str:
    """The class with the lowest recall, as a title."""
    if scores.accuracy == 1:
        return "No class is confused with another"
    hardest = _hardest_class(scores)
    recall = format_percent(scores.recall[hardest])
    return f"{classes[hardest].short_name} is the hardest class: {recall} are recognised"


def _hardest_class(scores: ClassificationMetrics) -> int:
    """The class with the lowest recall, of those with test images."""
    return int(np.where(scores.support > 0, scores.recall, np.inf).argmin())


def describe_hardest_class(scores: ClassificationMetrics, classes: ClassList) -> str:
    """The class with the lowest recall, of those with test images, and what it is mostly mistaken for."""
    if scores.accuracy == 1:
        return "Every image is classified correctly."
    hardest = _hardest_class(scores)
    mistakes = scores.confusion[hardest].copy()
    mistakes[hardest] = 0
    text = f"{classes[hardest].name} is the hardest class: recall {format_percent(scores.recall[hardest])}"
    return f"{text}, mostly mistaken for {classes[int(mistakes.argmax())].name}." if mistakes.any() else f"{text}."


def describe_never_predicted(scores: ClassificationMetrics, classes: ClassList) -> str:
    """``never predicts Coat and Shirt``, or ``predicts every class``."""
    names = [classes[c].name for c in scores.never_predicted]
    return f"never predicts {join_with_and(names)}" if names else "predicts every class"


def format_tested_pictures(data: DataInfo) -> str:
    """``40 test pictures``, or ``200 pictures in 5-fold cross-validation``."""
    if data.n_folds:
        return f"{data.n_test:,} pictures in {data.n_folds}-fold cross-validation"
    return f"{data.n_test:,} test pictures"


def format_test_accuracy(record: RunRecord) -> str:
    """``test accuracy 83.10% of 1,000``, or ``accuracy 83.10% of 200 pictures in 5-fold cross-validation``."""
    accuracy = format_percent(record.metrics["accuracy"], 2)
    if record.data.n_folds:
        return f"accuracy {accuracy} of {format_tested_pictures(record.data)}"
    return f"test accuracy {accuracy} of {record.data.n_test:,}"


def format_split(data: DataInfo, split: Literal["train", "validation", "test"]) -> str:
    """``Fashion-MNIST test, n = 10,000``, or ``Shoes, 5-fold cross-validation on 200 pictures``."""
    if data.n_folds and split == "test":
        return f"{data.title}, {format_cross_validation(data.n_folds, data.n_test)}"
    return f"{data.title} {split}, n = {getattr(data, f'n_{split}'):,}"


def format_run_source(*runs: RunEntry) -> str:
    """Where figures come from: ``run cnn, seed 0, Fashion-MNIST test, n = 10,000``."""
    records = [run.record for run in runs if run.record is not None]
    tested = sorted({format_split(record.data, "test") for record in records})
    seeds = sorted({record.config.seed for record in records})
    return (
        f"{'run' if len(records) == 1 else 'runs'} {', '.join(record.id for record in records)}, "
        f"seed {', '.join(map(str, seeds))}, {join_with_and(tested)}"
    )


def describe_run_accuracy(record: RunRecord) -> str:
    """``run mine, 83.0% of 120 test pictures of Shoes correct``."""
    accuracy, pictures = format_percent(record.metrics["accuracy"]), format_tested_pictures(record.data)
    return f"run {record.id}, {accuracy} of {pictures} of {record.data.title} correct"
