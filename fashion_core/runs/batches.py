"""Runs that were queued together: repeats, a sweep, an experiment."""

from collections.abc import Iterable

from fashion_core.runs.store import RunEntry


def group_into_batches(entries: Iterable[RunEntry]) -> list[list[RunEntry]]:
    """The runs that share a tag, in the order in which they come; every other run is a batch of its own."""
    batches: dict[str, list[RunEntry]] = {}
    for entry in entries:
        tag = entry.record.tag if entry.record is not None else ""
        batches.setdefault(f"tag {tag}" if tag else f"run {entry.id}", []).append(entry)
    return list(batches.values())
