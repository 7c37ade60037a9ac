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
class Side:
    """One run: its probabilities and labels, its answers int64 [n], and its figures."""

    letter: str
    run: RunEntry
    predictions: Predictions
    answers: np.ndarray
    scored: metrics.Metrics

    @cached_property
    def right(self) -> np.ndarray:
        """Which images it has right, bool [n]."""
        return self.answers == self.predictions.labels

    @cached_property
    def confidence(self) -> np.ndarray:
        """Its largest probability of each image, float32 [n]."""
        return self.predictions.probabilities.max(axis=1)


@dataclass(frozen=True)
class Pair:
    """Runs A and B on the same ``labels`` int [n]; ``places`` int64 [n] are the images' in the test split, of which
    ``left_out`` are not among them; ``dataset`` holds the pictures, None when they are not at hand."""

    a: Side
    b: Side
    labels: np.ndarray
    places: np.ndarray
    left_out: int
    dataset: Dataset | None

    @property
    def sides(self) -> tuple[Side, Side]:
        """Both."""
        return self.a, self.b

    @property
    def same(self) -> bool:
        """Whether a run is compared with itself."""
        return self.a.run.id == self.b.run.id

    @cached_property
    def bootstrap(self) -> compare.Bootstrap:
        """Intervals of both and of the difference."""
        return _bootstrap(*_keys(self), self.places.tobytes(), self.labels, self.a.answers, self.b.answers)

    @cached_property
    def test(self) -> compare.McNemar:
        """Whether the difference may be chance."""
        return compare.mcnemar(self.a.right, self.b.right)


def pair(a: RunEntry, b: RunEntry, keep: np.ndarray | None = None) -> Pair:
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
    places = np.arange(a.record.data.n_test) if keep is None else np.flatnonzero(keep)
    first, second = side("A", a, places), side("B", b, places)
    return Pair(
        first, second, first.predictions.labels, places, a.record.data.n_test - len(places), pickers.pictures_of(a)
    )


def side(letter: str, run: RunEntry, places: np.ndarray) -> Side:
    """A run's answers on the test images at ``places``; raises ``RunError`` when they cannot be read."""
    everything = caches.predictions(run)
    predictions = everything
    if len(places) < len(everything.labels):
        predictions = Predictions(everything.probabilities[places], everything.labels[places])
    answers = predictions.probabilities.argmax(axis=1)
    return Side(letter, run, predictions, answers, metrics.compute(predictions.labels, answers))


def _keys(pair: Pair) -> tuple[str, str]:
    first, second = (f"{s.run.path} {caches.stamp(s.run.path / 'test.npz')}" for s in pair.sides)
    return first, second


@st.cache_resource(max_entries=24, show_spinner=False)
def _bootstrap(a: str, b: str, places: bytes, _labels: np.ndarray, _a: np.ndarray, _b: np.ndarray) -> compare.Bootstrap:
    return compare.bootstrap(_labels, _a, _b)
