"""Sentences about adding pictures to a catalogue, and what a run gains from them."""

from fashion_core.data.importing.growing import AddedPictures
from fashion_core.runs.record import RunRecord
from fashion_core.wording.numbers import format_count, format_percent, format_percentage_points
from fashion_core.wording.runs import format_tested_pictures

GROWN_SUFFIX = "trained again"  # in the title of a run
N_REASONS = 3


def describe_corrections(n: int, n_checked: int) -> str:
    """How many pictures can be corrected, and how many were."""
    return f"Say what each of {format_count(n, 'picture')} shows, the least certain first; {n_checked:,} checked."


def describe_unchecked(n: int) -> str:
    """The choice to add pictures that nobody checked."""
    return f"Also {format_count(n, 'picture')} that you haven't checked"


def describe_addition(added: AddedPictures) -> str:
    """How many pictures are in the catalogue now, and which are not."""
    text = (
        f"{format_count(added.n_added, 'picture')} {'was' if added.n_added == 1 else 'were'} added to "
        f"{added.catalogue.title}. The test pictures are the same as before."
    )
    if added.left_out:
        reasons = [f"{name}: {reason}" for name, reason in added.left_out[:N_REASONS]]
        more = f" And {len(added.left_out) - N_REASONS:,} more." if len(added.left_out) > N_REASONS else ""
        text += f" Left out: {' '.join(reasons)}{more}"
    return text


def describe_before_and_after(before: RunRecord, after: RunRecord) -> str:
    """The accuracy of two finished runs, on the same test pictures or said not to be."""
    old, new = before.metrics["accuracy"], after.metrics["accuracy"]
    if before.data.test_fingerprint != after.data.test_fingerprint:
        changed = "classes" if before.data.classes != after.data.classes else "test pictures"
        return (
            f"The new run classifies {format_percent(new)} of {after.data.n_test:,} test pictures correctly. The "
            f"{changed} have changed, so that can't be compared with the run before."
        )
    return (
        f"Before: {format_percent(old)}, after: {format_percent(new)} of the same {format_tested_pictures(after.data)} "
        f"are classified correctly ({format_percentage_points(new - old)})."
    )
