"""The labels of test pictures: the original ones, or with the visitor's corrections."""

from fashion_core.analysis.predictions import Predictions
from fashion_core.data.label_corrections import LabelCorrections, load_label_corrections
from fashion_core.runs.store import RunEntry
from ui import caches
from ui.errors import show_errors


def load_corrections(run: RunEntry) -> LabelCorrections:
    """What the visitor decided about the labels that ``run`` was tested on; raises ``DataError`` for a damaged file."""
    assert run.record is not None
    data = run.record.data
    return load_label_corrections(data.test_fingerprint, data.n_test, len(data.classes))


def load_readable_corrections(run: RunEntry) -> LabelCorrections | None:
    """The same; None, with the reason on the page, where they can't be read."""
    with show_errors():
        return load_corrections(run)
    return None


def load_test_predictions(run: RunEntry, corrections: LabelCorrections | None) -> Predictions:
    """The run's predictions on its test split, with original labels where ``corrections`` is None."""
    predictions = caches.cached_test_predictions(run)
    return predictions if corrections is None else predictions.with_labels(corrections.apply(predictions.labels))


def count_changed_labels(run: RunEntry, corrections: LabelCorrections) -> int:
    """How many test labels of ``run`` aren't the original ones."""
    return len(corrections.changed_indices(caches.cached_test_predictions(run).labels))
