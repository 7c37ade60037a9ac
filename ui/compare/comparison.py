"""The two runs that are compared, on the same test images."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import streamlit as st

from fashion_core.analysis import compare
from fashion_core.analysis.metrics import ClassificationMetrics
from fashion_core.analysis.predictions import Predictions
from fashion_core.data import Dataset
from fashion_core.data.classes import ClassList
from fashion_core.data.label_corrections import LabelCorrections
from fashion_core.errors import RunError
from fashion_core.runs.store import RunEntry
from fashion_core.wording.label_errors import format_label_choice
from fashion_core.wording.runs import format_run_source
from ui import caches, label_corrections, pickers


@dataclass(frozen=True)
class ComparedRun:
    """One run, its predictions for the compared images, and its metrics. ``letter``: A, B, or a title."""

    letter: str
    run: RunEntry
    predictions: Predictions
    metrics: ClassificationMetrics

    @property
    def has_confidence(self) -> bool:
        """Whether the probabilities say how sure the run is."""
        return pickers.has_confidence(self.run)


@dataclass(frozen=True)
class RunComparison:
    """Runs A and B on the same images, whose ``labels`` are int [n] and indices in the test split int64 [n].

    ``n_excluded`` test images are left out. ``dataset`` is None if the pictures are not on this machine. Labels are the
    original ones without ``corrections``.
    """

    a: ComparedRun
    b: ComparedRun
    labels: np.ndarray
    image_indices: np.ndarray
    n_excluded: int
    dataset: Dataset | None
    corrections: LabelCorrections | None = None

    @property
    def runs(self) -> tuple[ComparedRun, ComparedRun]:
        return self.a, self.b

    @property
    def classes(self) -> ClassList:
        """The classes that both runs were trained for."""
        assert self.a.run.record is not None
        return self.a.run.record.data.class_list

    @property
    def is_same_run(self) -> bool:
        """Whether a run is compared with itself."""
        return self.a.run.id == self.b.run.id

    @cached_property
    def paired_bootstrap_intervals(self) -> compare.PairedBootstrapResult:
        """Intervals of both runs' metrics and of their differences."""
        versions = (*caches.test_predictions_cache_key(self.a.run), *caches.test_predictions_cache_key(self.b.run))
        return _bootstrap(versions, self.image_indices, self.labels, self.a.predictions, self.b.predictions)

    @cached_property
    def mcnemar_accuracy_test(self) -> compare.McNemarResult:
        """Test of the difference in accuracy."""
        return compare.mcnemar_test(self.a.predictions.is_correct, self.b.predictions.is_correct)

    @property
    def provenance(self) -> list[str]:
        """Where the figures come from: both runs, whose labels, and how many images are left out."""
        lines = [f"{compared.letter}: {format_run_source(compared.run)}" for compared in self.runs]
        lines.append(format_label_choice(label_corrections.count_changed_labels(self.a.run, self.corrections)))
        return [*lines, f"{len(self.labels):,} of them, {self.n_excluded:,} left out"] if self.n_excluded else lines


def compare_runs(
    a: RunEntry, b: RunEntry, mask: np.ndarray | None = None, corrections: LabelCorrections | None = None
) -> RunComparison:
    """Compare two finished runs on the test images in ``mask`` bool [n], by default all.

    Raises ``RunError`` if they were scored on different data.
    """
    assert a.record is not None
    if not pickers.scored_on_same_data(b, a):
        raise RunError(
            f"{pickers.run_label(a)} and {pickers.run_label(b)} were scored on different data, so their metrics "
            "can't be compared. Choose two runs on the same data."
        )
    n_test = a.record.data.n_test
    indices = np.arange(n_test) if mask is None else np.flatnonzero(mask)
    first, second = (load_compared_run(*run, indices, corrections) for run in (("A", a), ("B", b)))
    labels, n_excluded = first.predictions.labels, n_test - len(indices)
    return RunComparison(first, second, labels, indices, n_excluded, pickers.dataset_of_run(a), corrections)


def load_compared_run(
    letter: str, run: RunEntry, image_indices: np.ndarray, corrections: LabelCorrections | None
) -> ComparedRun:
    """A run's predictions on these test images; raises ``RunError`` if they can't be read."""
    predictions = label_corrections.load_test_predictions(run, corrections)
    if len(image_indices) < len(predictions.labels):
        predictions = predictions.select(image_indices)
    return ComparedRun(letter, run, predictions, predictions.metrics)


@st.cache_resource(max_entries=24, show_spinner=False)
def _bootstrap(
    versions: tuple[str | float, ...], image_indices: np.ndarray, labels: np.ndarray, _a: Predictions, _b: Predictions
) -> compare.PairedBootstrapResult:
    return compare.paired_bootstrap(labels, _a.predicted, _b.predicted, n_classes=_a.n_classes)
