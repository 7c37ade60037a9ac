"""Small catalogues of random pictures in the per-user folder, and runs on them."""

import numpy as np
from PIL import Image

from fashion_core.config.train_config import TrainConfig
from fashion_core.data.catalogue import (
    IMAGES_FILE,
    PICTURES_FOLDER,
    TEST,
    TRAIN,
    VALIDATION,
    Catalogue,
    CatalogueLabels,
    catalogues_folder,
    picture_file_name,
    save_labels,
)
from fashion_core.runs.execute import new_run_record, train_and_score_run
from fashion_core.runs.store import RunEntry, RunStore

SPLITS_OF_A_CLASS = (TRAIN, TRAIN, TRAIN, VALIDATION, TEST, TEST)
UNLABELLED = ("Unlabelled",)


def write_catalogue(name: str, n_classes: int = 2, *, title: str = "", repeats: int = 1) -> Catalogue:
    """A catalogue of ``n_classes`` classes of six pictures each, or ``repeats`` times as many; one: unlabelled."""
    folder = catalogues_folder() / name
    (folder / PICTURES_FOLDER).mkdir(parents=True)
    labels = np.repeat(np.arange(n_classes, dtype=np.uint8), repeats * len(SPLITS_OF_A_CLASS))
    splits = np.tile(np.array(SPLITS_OF_A_CLASS, np.uint8), repeats * n_classes)
    rng = np.random.default_rng(n_classes)
    patterns = np.kron(rng.random((n_classes, 7, 7)) < 0.5, np.full((4, 4), 180)).astype(np.uint8)
    images = patterns[labels] + rng.integers(0, 60, (len(labels), 28, 28), dtype=np.uint8)
    np.save(folder / IMAGES_FILE, images)
    for number, image in enumerate(images):
        picture = Image.fromarray(np.stack([image, image // 2, 255 - image], axis=-1))
        picture.save(folder / PICTURES_FOLDER / picture_file_name(number))
    names = tuple(f"Kind {c}" for c in range(n_classes)) if n_classes > 1 else UNLABELLED
    version = CatalogueLabels(names, labels, splits, np.arange(len(labels), dtype=np.int32))
    return save_labels(folder, images, version, {"title": title or f"Catalogue {name}"})


def train_run(catalogue: Catalogue, run_id: str, model: str = "mlp") -> RunEntry:
    """A finished run of the user's on the catalogue."""
    entry = RunStore().create_run(new_run_record(TrainConfig(model, 1), catalogue, run_id=run_id))
    train_and_score_run(entry, catalogue)
    return RunStore().get(run_id)
