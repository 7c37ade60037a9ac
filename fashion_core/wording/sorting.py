"""Sentences about sorting a folder: the promise, what was done, and what was undone."""

from fashion_core.analysis.feasibility import TARGET_GUARANTEE_PROBABILITY
from fashion_core.sorting.promise import SortingPromise
from fashion_core.sorting.sort import SortProgress
from fashion_core.sorting.undo import UndoResult
from fashion_core.wording.numbers import format_count, format_percent
from fashion_core.wording.text import to_single_line

DECISION_TITLES = {
    "automatic": "sorted by the model",
    "check": "to check in check/",
    "none": "of none of the classes in none/",
    "unreadable": "not sorted: see the column error",
}
TABLE_DECISION_TITLES = DECISION_TITLES | {"check": "to check", "none": "of none of the classes"}


def describe_sorting_promise(promise: SortingPromise) -> str:
    """What holds for the pictures that are sorted automatically, and for which pictures it was measured."""
    goal, certainty = format_percent(promise.target), format_percent(TARGET_GUARANTEE_PROBABILITY, 0)
    pictures = f"{promise.n:,} pictures ({promise.reference})"
    if promise.threshold is None:
        return (
            f"{promise.run} can't assure {goal} correct: of {pictures}, too many of the most confident answers are "
            "wrong, or there are too few. All pictures go into check/. Choose a lower target, or choose the "
            "threshold on more labelled pictures."
        )
    return (
        f"At least {goal} of the automatically sorted pictures are correct with {certainty} certainty, if they are "
        f"like the {pictures} on which the threshold {promise.threshold:.3f} was chosen: "
        f"{format_percent(promise.n_automated / promise.n)} of those reach it."
    )


def describe_sort(progress: SortProgress, table: str = "") -> str:
    """``table``: where the decisions are, if nothing else was written.

    ``200 of 1,200 pictures were sorted earlier. Now: 900 sorted by the model, 100 to check in check/.``"""
    titles = TABLE_DECISION_TITLES if table else DECISION_TITLES
    parts = [f"{progress.decisions[name]:,} {title}" for name, title in titles.items() if name in progress.decisions]
    sentences = []
    if progress.n_resumed:
        sentences.append(f"Finished {format_count(progress.n_resumed, 'picture')} of an interrupted run.")
    if progress.n_known:
        sentences.append(f"{progress.n_known:,} of {format_count(progress.n, 'picture')} were sorted earlier.")
    now = "Now: " if sentences else ""
    sentences.append(f"{now}{', '.join(parts)}." if parts else "There is nothing new to sort.")
    if progress.n_failed:
        sentences.append(
            f"{format_count(progress.n_failed, 'file')} of these couldn't be transferred; the next run tries again."
        )
    if table:
        sentences.append(f"The decisions are in {to_single_line(table)}.")
    return " ".join(sentences)


def describe_undo(result: UndoResult) -> str:
    """How many files were restored, and which were kept."""
    sentences = [f"{format_count(result.n_restored, 'picture')} restored."]
    if result.n_missing:
        sentences.append(f"{result.n_missing:,} were not there any more.")
    if result.n_kept:
        names = ", ".join(to_single_line(str(path)) for path in result.kept)
        more = f" and {result.n_kept - len(result.kept):,} others" if result.n_kept > len(result.kept) else ""
        sentences.append(
            f"{result.n_kept:,} stay because they were changed, or their original is gone or replaced: {names}{more}."
        )
    return " ".join(sentences)
