"""Runs that did what was suggested for an earlier one."""

from collections.abc import Iterable

from fashion_core.analysis.suggestions import SuggestionKind
from fashion_core.runs.record import RunRecord
from fashion_core.runs.store import RunEntry


def find_followed_advice(run: RunEntry, others: Iterable[RunEntry]) -> tuple[SuggestionKind, RunEntry] | None:
    """The newest finished run of the same model and data that changed what a suggestion is about, with its kind.

    None if there is none.
    """
    assert run.record is not None
    followed = [
        (other.record.created, kind, other)
        for other in others
        if other.record is not None and other.has_predictions and (kind := _followed_kind(run.record, other.record))
    ]
    return max(followed, key=lambda each: each[0])[1:] if followed else None


def _followed_kind(old: RunRecord, new: RunRecord) -> SuggestionKind | None:
    same = old.model == new.model and (old.data.source, old.data.name) == (new.data.source, new.data.name)
    if not same or new.created <= old.created:
        return None
    if set(new.data.classes) < set(old.data.classes):
        return "merge"
    if new.data.classes == old.data.classes and new.data.n_train > old.data.n_train:
        return "collect"
    n_passes = [record.config.epochs * record.config.passes_per_epoch for record in (old, new)]
    is_longer = new.data.fingerprint == old.data.fingerprint and n_passes[1] > n_passes[0]
    return "train" if is_longer and not new.members else None
