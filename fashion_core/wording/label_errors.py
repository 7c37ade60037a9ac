"""Sentences about suspected label errors, their review, and what corrections change."""

from collections.abc import Mapping, Sequence

from fashion_core.wording.numbers import format_count, format_percent
from fashion_core.wording.text import join_with_and

REVIEW_HINT = (
    "Click here once; then press 1 if the label is right, 2 for the suggested class, another number for that class, or "
    "0 if you aren't sure."
)
NO_RUN_TEXT = "Finding label errors needs the probabilities of a finished run, and there is none. Train a network."
CORRECTIONS_TEXT = "The original labels are kept."


def describe_label_errors(n: int, n_images: int, n_reviewed: int) -> str:
    """``n`` of ``n_images`` labels are suspected; ``n_reviewed`` of those were reviewed."""
    if not n:
        return "No label of the test pictures looks wrong."
    reviewed = f" {n_reviewed:,} of them {'is' if n_reviewed == 1 else 'are'} reviewed." if n_reviewed else ""
    return f"{n:,} of {format_count(n_images, 'test label')} may be wrong.{reviewed}"


def describe_decisions(n_confirmed: int, n_changed: int) -> str:
    """What was decided so far about all test labels."""
    if not n_confirmed + n_changed:
        return f"No label is reviewed yet. {CORRECTIONS_TEXT}"
    return f"Reviewed: {n_confirmed:,} confirmed, {n_changed:,} corrected. {CORRECTIONS_TEXT}"


def format_label_choice(n_changed: int | None) -> str:
    """Which labels figures are computed with; None: the original ones."""
    return "original labels" if n_changed is None else f"corrected labels ({n_changed:,} changed)"


def describe_corrections_effect(n_changed: int, accuracies: Mapping[str, tuple[float, float]]) -> str:
    """``accuracies`` of each run with original labels and with corrected ones."""
    if not n_changed:
        return "Labels: corrected, but none has been changed so far."
    changes = [
        f"{name} from {format_percent(before, 2)} to {format_percent(after, 2)}"
        for name, (before, after) in accuracies.items()
    ]
    return f"Labels: corrected, {n_changed:,} changed; accuracy changes: {'; '.join(changes)}."


def describe_emptied_classes(names: Sequence[str]) -> str:
    """``names`` of classes whose test pictures all have another label now."""
    noun = "class" if len(names) == 1 else "classes"
    return f"With the corrected labels, no test picture is left of the {noun} {join_with_and(names)}."


def format_suspect(label: str, number: int, suggested: str) -> str:
    """The caption of a picture whose label may be wrong."""
    return f"{label} {number}\nsuggested: {suggested}"


def format_choice(probability: float, *, is_label: bool, is_suggested: bool) -> str:
    """What stands beside a class to choose."""
    kind = "label, " if is_label else "suggested, " if is_suggested else ""
    return f"{kind}{format_percent(probability)}"
