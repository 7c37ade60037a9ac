"""Sentences about duplicates, and what leaving out doubtful images changes."""

from collections.abc import Mapping

from fashion_core.wording.numbers import format_percent


def describe_duplicates(n_exact: int, n_near: int) -> str:
    """``n_near``: test images that are not exact copies but nearly so."""
    exact = "No test image is an exact copy" if not n_exact else f"{n_exact:,} test images are exact copies"
    return f"{exact} of a train image; {n_near:,} are near duplicates."


def describe_excluded_images(n: int, main_class: str, accuracies: Mapping[str, tuple[float, float]]) -> str:
    """``main_class``: the class of most of them; ``accuracies`` of each run with all images and without these."""
    changes = [
        f"{letter} from {format_percent(before, 2)} to {format_percent(after, 2)}"
        for letter, (before, after) in accuracies.items()
    ]
    return f"{n:,} images are left out, most of them {main_class}; accuracy changes: {'; '.join(changes)}."
