"""A catalogue: the visitor's own pictures as a data set, one folder that can be copied and sent.

::

    datasets/<id>/dataset.json        title, classes, fingerprints, preparation, source, earlier versions
                  images.npz          uint8 [n, 28, 28]: what the models see
                  labels-<k>.npz      version k: label, split and group of each picture
                  pictures/000123.jpg the picture itself in colour, at most 224 pixels a side

A change of the classes or splits writes new labels and then ``dataset.json``, so it happens whole or not at all, and
the version before it can come back. Nothing is unpickled.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from fashion_core.data.classes import MAX_CLASSES, ClassList, make_classes
from fashion_core.data.dataset import Dataset, PartName
from fashion_core.errors import DataError, StorageError
from fashion_core.storage.arrays import arrays_from_npz_bytes, arrays_to_npz_bytes
from fashion_core.storage.files import write_atomically
from fashion_core.storage.folder import user_data_folder

CATALOGUE_SCHEMA = 1
DATASET_FILE, IMAGES_FILE, PICTURES_FOLDER = "dataset.json", "images.npz", "pictures"
MAX_PICTURE_SIDE = 224  # pixels
TRAIN, VALIDATION, TEST = 0, 1, 2  # values of ``CatalogueLabels.splits``
NO_LABEL = 255  # of a picture whose class was deleted: it is in no split
CATALOGUE_ID_PATTERN = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


@dataclass(frozen=True)
class CatalogueLabels:
    """One version of a catalogue's labels.

    ``classes``: names in order. ``labels`` uint8 [n], ``NO_LABEL`` for a picture that is left out. ``splits`` uint8
    [n]: ``TRAIN``, ``VALIDATION`` or ``TEST``. ``groups`` int32 [n]: pictures of a group are in the same split.
    """

    classes: tuple[str, ...]
    labels: np.ndarray
    splits: np.ndarray
    groups: np.ndarray


class Catalogue(Dataset):
    """The catalogue in ``folder``. ``values`` is its ``dataset.json``; use ``Catalogue.open`` to read it."""

    source = "catalogue"
    has_shipped_runs = False
    has_poster_figures = False
    has_pictures = True

    def __init__(self, folder: Path, values: dict[str, Any]) -> None:
        self.folder: Path = folder
        self.values = values
        self.name = folder.name
        self.title = values["title"]
        self.fingerprint = values["fingerprint"]
        self.classes: ClassList = make_classes(values["classes"])
        self.is_labelled = len(self.classes) >= 2

    @property
    def test_fingerprint(self) -> str:
        return str(self.values["test_fingerprint"])

    @classmethod
    def open(cls, folder: Path) -> "Catalogue":
        """Read ``dataset.json``; the arrays are read when first used. Raises ``DataError`` saying what is wrong."""
        try:
            values = json.loads((folder / DATASET_FILE).read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise DataError(f"The data set {folder.name} has no readable {DATASET_FILE}. Import it again.") from error
        check_dataset_values(values, folder.name)
        return cls(folder, values)

    @cached_property
    def images(self) -> np.ndarray:
        """Every picture as the models see it, uint8 [n, 28, 28]; also those without a label."""
        images = self._read_arrays(IMAGES_FILE, ("images",))["images"]
        if images.shape != (self.values["n_pictures"], 28, 28) or images.dtype != np.uint8:
            raise DataError(f"The images of {self.title} do not fit its {DATASET_FILE}. Import it again.")
        return images

    @cached_property
    def labels(self) -> CatalogueLabels:
        """The current labels, splits and groups."""
        arrays = self._read_arrays(self.values["labels_file"], ("labels", "splits", "groups"))
        labels, n = arrays["labels"], self.values["n_pictures"]
        known = labels[labels != NO_LABEL]
        fits = all(array.shape == (n,) for array in arrays.values()) and labels.dtype == np.uint8
        if not fits or (len(known) and known.max() >= len(self.classes)) or arrays["splits"].max(initial=0) > TEST:
            raise DataError(f"The labels of {self.title} do not fit its {DATASET_FILE}. Import it again.")
        return CatalogueLabels(self.classes.names, **arrays)

    def picture_numbers(self, part: PartName) -> np.ndarray:
        """Row in ``images`` of each image of a published part, int64 [n]."""
        is_test = self.labels.splits == TEST
        return np.flatnonzero((is_test if part == "test" else ~is_test) & (self.labels.labels != NO_LABEL))

    def read_part(self, part: PartName) -> tuple[np.ndarray, np.ndarray]:
        numbers = self.picture_numbers(part)
        return self.images[numbers], self.labels.labels[numbers]

    def read_picture(self, part: PartName, index: int) -> bytes:
        path = self.folder / PICTURES_FOLDER / picture_file_name(int(self.picture_numbers(part)[index]))
        try:
            return path.read_bytes()
        except OSError as error:
            raise DataError(f"{path} cannot be read. Import {self.title} again.") from error

    @cached_property
    def validation_indices(self) -> np.ndarray:
        return np.flatnonzero(self.labels.splits[self.picture_numbers("train")] == VALIDATION)

    def _read_arrays(self, file: str, names: Sequence[str]) -> dict[str, np.ndarray]:
        try:
            return arrays_from_npz_bytes((self.folder / file).read_bytes(), names)
        except (OSError, StorageError) as error:
            raise DataError(f"The file {file} of {self.title} is missing or damaged. Import it again.") from error


def catalogues_folder() -> Path:
    """Where the user's catalogues are."""
    return user_data_folder() / "datasets"


def is_catalogue_id(name: str) -> bool:
    """Whether ``name`` can be the folder of a catalogue: up to 60 lower-case letters, digits and dashes."""
    return CATALOGUE_ID_PATTERN.fullmatch(name) is not None


def picture_file_name(number: int) -> str:
    """File of the picture in row ``number`` of the images."""
    return f"{number:06d}.jpg"


def check_dataset_values(values: Any, name: str) -> None:
    """Raise ``DataError`` unless ``values`` are those of a ``dataset.json`` that this version can read."""
    if not isinstance(values, dict) or not isinstance(values.get("schema"), int):
        raise DataError(f"The {DATASET_FILE} of {name} does not describe a data set. Import it again.")
    if values["schema"] > CATALOGUE_SCHEMA:
        raise DataError(
            f"The data set {name} is of format {values['schema']}, and this program reads up to {CATALOGUE_SCHEMA}; "
            "update the program."
        )
    classes, n = values.get("classes"), values.get("n_pictures")
    texts = [values.get(key) for key in ("title", "fingerprint", "test_fingerprint", "labels_file")]
    sound = (
        all(isinstance(text, str) and 0 < len(text) <= 300 for text in texts)
        and isinstance(classes, list)
        and 1 <= len(classes) <= MAX_CLASSES
        and all(isinstance(c, str) and 0 < len(c) <= 100 for c in classes)
        and len(set(classes)) == len(classes)
        and isinstance(n, int)
        and re.fullmatch(r"labels-\d{1,9}\.npz", values["labels_file"]) is not None
    )
    if not sound:
        raise DataError(f"A field of the {DATASET_FILE} of {name} is missing or invalid. Import it again.")


def compute_fingerprint(images: np.ndarray, labels: np.ndarray, classes: Sequence[str]) -> str:
    """16 hex digits for images uint8 [n, 28, 28], labels uint8 [n] and class names."""
    digest = hashlib.sha256(json.dumps(list(classes)).encode())
    digest.update(np.ascontiguousarray(labels).tobytes())
    digest.update(np.ascontiguousarray(images).tobytes())
    return digest.hexdigest()[:16]


def save_labels(folder: Path, images: np.ndarray, version: CatalogueLabels, values: dict[str, Any]) -> Catalogue:
    """Write a version of the labels, then ``dataset.json`` made of ``values`` and what depends on the version.

    Returns the catalogue as it is now. Raises ``StorageError`` when nothing can be written; the version before stays.
    """
    number = int(values.get("version", 0)) + 1
    file = f"labels-{number}.npz"
    arrays = {"labels": version.labels, "splits": version.splits, "groups": version.groups}
    write_atomically(folder / file, arrays_to_npz_bytes(arrays))
    is_test = (version.splits == TEST) & (version.labels != NO_LABEL)
    values = {
        **values,
        "schema": CATALOGUE_SCHEMA,
        "version": number,
        "labels_file": file,
        "classes": list(version.classes),
        "n_pictures": len(images),
        "fingerprint": compute_fingerprint(images, np.stack([version.labels, version.splits]), version.classes),
        "test_fingerprint": compute_fingerprint(images[is_test], version.labels[is_test], version.classes),
    }
    write_atomically(folder / DATASET_FILE, (json.dumps(values, indent=1, ensure_ascii=False) + "\n").encode())
    return Catalogue.open(folder)
