"""Add labelled pictures to a catalogue. The test pictures stay as they are, so results before and after compare."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from fashion_core.data.catalogue import (
    DUPLICATES_FILE,
    IMAGES_FILE,
    NO_LABEL,
    PICTURES_FOLDER,
    TEST,
    TRAIN,
    VALIDATION,
    VIEWS_FILE,
    Catalogue,
    CatalogueLabels,
    picture_file_name,
    save_labels,
)
from fashion_core.data.catalogue_edits import find_or_add_class
from fashion_core.data.catalogue_list import lock_catalogue
from fashion_core.data.importing.duplicates import near_duplicate_pairs
from fashion_core.data.importing.pictures import make_folder, write_picture
from fashion_core.data.importing.prepare import PreparedFile, prepare_sources
from fashion_core.data.importing.report import Pair
from fashion_core.data.importing.splits import CATALOGUE_VALIDATION_FRACTION
from fashion_core.errors import DataError, PictureError
from fashion_core.storage.arrays import array_to_npy_bytes
from fashion_core.storage.files import write_atomically
from fashion_core.vision.picture_sources import PictureSource

IN_DATASET_REASON = "It is in the data set already."
LIKE_TEST_REASON = "It is nearly the same as a test picture."


@dataclass(frozen=True)
class NewPicture:
    """A picture to add: how to read its file, its class, and a name to report it by."""

    read: Callable[[], bytes]
    class_name: str
    name: str = ""


@dataclass(frozen=True)
class AddedPictures:
    """The catalogue as it is now, the number of pictures added, and those left out: name and reason."""

    catalogue: Catalogue
    n_added: int
    left_out: tuple[Pair, ...]


def add_pictures(
    catalogue: Catalogue, pictures: Sequence[NewPicture], report: Callable[[int], None] = lambda n: None
) -> AddedPictures:
    """Add pictures to train and, so that it stays 15 % of what isn't test, to validation. It can be undone.

    Left out are files that can't be read, pictures that the data set has, and near duplicates of test pictures.
    ``report`` gets the number prepared. Raises ``DataError`` when the catalogue is gone or would have too many
    classes, and ``StorageError`` when nothing can be written; then nothing is added.
    """
    sources = [PictureSource(p.name, (), p.read) for p in pictures]
    left_out: list[Pair] = []
    ready: list[tuple[NewPicture, PreparedFile]] = []
    prepared_files = prepare_sources(sources, catalogue.preparation.kind)
    for n, (picture, prepared) in enumerate(zip(pictures, prepared_files, strict=True), 1):
        if isinstance(prepared, PictureError):
            left_out.append((picture.name, str(prepared)))
        else:
            ready.append((picture, prepared))
        report(n)
    if not ready:
        return AddedPictures(catalogue, 0, tuple(left_out))
    if not catalogue.folder.is_dir():
        raise DataError(f"The data set {catalogue.title} was deleted.")
    with lock_catalogue(catalogue.name):
        current = Catalogue.open(catalogue.folder)
        reasons, splits, groups = _place(current, [prepared for _, prepared in ready])
        left_out += [(picture.name, reason) for (picture, _), reason in zip(ready, reasons, strict=True) if reason]
        kept = [i for i, reason in enumerate(reasons) if not reason]
        if kept:
            current = _append(current, [ready[i] for i in kept], splits[kept], groups[kept])
    return AddedPictures(current, len(kept), tuple(left_out))


def _place(catalogue: Catalogue, new: Sequence[PreparedFile]) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Why each new picture is left out ("" if it isn't), and its split and group.

    A near duplicate joins the group and split of the picture it is like; splits of the others are ``TRAIN`` for now.
    """
    n_old = catalogue.n_pictures
    known = {digest.tobytes() for digest in catalogue.digests}
    looks = np.concatenate([catalogue.looks, np.reshape([p.look for p in new], (len(new), -1)).astype(np.uint8)])
    old = catalogue.labels
    first_group = int(old.groups.max(initial=-1)) + 1
    splits = np.append(old.splits, np.full(len(new), TRAIN, np.uint8))
    groups = np.append(old.groups, np.arange(first_group, first_group + len(new), dtype=np.int32))
    reasons = [""] * len(new)
    for i, prepared in enumerate(new):
        if prepared.digest in known:
            reasons[i] = IN_DATASET_REASON
        known.add(prepared.digest)
    is_labelled = np.append(old.labels != NO_LABEL, np.ones(len(new), bool))
    for row, other in (pair for pairs in near_duplicate_pairs(looks, len(new)) for pair in pairs):
        if not is_labelled[other]:
            continue
        if splits[other] == TEST:
            reasons[row - n_old] = reasons[row - n_old] or LIKE_TEST_REASON
        else:
            splits[row], groups[row] = splits[other], groups[other]
    return reasons, splits[n_old:], groups[n_old:]


def _append(
    current: Catalogue, added: Sequence[tuple[NewPicture, PreparedFile]], splits: np.ndarray, groups: np.ndarray
) -> Catalogue:
    """Write the pictures, then longer arrays, then the labels; ``dataset.json`` last makes them part of it."""
    old, classes, labels = current.labels, current.labels.classes, []
    for picture, _ in added:
        classes, label = find_or_add_class(classes, picture.class_name)
        labels.append(label)
    make_folder(current.folder / PICTURES_FOLDER)
    for number, (_, prepared) in enumerate(added, current.n_pictures):
        write_picture(current.folder / PICTURES_FOLDER / picture_file_name(number), prepared.jpeg)
    images = np.concatenate([current.images, np.stack([p.views[0] for _, p in added])])
    write_atomically(current.folder / IMAGES_FILE, array_to_npy_bytes(images))
    n_views = int(current.values["n_views"])
    if n_views > 1:
        views = np.stack([p.views[np.arange(n_views) % len(p.views)] for _, p in added])
        write_atomically(current.folder / VIEWS_FILE, array_to_npy_bytes(np.concatenate([current.all_views, views])))
    marks = [np.append(np.frombuffer(p.digest, np.uint8), p.look) for _, p in added]
    old_marks = np.concatenate([current.digests, current.looks], axis=1)
    write_atomically(current.folder / DUPLICATES_FILE, array_to_npy_bytes(np.concatenate([old_marks, np.stack(marks)])))
    new_labels = np.append(old.labels, np.array(labels, np.uint8))
    all_groups = np.append(old.groups, groups)
    new_splits = _choose_validation(new_labels, np.append(old.splits, splits), all_groups, len(added))
    grown = CatalogueLabels(classes, new_labels, new_splits, all_groups)
    return save_labels(current.folder, images, grown, current.values, f"add {len(added)} pictures")


def _choose_validation(labels: np.ndarray, splits: np.ndarray, groups: np.ndarray, n_new: int) -> np.ndarray:
    """``splits`` with as many of the ``n_new`` last pictures in validation as each class lacks; groups stay whole."""
    splits = splits.copy()
    rows = np.arange(len(labels) - n_new, len(labels))
    values, counts = np.unique(groups, return_counts=True)
    alone = rows[np.isin(groups[rows], values[counts == 1])]
    for label in np.unique(labels[rows]):
        is_class = labels == label
        n_wanted = round(CATALOGUE_VALIDATION_FRACTION * (is_class & (splits != TEST)).sum())
        n_lacking = max(0, n_wanted - int((is_class & (splits == VALIDATION)).sum()))
        splits[alone[labels[alone] == label][:n_lacking]] = VALIDATION
    return splits
