"""What is loaded once and shared by all sessions; each cache is bounded and keyed by content."""

import os
import time
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from threading import Thread

import numpy as np
import streamlit as st

from fashion_core.analysis.predictions import Predictions
from fashion_core.data import Dataset, fashion_mnist, load_dataset
from fashion_core.data.catalogue import Catalogue, catalogues_folder, is_catalogue_id
from fashion_core.data.catalogue_values import DATASET_FILE
from fashion_core.data.dataset import SplitName
from fashion_core.data.loading import DEFAULT_DATASET_NAME
from fashion_core.errors import DamagedResultError, DataError, FashionError
from fashion_core.models.base import Classifier
from fashion_core.recognition.recognizer import Recognizer
from fashion_core.recognition.shipped_recognizer import load_shipped_recognizer
from fashion_core.runs.store import ZOO_FOLDER, RunEntry, RunStore, hash_weights
from fashion_core.runs.summary import RECOGNITION_RUN_IDS
from fashion_core.vision.preparation import PreparationOptions, prepare_picture
from ui import visitors  # noqa: F401 -- says who asks

DATASET_NAME_KEY = "dataset-name"  # session key: the name of the data set that the pages show


def current_dataset_name() -> str:
    """Name of the data set that was chosen in the sidebar or the address."""
    return str(st.session_state.get(DATASET_NAME_KEY, DEFAULT_DATASET_NAME))


def current_dataset() -> Dataset:
    """The data set that was chosen; what changes on the disk is found at the next rerun.

    Raises ``DataError`` when it is a catalogue that is gone or can't be read.
    """
    name = current_dataset_name()
    if name == DEFAULT_DATASET_NAME:
        return _default_dataset()
    folder = catalogues_folder() / name
    return _cached_catalogue(str(folder), _file_version(folder / DATASET_FILE))


def list_dataset_titles() -> dict[str, str]:
    """Title of every data set that can be chosen, by name: Fashion-MNIST or sample data first, then the catalogues."""
    titles = {DEFAULT_DATASET_NAME: _default_dataset().title}
    try:
        folders = sorted(path for path in catalogues_folder().iterdir() if is_catalogue_id(path.name))
    except OSError:  # there is none yet
        return titles
    for folder in folders:
        title = _cached_catalogue_title(str(folder), _file_version(folder / DATASET_FILE))
        if title is not None:
            titles[folder.name] = f"{title} ({folder.name})" if title in titles.values() else title
    return titles


@st.cache_resource(max_entries=50, show_spinner=False)  # visitors of a classroom each have their own
def _cached_catalogue(folder: str, version: tuple[int, int]) -> Catalogue:
    return Catalogue.open(Path(folder))


@st.cache_data(max_entries=500, show_spinner=False)
def _cached_catalogue_title(folder: str, version: tuple[int, int]) -> str | None:
    """None for a catalogue that can't be read."""
    try:
        return Catalogue.open(Path(folder)).title
    except DataError:
        return None


def _default_dataset() -> Dataset:
    """Fashion-MNIST, or the sample data where it is missing."""
    variables = tuple(os.environ.get(name) for name in ("FASHION_MNIST_DIR", "FASHION_HOME", "HOME"))
    return _fashion_mnist_at(int(time.monotonic()), variables) or _find_dataset()


@lru_cache(maxsize=1)
def _fashion_mnist_at(second: int, variables: tuple[str | None, ...]) -> Dataset | None:
    """The data set, or None where it is missing. It is searched once a second, as a page asks several times and each
    search reads the ends of four files; ``second`` and ``variables`` are the key of the cache."""
    dataset = _find_dataset()
    return None if dataset.is_sample_data else dataset


def _find_dataset() -> Dataset:
    folder = fashion_mnist.find_fashion_mnist_folder()
    return _cached_dataset(None if folder is None else str(folder))  # Streamlit takes long to hash a path


@st.cache_resource(max_entries=2, show_spinner=False)
def _cached_dataset(folder: str | None) -> Dataset:
    return load_dataset(None if folder is None else Path(folder))


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


@st.cache_data(max_entries=100, show_spinner=False, hash_funcs={RunEntry: weights_cache_key})
def cached_weights_digest(run: RunEntry) -> str:
    """Hash of the run's weights."""
    return hash_weights(run.path)


def cached_recognizer() -> Recognizer:
    """The ensemble of shipped runs; loaded again only when their weights change."""
    return _recognizer(recognizer_cache_key())


def recognizer_cache_key() -> tuple[float, ...]:
    """Changes with the weights of the ensemble: a key for caches."""
    return tuple(modification_time(ZOO_FOLDER / run_id / "weights.safetensors") for run_id in RECOGNITION_RUN_IDS)


@st.cache_resource(show_spinner=False)
def start_loading_recognizer() -> Thread:
    """Load the networks, once per server, while the visitor looks at the page: the first garment need not wait then."""

    def predict_blank_image() -> None:
        with suppress(FashionError):  # shown where somebody asks for a prediction
            blank = np.zeros((28, 28), np.uint8)
            cached_recognizer().predict(prepare_picture(blank, PreparationOptions("sample")))

    thread = Thread(target=predict_blank_image, daemon=True)
    thread.start()
    return thread


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


def cached_distances_to_class_mean(data: Dataset, name: SplitName) -> np.ndarray:
    """How far each image of a split is from the mean of its class, float32 [n]."""
    return _distances_to_class_mean(data, data.fingerprint, name)


@st.cache_resource(max_entries=6, show_spinner=False)
def _distances_to_class_mean(_data: Dataset, fingerprint: str, name: SplitName) -> np.ndarray:
    from fashion_core.analysis.class_images import compute_rms_distance_to_class_mean

    split = _data.split(name)
    return compute_rms_distance_to_class_mean(split.images, split.labels, cached_class_mean_images(_data))


@st.cache_data(max_entries=2, show_spinner=False)
def _class_means(_data: Dataset, fingerprint: str) -> np.ndarray:
    from fashion_core.analysis.class_images import mean_image_by_class
    from fashion_core.computed import store
    from fashion_core.computed.image_statistics import ImageStatistics

    with suppress(DamagedResultError):  # one that is stored spares reading all train images
        if (stored := store.load_result(ImageStatistics(), fingerprint)) is not None:
            return stored["class_means"].astype(np.float32)
    return mean_image_by_class(_data.split("train"), len(_data.classes))


def _file_version(path: Path) -> tuple[int, int]:
    """Changes with the file; zeros when it is missing."""
    try:
        stat = path.stat()
    except OSError:
        return 0, 0
    return stat.st_mtime_ns, stat.st_ino


def modification_time(path: Path) -> float:
    """When the file was last changed; 0 when it is missing, so that reading it raises the error."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
