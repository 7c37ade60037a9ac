"""Why a run never says a class."""

import numpy as np
import streamlit as st

from fashion_core.data.classes import CLASS_NAMES, N_CLASSES
from fashion_core.models.torch_classifier import TorchClassifier
from fashion_core.runs.store import RunEntry
from ui import caches, pickers
from ui.compare.comparison import ComparedRun


def explain_missing_classes(s: ComparedRun) -> list[str]:
    """A sentence for each class that the run never says, or says by default: whether its output unit is dead."""
    lost = s.metrics.never_predicted
    if not lost or pickers.dataset_of_run(s.run) is None:
        return []
    largest = _largest_logits(s.run, f"{s.run.path} {caches.modification_time(s.run.path / 'weights.safetensors')}")
    if largest is None:
        return []
    sentences = []
    for c in range(N_CLASSES):
        dead = largest[c] == 0
        if c in lost and dead:
            sentences.append(f"{s.letter} never says {CLASS_NAMES[c]}: its output unit is dead, 0 on every test image.")
        elif c in lost:
            alive = f"though its output unit is alive: up to {largest[c]:.3g}."
            sentences.append(f"{s.letter} never says {CLASS_NAMES[c]}, {alive}")
        elif dead:
            sentences.append(f"{s.letter} says {CLASS_NAMES[c]} only where all outputs are 0: that unit is dead too.")
    return sentences


@st.cache_data(max_entries=24, show_spinner="Looking at the output units")
def _largest_logits(_run: RunEntry, key: str) -> np.ndarray | None:
    """Largest absolute logit of each class over the test images, float32 [10]; None for a run without logits."""
    classifier = caches.cached_classifier(_run)
    if not isinstance(classifier, TorchClassifier):
        return None
    largest: np.ndarray = np.abs(classifier.logits(caches.current_dataset().published_test_arrays[0])).max(axis=0)
    return largest
