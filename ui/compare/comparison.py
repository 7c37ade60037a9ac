"""The two runs that are compared, and what they say of the same test images."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import streamlit as st

from fashion_core.analysis import compare, metrics
from fashion_core.analysis.predictions import Predictions
from fashion_core.data import Dataset
from fashion_core.errors import RunError
from fashion_core.runs.store import RunEntry
from ui import caches, pickers


@dataclass(frozen=True)
class ComparedRun:
    """One run: its probabilities and labels, its answers int64 [n], and its figures."""

    letter: str
    run: RunEntry
    predictions: Predictions
    predicted_classes: np.ndarray
    metrics: metrics.ClassificationMetrics

    @cached_property
    def correct(self) -> np.ndarray:
        """Which images it has right, bool [n]."""
        return self.predicted_classes == self.predictions.labels

    @cached_property
    def confidence(self) -> np.ndarray:
        """Its largest probability of each image, float32 [n]."""
        return self.predictions.probabilities.max(axis=1)


@dataclass(frozen=True)
class RunComparison:
    """Runs A and B on the same ``labels`` int [n]; ``places`` int64 [n] are the images' in the test split, of which
    ``left_out`` are not among them; ``dataset`` holds the pictures, None when they are not at hand."""

    a: ComparedRun
    b: ComparedRun
    labels: np.ndarray
    image_indices: np.ndarray
    n_excluded: int
    dataset: Dataset | None

    @property
    def runs(self) -> tuple[ComparedRun, ComparedRun]:
        """Both."""
        return self.a, self.b

    @property
    def is_same_run(self) -> bool:
        """Whether a run is compared with itself."""
        return self.a.run.id == self.b.run.id

    @cached_property
    def bootstrap(self) -> compare.PairedBootstrapResult:
        """Intervals of both and of the difference."""
        return _bootstrap(
            *_keys(self), self.image_indices.tobytes(), self.labels, self.a.predicted_classes, self.b.predicted_classes
        )

    @cached_property
    def mcnemar(self) -> compare.McNemarResult:
        """Whether the difference may be chance."""
        return compare.mcnemar_test(self.a.correct, self.b.correct)


def compare_runs(a: RunEntry, b: RunEntry, mask: np.ndarray | None = None) -> RunComparison:
    """Put two finished runs side by side, on the test images of ``keep`` bool [n] if given.

    Raises ``RunError`` when they were scored on different data.
    """
    assert a.record is not None
    assert b.record is not None
    if a.record.data.fingerprint != b.record.data.fingerprint:
        raise RunError(
            f"{pickers.run_label(a)} and {pickers.run_label(b)} were scored on different data, so their figures "
            "cannot be compared. Choose two runs on the same data."
        )
    places = np.arange(a.record.data.n_test) if mask is None else np.flatnonzero(mask)
    first, second = load_compared_run("A", a, places), load_compared_run("B", b, places)
    return RunComparison(
        first, second, first.predictions.labels, places, a.record.data.n_test - len(places), pickers.dataset_of_run(a)
    )


def load_compared_run(letter: str, run: RunEntry, image_indices: np.ndarray) -> ComparedRun:
    """A run's answers on the test images at ``places``; raises ``RunError`` when they cannot be read."""
    everything = caches.cached_test_predictions(run)
    predictions = everything
    if len(image_indices) < len(everything.labels):
        predictions = Predictions(everything.probabilities[image_indices], everything.labels[image_indices])
    answers = predictions.probabilities.argmax(axis=1)
    return ComparedRun(letter, run, predictions, answers, metrics.classification_metrics(predictions.labels, answers))


def _keys(pair: RunComparison) -> tuple[str, str]:
    first, second = (f"{s.run.path} {caches.modification_time(s.run.path / 'test.npz')}" for s in pair.runs)
    return first, second


@st.cache_resource(max_entries=24, show_spinner=False)
def _bootstrap(
    a: str, b: str, places: bytes, _labels: np.ndarray, _a: np.ndarray, _b: np.ndarray
) -> compare.PairedBootstrapResult:
    return compare.paired_bootstrap(_labels, _a, _b)
