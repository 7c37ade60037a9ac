"""What a person decided about test labels: one small JSON file for each test split. The original labels stay."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from fashion_core.errors import DataError
from fashion_core.storage.access import check_change
from fashion_core.storage.files import read_file, write_atomically
from fashion_core.storage.folder import user_data_folder
from fashion_core.storage.locks import lock

CORRECTIONS_SCHEMA = 1
CORRECTIONS_FOLDER = "label-corrections"
MAX_CORRECTIONS_BYTES = 32 * 2**20  # a decision takes at most 14 bytes


@dataclass(frozen=True)
class LabelCorrections:
    """The labels that a person gave to test pictures; one that equals the original label confirms it.

    ``test_fingerprint`` identifies the test split, which has ``n_images`` images and ``n_classes`` classes.
    ``reviewed``: class by the index of the image.
    """

    test_fingerprint: str
    n_images: int
    n_classes: int
    reviewed: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))

    def apply(self, labels: np.ndarray) -> np.ndarray:
        """The original ``labels`` uint8 [n], with the corrections in their place."""
        corrected = labels.copy()
        corrected[list(self.reviewed)] = list(self.reviewed.values())
        return corrected

    def changed_indices(self, labels: np.ndarray) -> np.ndarray:
        """Indices int64, ascending, of the images whose label is not the original one in ``labels`` uint8 [n]."""
        return np.flatnonzero(self.apply(labels) != labels)

    def confirmed_indices(self, labels: np.ndarray) -> np.ndarray:
        """Indices int64, ascending, of the images whose original label in ``labels`` uint8 [n] was confirmed."""
        return np.array(sorted(i for i, label in self.reviewed.items() if labels[i] == label), np.int64)

    def review(self, decisions: Mapping[int, int | None]) -> "LabelCorrections":
        """With ``decisions``, a class by the index of the image; None takes one back. Raises ``DataError``."""
        for index, label in decisions.items():
            if not 0 <= index < self.n_images:
                raise DataError(f"There is no test picture {index}. Choose 0 to {self.n_images - 1:,}.")
            if label is not None and not 0 <= label < self.n_classes:
                raise DataError(f"There is no class number {label}. Choose 0 to {self.n_classes - 1}.")
        reviewed = {i: label for i, label in {**self.reviewed, **decisions}.items() if label is not None}
        return replace(self, reviewed=MappingProxyType(reviewed))


def load_label_corrections(test_fingerprint: str, n_images: int, n_classes: int) -> LabelCorrections:
    """What was decided about this test split so far.

    Raises ``DataError`` when the file is damaged or is one of other pictures.
    """
    empty = LabelCorrections(test_fingerprint, n_images, n_classes)
    path = find_corrections_path(test_fingerprint)
    if not path.exists():
        return empty
    try:
        values: Any = json.loads(read_file(path, MAX_CORRECTIONS_BYTES))
    except (ValueError, RecursionError) as error:
        raise _damaged(path) from error
    if not isinstance(values, dict) or type(values.get("schema")) is not int:
        raise _damaged(path)
    if values["schema"] > CORRECTIONS_SCHEMA:
        raise DataError(f"The label corrections in {path} are of a newer version. Update the program.")
    if (values.get("test_fingerprint"), values.get("n_images"), values.get("n_classes")) != (
        test_fingerprint, n_images, n_classes,
    ):  # fmt: skip
        raise DataError(f"The label corrections in {path} are those of other pictures. Move the file away.")
    try:
        return empty.review(_parse_labels(values.get("labels")))
    except (DataError, ValueError) as error:
        raise _damaged(path) from error


def save_label_decisions(
    test_fingerprint: str, n_images: int, n_classes: int, decisions: Mapping[int, int | None]
) -> LabelCorrections:
    """Add ``decisions`` as in ``LabelCorrections.review`` to those stored; returns all of them.

    Raises ``DataError`` as ``load_label_corrections`` does, ``AccessError`` when the visitor may not change anything,
    and ``StorageError`` when the file can't be written.
    """
    check_change(megabytes=1)
    path = find_corrections_path(test_fingerprint)
    with lock(path.with_suffix(".lock")):
        corrections = load_label_corrections(test_fingerprint, n_images, n_classes).review(decisions)
        labels = {str(i): int(label) for i, label in sorted(corrections.reviewed.items())}
        values = {"schema": CORRECTIONS_SCHEMA, "test_fingerprint": test_fingerprint, "n_images": n_images}
        content = json.dumps({**values, "n_classes": n_classes, "labels": labels}) + "\n"
        write_atomically(path, content.encode())
    return corrections


def find_corrections_path(test_fingerprint: str) -> Path:
    """Where they are stored; a fingerprint comes from the record of a run, so it could be any text."""
    name = hashlib.sha256(test_fingerprint.encode("utf-8", "replace")).hexdigest()[:16]
    return user_data_folder() / CORRECTIONS_FOLDER / f"{name}.json"


def _parse_labels(values: Any) -> dict[int, int | None]:
    """Raise ValueError unless ``values`` are numbers of classes by the number of the image."""
    if not isinstance(values, dict) or not all(type(label) is int for label in values.values()):
        raise ValueError("no numbers")
    if not all(key.isascii() and key.isdecimal() and len(key) < 10 for key in values):
        raise ValueError("no number of an image")
    return {int(key): label for key, label in values.items()}


def _damaged(path: Path) -> DataError:
    return DataError(f"The label corrections in {path} can't be read. Move the file away to start again.")
