"""The labels of a catalogue: one version of its classes, splits and groups, and the fingerprints that name it."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fashion_core.data.dataset import NO_FOLD

TRAIN, VALIDATION, TEST = 0, 1, 2  # values of ``CatalogueLabels.splits``
NO_LABEL = 255  # of a picture whose class was deleted: it is in no split


@dataclass(frozen=True)
class CatalogueLabels:
    """One version of a catalogue's labels.

    ``classes``: names in order. ``labels`` uint8 [n], ``NO_LABEL`` for a picture that is left out. ``splits`` uint8
    [n]: ``TRAIN``, ``VALIDATION`` or ``TEST``. ``groups`` int32 [n]: pictures of a group are in the same split.
    ``folds`` uint8 [n], or ``NO_FOLD``, where runs are cross-validated: then nothing is ``TEST``.
    """

    classes: tuple[str, ...]
    labels: np.ndarray
    splits: np.ndarray
    groups: np.ndarray
    folds: np.ndarray | None = None

    @property
    def is_test(self) -> np.ndarray:
        """Which pictures are tested, bool [n]."""
        return (self.splits == TEST if self.folds is None else self.folds != NO_FOLD) & (self.labels != NO_LABEL)

    @property
    def is_train(self) -> np.ndarray:
        """Which pictures are in the published train part, bool [n]; with folds also those that are tested."""
        return (self.splits != TEST) & (self.labels != NO_LABEL)


def max_labels_bytes(n_pictures: int) -> int:
    """The most bytes of a version's labels: seven for a picture, and four headers."""
    return 7 * n_pictures + 4096


def compute_fingerprint(images: np.ndarray, labels: np.ndarray, classes: Sequence[str]) -> str:
    """16 hex digits for images uint8 [n, 28, 28], labels uint8 [n] and class names."""
    digest = hashlib.sha256(json.dumps(list(classes)).encode())
    digest.update(np.ascontiguousarray(labels).tobytes())
    digest.update(np.ascontiguousarray(images).tobytes())
    return digest.hexdigest()[:16]


def fingerprint_of_version(images: np.ndarray, version: CatalogueLabels) -> str:
    """The fingerprint of a catalogue's images uint8 [n, 28, 28] with these labels, splits and folds."""
    folds = [] if version.folds is None else [version.folds]
    return compute_fingerprint(images, np.stack([version.labels, version.splits, *folds]), version.classes)


def fingerprint_of_tested(images: np.ndarray, version: CatalogueLabels) -> str:
    """The fingerprint of the pictures that are tested, their labels and folds."""
    rows = version.is_test
    folds = [] if version.folds is None else [version.folds[rows]]
    return compute_fingerprint(images[rows], np.stack([version.labels[rows], *folds]), version.classes)
