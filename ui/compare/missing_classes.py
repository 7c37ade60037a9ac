"""Why a run never predicts a class."""

import numpy as np
import streamlit as st

from fashion_core.models.network_classifier import NetworkClassifier
from fashion_core.runs.store import RunEntry
from fashion_core.wording.training import describe_never_predicted_cause
from ui import caches, pickers
from ui.compare.comparison import ComparedRun

MAX_EXPLAINED_CLASSES = 10


def explain_never_predicted_classes(compared: ComparedRun) -> list[str]:
    """A sentence for each class that the run never predicts, or only by default: whether its output unit is dead."""
    missing, run = compared.metrics.never_predicted, compared.run
    if not missing or run.record is None or pickers.dataset_of_run(run) is None:
        return []
    classes = run.record.data.class_list
    weights = caches.modification_time(run.path / "weights.safetensors")
    largest = _largest_logits(run, f"{run.path} {weights} {run.record.data.test_fingerprint}")
    if largest is None:
        return []
    sentences = [
        describe_never_predicted_cause(compared.letter, classes[c].name, float(value), is_missing=c in missing)
        for c, value in enumerate(largest)
    ]
    return [sentence for sentence in sentences if sentence][:MAX_EXPLAINED_CLASSES]


@st.cache_data(max_entries=24, show_spinner="Computing the largest outputs")
def _largest_logits(_run: RunEntry, key: str) -> np.ndarray | None:
    """Largest absolute logit of each class over the test images, float32 [classes]; None for a run without logits."""
    classifier = caches.cached_classifier(_run)
    if not isinstance(classifier, NetworkClassifier):
        return None
    largest: np.ndarray = np.abs(classifier.logits(caches.current_dataset().published_test_arrays[0])).max(axis=0)
    return largest
