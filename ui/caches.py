"""What is loaded once and shared by all sessions; each cache is bounded and keyed by content."""

from pathlib import Path

import numpy as np
import streamlit as st

from fashion_core.analysis.predictions import Predictions
from fashion_core.data import Dataset, fashion_mnist, load_dataset
from fashion_core.models.base import Classifier
from fashion_core.recognition.recognizer import Recognizer
from fashion_core.recognition.shipped_recognizer import load_shipped_recognizer
from fashion_core.runs.store import ZOO_FOLDER, RunEntry, RunStore
from fashion_core.runs.summary import ENSEMBLE_RUN_IDS


def current_dataset() -> Dataset:
    """The dataset on this machine; one that is downloaded later is found at the next rerun."""
    return _cached_dataset(fashion_mnist.find_fashion_mnist_folder())


@st.cache_resource(max_entries=2, show_spinner=False)
def _cached_dataset(folder: Path | None) -> Dataset:
    return load_dataset(folder)


def run_store() -> RunStore:
    """The shipped runs and the user's."""
    return RunStore()


def list_runs() -> list[RunEntry]:
    """Every run on disk."""
    return run_store().entries()


def find_run(run_id: str) -> RunEntry | None:
    """The run called ``run_id``; None when it is missing or damaged."""
    return next((e for e in list_runs() if e.id == run_id and e.record is not None), None)


def weights_cache_key(run: RunEntry) -> tuple[str, float]:
    """Changes with the run's weights: a key for caches."""
    return str(run.path), modification_time(run.path / "weights.safetensors")


def test_predictions_cache_key(run: RunEntry) -> tuple[str, float]:
    """Changes with the run's test predictions: a key for caches."""
    return str(run.path), modification_time(run.path / "test.npz")


@st.cache_resource(max_entries=12, show_spinner=False, hash_funcs={RunEntry: weights_cache_key})
def cached_classifier(run: RunEntry) -> Classifier:
    """The run's model; loaded again only when its weights change."""
    return run_store().load_classifier(run)


def cached_recognizer() -> Recognizer:
    """The ensemble of shipped runs; loaded again only when their weights change."""
    return _recognizer(recognizer_cache_key())


def recognizer_cache_key() -> tuple[float, ...]:
    """Changes with the weights of the ensemble: a key for caches."""
    return tuple(modification_time(ZOO_FOLDER / run_id / "weights.safetensors") for run_id in ENSEMBLE_RUN_IDS)


@st.cache_resource(max_entries=2, show_spinner=False)
def _recognizer(key: tuple[float, ...]) -> Recognizer:
    return load_shipped_recognizer(run_store())


@st.cache_resource(max_entries=24, show_spinner=False, hash_funcs={RunEntry: test_predictions_cache_key})
def cached_test_predictions(run: RunEntry) -> Predictions:
    """The run's predictions on its test split."""
    return run_store().load_predictions(run)


def cached_class_mean_images(data: Dataset) -> np.ndarray:
    """Mean train image of each class, float32 [classes, 28, 28]."""
    return _class_means(data, data.fingerprint)


@st.cache_data(max_entries=2, show_spinner=False)
def _class_means(_data: Dataset, fingerprint: str) -> np.ndarray:
    from fashion_core.analysis.class_images import mean_image_by_class

    return mean_image_by_class(_data.split("train"), len(_data.classes))


def modification_time(path: Path) -> float:
    """When the file was last changed; 0 when it is missing, so that reading it raises the error."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
