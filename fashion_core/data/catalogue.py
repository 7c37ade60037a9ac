"""A catalogue: the visitor's own pictures as a data set, one folder that can be copied and sent.

::

    datasets/<id>/dataset.json        title, preparation, source, and each version of the classes, the current last
                  images.npy          uint8 [n, 28, 28]: what the models see
                  views.npy           uint8 [n, v, 28, 28]: the garment cut out in several ways; only where v > 1
                  duplicates.npy      uint8 [n, 208]: digest and reduced picture, by which duplicates are found
                  labels-<k>.npz      version k: label, split, group and, with cross-validation, fold of each picture
                  report.json         what the import found
                  pictures/000123.jpg the picture itself in colour, at most 224 pixels a side

A change of the classes or splits writes new labels and then ``dataset.json``, so it happens whole or not at all, and
the version before it can come back. Nothing is unpickled.
"""

import io
import json
import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from fashion_core.data.catalogue_labels import (
    NO_LABEL,
    TEST,
    VALIDATION,
    CatalogueLabels,
    fingerprint_of_tested,
    fingerprint_of_version,
    max_labels_bytes,
)
from fashion_core.data.catalogue_values import (
    DATASET_FILE,
    MAX_VERSIONS,
    check_dataset_values,
    save_dataset_values,
)
from fashion_core.data.classes import ClassList, make_classes
from fashion_core.data.dataset import NO_FOLD, Dataset, PartName
from fashion_core.errors import DataError, StorageError
from fashion_core.storage.arrays import arrays_from_npz_bytes, arrays_to_npz_bytes, load_array
from fashion_core.storage.files import write_atomically
from fashion_core.storage.folder import user_data_folder
from fashion_core.vision.preparation import PICTURE_SIDE, PreparationOptions

IMAGES_FILE, VIEWS_FILE = "images.npy", "views.npy"
DUPLICATES_FILE, REPORT_FILE, PICTURES_FOLDER = "duplicates.npy", "report.json", "pictures"
MAX_PICTURE_SIDE = PICTURE_SIDE
LOOK_SIDE = 8  # pixels of the reduced picture by which near duplicates are found
DIGEST_BYTES, LOOK_BYTES = 16, 3 * LOOK_SIDE**2
IMAGE_JPEG_QUALITY = 95
CATALOGUE_ID_PATTERN = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


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
        self._version: dict[str, Any] = values["versions"][-1]
        self.fingerprint = self._version["fingerprint"]
        self.classes: ClassList = make_classes(self._version["classes"])
        self.is_labelled = len(self.classes) >= 2

    @property
    def test_fingerprint(self) -> str:
        return str(self._version["test_fingerprint"])

    @property
    def n_pictures(self) -> int:
        """Number of pictures, also of those without a label."""
        return int(self.values["n_pictures"])

    @property
    def last_change(self) -> str:
        """What the last change of the classes or splits was, which ``undo`` takes back; empty when there is none."""
        return str(self._version["change"]) if len(self.values["versions"]) > 1 else ""

    @property
    def preparation(self) -> PreparationOptions:
        """How its pictures were prepared; pictures that are compared with them are prepared so too."""
        return PreparationOptions(self.values["kind"], letterbox_without_garment=True)

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
        return self._load_array(IMAGES_FILE, (28, 28))

    @cached_property
    def labels(self) -> CatalogueLabels:
        """The current labels, splits, groups and folds. Pictures added after an earlier version have no label in it."""
        saved = self.read_saved_labels()
        n_added = self.n_pictures - len(saved.labels)
        first_group = int(saved.groups.max(initial=-1)) + 1
        return CatalogueLabels(
            saved.classes,
            np.pad(saved.labels, (0, n_added), constant_values=NO_LABEL),
            np.pad(saved.splits, (0, n_added)),
            np.append(saved.groups, np.arange(first_group, first_group + n_added, dtype=np.int32)),
            None if saved.folds is None else np.pad(saved.folds, (0, n_added), constant_values=NO_FOLD),
        )

    def read_saved_labels(self) -> CatalogueLabels:
        """``labels`` as they were saved, to which the fingerprints belong: without pictures that were added later.

        Raises ``DataError`` when they are damaged or don't fit ``dataset.json``.
        """
        names = ("labels", "splits", "groups", *(["folds"] if self._version.get("has_folds") else []))
        arrays = self._read_arrays(self._version["file"], names)
        n = arrays["labels"].size
        has_right_form = n <= self.n_pictures and all(
            array.shape == (n,) and array.dtype == (np.int32 if name == "groups" else np.uint8)
            for name, array in arrays.items()
        )
        if not has_right_form or not self._are_in_range(arrays):
            raise DataError(f"The labels of {self.title} do not fit its {DATASET_FILE}. Import it again.")
        return CatalogueLabels(self.classes.names, **arrays)

    def _are_in_range(self, arrays: dict[str, np.ndarray]) -> bool:
        labels, n_added = arrays["labels"], self.n_pictures - len(arrays["labels"])
        return bool(
            labels[labels != NO_LABEL].max(initial=0) < len(self.classes)
            and arrays["splits"].max(initial=0) <= TEST
            and int(arrays["groups"].max(initial=-1)) + n_added <= np.iinfo(np.int32).max
        )

    @cached_property
    def folds(self) -> np.ndarray | None:
        return None if self.labels.folds is None else self.labels.folds[self.picture_numbers("train")]

    def picture_numbers(self, part: PartName) -> np.ndarray:
        """Row in ``images`` of each image of a published part, int64 [n]."""
        return np.flatnonzero(self.labels.is_test if part == "test" else self.labels.is_train)

    @property
    def all_numbers(self) -> np.ndarray:
        """Row in ``images`` of each of ``all_images``, int64 [n]."""
        train = self.picture_numbers("train")
        return train if self.fold_numbers else np.concatenate([train, self.picture_numbers("test")])

    def read_part(self, part: PartName) -> tuple[np.ndarray, np.ndarray]:
        numbers = self.picture_numbers(part)
        return self.images[numbers], self.labels.labels[numbers]

    def views(self, part: PartName) -> np.ndarray:
        """The garment of each image of a published part cut out in several ways, uint8 [n, v, 28, 28].

        The first view is the image itself. v is 1 where there is only that.
        """
        numbers = self.picture_numbers(part)
        return self.images[numbers][:, None] if self.values["n_views"] == 1 else self.all_views[numbers]

    @property
    def all_views(self) -> np.ndarray:
        """``views.npy``: views of every picture, uint8 [n, v, 28, 28], where there is more than one of each."""
        return self._load_array(VIEWS_FILE, (self.values["n_views"], 28, 28))

    @cached_property
    def digests(self) -> np.ndarray:
        """A digest of each picture's file, uint8 [n, 16]."""
        return self._load_array(DUPLICATES_FILE, (DIGEST_BYTES + LOOK_BYTES,))[:, :DIGEST_BYTES]

    @cached_property
    def looks(self) -> np.ndarray:
        """Each picture reduced to 8 x 8 pixels in colour, uint8 [n, 192], by which near duplicates are found."""
        return self._load_array(DUPLICATES_FILE, (DIGEST_BYTES + LOOK_BYTES,))[:, DIGEST_BYTES:]

    def read_picture(self, part: PartName, index: int) -> bytes:
        return self.read_numbered_picture(int(self.picture_numbers(part)[index]))

    def read_numbered_picture(self, number: int) -> bytes:
        """The JPEG file of the picture in row ``number`` of ``images``; raises ``DataError`` when it can't be read."""
        if number < self.values["n_without_files"]:
            buffer = io.BytesIO()
            Image.fromarray(self.images[number]).save(buffer, "JPEG", quality=IMAGE_JPEG_QUALITY)
            return buffer.getvalue()
        path = self.folder / PICTURES_FOLDER / picture_file_name(number)
        try:
            return path.read_bytes()
        except OSError as error:
            raise DataError(f"{path} cannot be read. Import {self.title} again.") from error

    @cached_property
    def validation_indices(self) -> np.ndarray:
        return np.flatnonzero(self.labels.splits[self.picture_numbers("train")] == VALIDATION)

    def _load_array(self, file: str, shape: tuple[int, ...]) -> np.ndarray:
        """The first ``n_pictures`` rows of a file of uint8: one that was added to and interrupted has more."""
        try:
            array = load_array(self.folder / file, self.n_pictures)
        except StorageError as error:
            raise DataError(f"The file {file} of {self.title} is missing or damaged. Import it again.") from error
        if array.dtype != np.uint8 or array.shape[1:] != shape or len(array) != self.n_pictures:
            raise DataError(f"The file {file} of {self.title} does not fit its {DATASET_FILE}. Import it again.")
        return array

    def _read_arrays(self, file: str, names: Sequence[str]) -> dict[str, np.ndarray]:
        try:
            content = (self.folder / file).read_bytes()
            return arrays_from_npz_bytes(content, names, max_bytes=max_labels_bytes(self.n_pictures))
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


def save_labels(
    folder: Path, images: np.ndarray, version: CatalogueLabels, values: dict[str, Any], change: str = ""
) -> Catalogue:
    """Write a version of the labels, then ``dataset.json`` made of ``values`` and what depends on the version.

    ``change`` says what was done. Returns the catalogue as it is now. Raises ``StorageError`` when nothing can be
    written; the version before stays.
    """
    earlier = list(values.get("versions", []))
    numbers = [int(v["file"].removeprefix("labels-").removesuffix(".npz")) for v in earlier]
    number = 1 + max([values.get("last_number", 0), *numbers])  # never again, so who holds an undone version notices
    file = f"labels-{number}.npz"
    arrays: dict[str, np.ndarray] = {
        "labels": version.labels.astype(np.uint8),
        "splits": version.splits.astype(np.uint8),
        "groups": version.groups.astype(np.int32),
    }
    if version.folds is not None:
        arrays["folds"] = version.folds.astype(np.uint8)
    write_atomically(folder / file, arrays_to_npz_bytes(arrays))
    current = {
        "file": file,
        "change": change,
        "classes": list(version.classes),
        "has_folds": version.folds is not None,
        "fingerprint": fingerprint_of_version(images, version),
        "test_fingerprint": fingerprint_of_tested(images, version),
    }
    kept, dropped = earlier[-MAX_VERSIONS + 1 :], earlier[: -MAX_VERSIONS + 1]
    save_dataset_values(
        folder, {**values, "n_pictures": len(images), "versions": [*kept, current], "last_number": number}
    )
    for old in dropped:
        (folder / old["file"]).unlink(missing_ok=True)
    return Catalogue.open(folder)
