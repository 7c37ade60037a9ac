"""Sentences about two runs, and about several, on the same images."""

from collections.abc import Sequence

from fashion_core.analysis.compare import (
    INTERVAL_CONFIDENCE_LEVEL,
    ConfidenceInterval,
    McNemarResult,
    PairedBootstrapResult,
)
from fashion_core.analysis.metrics import ClassificationMetrics
from fashion_core.data.classes import ClassList
from fashion_core.wording.numbers import (
    format_p_value,
    format_percent,
    format_percentage_points,
    format_range,
    format_with_range,
)
from fashion_core.wording.runs import describe_never_predicted
from fashion_core.wording.text import join_with_and

NO_CONFIDENCE_TEXT = "k-means gives distances to clusters, not probabilities, so there is no confidence to check."


def describe_comparison(title_a: str, title_b: str, bootstrap: PairedBootstrapResult, test: McNemarResult) -> str:
    """How many of A's mistakes B fixes, how many new ones it makes, and whether the difference is significant."""
    significance = "statistically significant" if test.is_significant else "not statistically significant"
    accuracy = bootstrap.difference["accuracy"]
    return (
        f"{title_b} fixes {test.n_fixed:,} of {title_a}'s mistakes and makes {test.n_new_mistakes:,} new ones "
        f"({format_percentage_points(accuracy.estimate)}, {INTERVAL_CONFIDENCE_LEVEL:.0%} interval "
        f"{format_range(100 * accuracy.low, 100 * accuracy.high)}, {significance})."
    )


def describe_significance(test: McNemarResult) -> str:
    """McNemar's test in a sentence."""
    return (
        f"McNemar's exact test: {test.n_fixed + test.n_new_mistakes:,} garments are classified correctly by one run "
        f"alone, {test.n_fixed:,} by B and {test.n_new_mistakes:,} by A; {format_p_value(test.p_value)}."
    )


def describe_significant_classes(names: Sequence[str], n_classes: int) -> str:
    """``names``: those of all ``n_classes`` classes whose change is significant."""
    if not names:
        return "The change is statistically significant in no class."
    return f"The change is statistically significant in {len(names)} of {n_classes} classes: {join_with_and(names)}."


def format_percent_interval(interval: ConfidenceInterval) -> str:
    """``94.87 (94.44 to 95.30)``, in percent."""
    return format_with_range(100 * interval.estimate, 100 * interval.low, 100 * interval.high, digits=2)


def describe_correctness_pattern(pattern: Sequence[bool], run_titles: Sequence[str]) -> str:
    """Which runs classify a garment correctly, to follow ``12 garments``."""
    correct = [title for title, is_correct in zip(run_titles, pattern, strict=True) if is_correct]
    if not correct:
        return "that every run misclassifies: suspected label errors"
    if len(correct) == len(run_titles):
        return "that every run classifies correctly"
    return f"that only {join_with_and(correct)} {'classifies' if len(correct) == 1 else 'classify'} correctly"


def describe_agreement(n_runs: int, all_correct: float, n_all_wrong: int) -> str:
    """``all_correct``: fraction of garments on which every run is correct."""
    runs = "Both" if n_runs == 2 else f"All {n_runs}"
    correct = f"{runs} runs are correct on {format_percent(all_correct)} of the garments"
    if not n_all_wrong:
        return f"{correct}, and on no garment are all of them wrong."
    labels = "whose label may be an error" if n_all_wrong == 1 else "whose labels may be errors"
    return f"{correct} and wrong on {n_all_wrong:,}, {labels}."


def describe_calibration(letter: str, overconfidence: float, error: float, error_before: float | None = None) -> str:
    """``error``: expected calibration error; ``error_before`` temperature scaling."""
    before = "" if error_before is None else f", {format_percent(error_before)} before temperature scaling"
    kind = "overconfident" if overconfidence > 0 else "underconfident"
    return f"{letter} is {kind}: expected calibration error {format_percent(error)}{before}"


def describe_matrix_cell(letter: str, row: int | None, column: int | None, classes: ClassList) -> str:
    """The garments in a cell of run ``letter``'s confusion matrix, or in a row or column; follows ``12 garments``.

    -1 stands for all classes that the matrix doesn't show.
    """
    names = {-1: "another class"} | {c.index: c.name for c in classes}
    if row is None:
        return f"predicted as {names[column or 0]} by {letter}"
    of_class = "of another class" if row == -1 else f"of class {names[row]}"
    if column is None:
        return f"{of_class}, as predicted by {letter}"
    if row == column == -1:
        return f"{of_class} that {letter} predicts as another class too, rightly or wrongly"
    return f"{of_class} that {letter} {'classifies correctly' if row == column else f'predicts as {names[column]}'}"


def describe_difference_cell(row: int | None, column: int | None, classes: ClassList) -> str:
    """The garments in a cell, row or column of the difference of runs A and B; the numbers are as for
    ``describe_matrix_cell``."""
    names = {-1: "another class"} | {c.index: c.name for c in classes}
    of_class = "" if row is None else f" {names[row]}"
    predicted = "" if column is None else f" predicted as {names[column]} by A or B"
    return f"Garments{' of class' if of_class else ''}{of_class}{predicted}"


def describe_change_of_confusion(row: int, column: int, n_a: int, n_b: int, classes: ClassList) -> str:
    """``Shirt predicted as Coat: 74 by A, 47 by B``."""
    return f"{classes[row].name} predicted as {classes[column].name}: {n_a:,} by A, {n_b:,} by B"


def describe_run_metrics(letter: str, title: str, scores: ClassificationMetrics, classes: ClassList) -> str:
    """``A: CNN, accuracy 92.6%, predicts every class``."""
    never_predicted = describe_never_predicted(scores, classes)
    return f"{letter}: {title}, accuracy {format_percent(scores.accuracy)}, {never_predicted}"
