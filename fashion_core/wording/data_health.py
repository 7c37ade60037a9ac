"""Sentences about duplicates, and what leaving out doubtful images changes."""

from collections.abc import Mapping

from fashion_core.wording.numbers import format_count, format_percent


def describe_duplicates(n_exact: int, n_near: int) -> str:
    """``n_near``: test images that are not exact copies but nearly so."""
    verb = "is an exact copy" if n_exact == 1 else "are exact copies"
    near = "is a near duplicate" if n_near == 1 else "are near duplicates"
    exact = f"{format_count(n_exact, 'test image')} {verb}" if n_exact else "No test image is an exact copy"
    return f"{exact} of a train image; {n_near:,} {near}."


def describe_excluded_images(n: int, main_class: str, accuracies: Mapping[str, tuple[float, float]]) -> str:
    """``main_class``: their most frequent class; ``accuracies`` of each run with all images and without these."""
    changes = [
        f"{letter} from {format_percent(before, 2)} to {format_percent(after, 2)}"
        for letter, (before, after) in accuracies.items()
    ]
    left_out = f"{format_count(n, 'image')} {'is' if n == 1 else 'are'} left out, {main_class} most often"
    return f"{left_out}; accuracy changes: {'; '.join(changes)}."
