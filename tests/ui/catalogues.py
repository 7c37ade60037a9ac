"""Small catalogues of random pictures in the per-user folder, and runs on them."""

import dataclasses
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from fashion_core.analysis.metrics import classification_metrics
from fashion_core.analysis.predictions import Predictions
from fashion_core.computed import store as results
from fashion_core.computed.validation import validation_computation
from fashion_core.config.train_config import TrainConfig
from fashion_core.data.catalogue import (
    DIGEST_BYTES,
    DUPLICATES_FILE,
    IMAGES_FILE,
    LOOK_BYTES,
    PICTURES_FOLDER,
    Catalogue,
    catalogues_folder,
    picture_file_name,
    save_labels,
)
from fashion_core.data.catalogue_labels import TEST, TRAIN, VALIDATION, CatalogueLabels
from fashion_core.data.dataset import NO_FOLD, SplitName
from fashion_core.models import registry
from fashion_core.runs.execute import new_run_record, train_and_score_run
from fashion_core.runs.history_file import HISTORY_COLUMNS
from fashion_core.runs.record import METRIC_NAMES
from fashion_core.runs.store import RunEntry, RunStore

SPLITS_OF_A_CLASS = (TRAIN, TRAIN, TRAIN, VALIDATION, TEST, TEST)
UNLABELLED = ("Unlabelled",)


@contextmanager
def home_at(folder: Path) -> Iterator[Path]:
    """The per-user folder is ``folder`` meanwhile, such as one that the tests of a file share and only read."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("FASHION_HOME", str(folder))
        yield folder


def write_catalogue(
    name: str,
    n_classes: int = 2,
    *,
    title: str = "",
    repeats: int = 1,
    names: Sequence[str] = (),
    splits_of_a_class: Sequence[int] = SPLITS_OF_A_CLASS,
) -> Catalogue:
    """A catalogue of ``n_classes`` classes of six pictures each, or ``repeats`` times as many; one: unlabelled."""
    folder = catalogues_folder() / name
    (folder / PICTURES_FOLDER).mkdir(parents=True)
    labels = np.repeat(np.arange(n_classes, dtype=np.uint8), repeats * len(splits_of_a_class))
    splits = np.tile(np.array(splits_of_a_class, np.uint8), repeats * n_classes)
    rng = np.random.default_rng(n_classes)
    patterns = np.kron(rng.random((n_classes, 7, 7)) < 0.5, np.full((4, 4), 180)).astype(np.uint8)
    images = patterns[labels] + rng.integers(0, 60, (len(labels), 28, 28), dtype=np.uint8)
    np.save(folder / IMAGES_FILE, images)
    marks = rng.integers(0, 255, (len(images), DIGEST_BYTES + LOOK_BYTES), dtype=np.uint8)  # no two are alike
    np.save(folder / DUPLICATES_FILE, marks)
    for number, image in enumerate(images):
        picture = Image.fromarray(np.stack([image, image // 2, 255 - image], axis=-1))
        picture.save(folder / PICTURES_FOLDER / picture_file_name(number))
    usual_names = tuple(f"Kind {c}" for c in range(n_classes)) if n_classes > 1 else UNLABELLED
    version = CatalogueLabels(tuple(names) or usual_names, labels, splits, np.arange(len(labels), dtype=np.int32))
    return save_labels(folder, images, version, {"title": title or f"Catalogue {name}"})


def train_run(catalogue: Catalogue, run_id: str, model: str = "mlp") -> RunEntry:
    """A finished run of the user's on the catalogue."""
    entry = RunStore().create_run(new_run_record(TrainConfig(model, 1), catalogue, run_id=run_id))
    train_and_score_run(entry, catalogue)
    return RunStore().get(run_id)


def save_run(catalogue: Catalogue, run_id: str, accuracy: float, *, seed: int = 0, title: str = "") -> RunEntry:
    """A finished run that was never trained: ``accuracy`` of its answers are correct, on test and on validation."""
    store, config = RunStore(), TrainConfig("mlp", 1, seed=seed)
    entry = store.create_run(new_run_record(config, catalogue, run_id=run_id, title=title or run_id))
    classifier = registry.build_classifier(config, len(catalogue.classes))
    history = pd.DataFrame([[1, 1.0, accuracy, 1.0, accuracy, 0.1, 1.0]], columns=HISTORY_COLUMNS)
    store.save_weights_and_history(entry.path, history, classifier)
    rng = np.random.default_rng(seed)
    on_test, on_validation = (_random_predictions(catalogue, split, accuracy, rng) for split in ("test", "validation"))
    folds = None if catalogue.folds is None else catalogue.folds[catalogue.folds != NO_FOLD]
    store.save_predictions(entry.path, dataclasses.replace(on_test, folds=folds))
    scores = classification_metrics(on_test.labels, on_test.predicted, on_test.n_classes)
    store.update_record(
        entry.path,
        state="finished",
        metrics={name: getattr(scores, name) for name in METRIC_NAMES},
        never_predicted=scores.never_predicted,
        n_parameters=classifier.n_parameters,
    )
    entry = store.get(run_id)
    arrays = {"probabilities": on_validation.probabilities.astype(np.float16), "labels": on_validation.labels}
    results.save_result(validation_computation(entry), catalogue.fingerprint, arrays)
    return entry


def _random_predictions(
    catalogue: Catalogue, split: SplitName, accuracy: float, rng: np.random.Generator
) -> Predictions:
    """Correct answers are more confident; a wrong one is the class before."""
    labels, n_classes = catalogue.split(split).labels, len(catalogue.classes)
    is_correct = rng.random(len(labels)) < accuracy
    predicted = np.where(is_correct, labels, (labels.astype(int) - 1) % n_classes)
    confidence = rng.uniform(np.where(is_correct, 0.7, 0.55), np.where(is_correct, 1.0, 0.8))
    probabilities = np.repeat((1 - confidence)[:, None] / (n_classes - 1), n_classes, axis=1)
    probabilities[np.arange(len(labels)), predicted] = confidence
    return Predictions(probabilities.astype(np.float16).astype(np.float32), labels)
