"""Add labelled pictures to a catalogue. The test pictures stay as they are, so results before and after compare."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from fashion_core.data.catalogue import (
    DUPLICATES_FILE,
    IMAGES_FILE,
    PICTURES_FOLDER,
    VIEWS_FILE,
    Catalogue,
    picture_file_name,
    save_labels,
)
from fashion_core.data.catalogue_edits import find_or_add_class, open_for_change
from fashion_core.data.catalogue_labels import NO_LABEL, TEST, TRAIN, VALIDATION, CatalogueLabels
from fashion_core.data.dataset import NO_FOLD
from fashion_core.data.importing.duplicates import join_groups, near_duplicate_pairs
from fashion_core.data.importing.pictures import stack_views
from fashion_core.data.importing.prepare import PreparedFile, prepare_sources
from fashion_core.data.importing.report import Pair
from fashion_core.data.importing.splits import CATALOGUE_VALIDATION_FRACTION
from fashion_core.errors import PictureError
from fashion_core.storage.access import check_change
from fashion_core.storage.arrays import array_to_npy_bytes
from fashion_core.storage.files import make_folder, write_atomically, write_new_file
from fashion_core.vision.picture_sources import PictureSource

IN_DATASET_REASON = "It is in the data set already."
LIKE_TEST_REASON = "It is nearly the same as a test picture."
LIKE_TWO_SPLITS_REASON = "It is nearly the same as a training picture and as one for validation."


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
    check_change(pictures=len(pictures), megabytes=1)
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
    with open_for_change(catalogue) as current:
        reasons, splits, groups = _place(current, [prepared for _, prepared in ready])
        left_out += [(picture.name, reason) for (picture, _), reason in zip(ready, reasons, strict=True) if reason]
        kept = [i for i, reason in enumerate(reasons) if not reason]
        if kept:
            all_groups = np.append(groups[: current.n_pictures], groups[current.n_pictures :][kept])
            current = _append(current, [ready[i] for i in kept], splits[kept], all_groups)
    return AddedPictures(current, len(kept), tuple(left_out))


def _place(catalogue: Catalogue, new: Sequence[PreparedFile]) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Why each new picture is left out ("" if it isn't), its split, and the groups of all pictures, old and new.

    Those that near duplicates connect with old pictures join their groups and split; the others are ``TRAIN`` for now.
    """
    old, n_old, n = catalogue.labels, catalogue.n_pictures, catalogue.n_pictures + len(new)
    is_labelled = np.append(old.labels != NO_LABEL, np.ones(len(new), bool))
    known = {digest.tobytes() for digest in catalogue.digests[is_labelled[:n_old]]}
    looks = np.concatenate([catalogue.looks, np.reshape([p.look for p in new], (len(new), -1)).astype(np.uint8)])
    connected = _join_near_duplicates(np.arange(n), looks, len(new), is_labelled)
    members = {s: is_labelled[:n_old] & (old.splits == s) for s in (TRAIN, VALIDATION)} | {TEST: old.is_test}
    is_like = {s: np.isin(connected, connected[:n_old][rows]) for s, rows in members.items()}
    reasons = [""] * len(new)
    for i, prepared in enumerate(new):
        if prepared.digest in known:
            reasons[i] = IN_DATASET_REASON
        elif is_like[TEST][n_old + i]:
            reasons[i] = LIKE_TEST_REASON
        elif is_like[TRAIN][n_old + i] and is_like[VALIDATION][n_old + i]:
            reasons[i] = LIKE_TWO_SPLITS_REASON
        known.add(prepared.digest)
    is_in = np.append(np.ones(n_old, bool), [not reason for reason in reasons])
    first_group = int(old.groups.max(initial=-1)) + 1
    groups = np.append(old.groups, np.arange(first_group, first_group + len(new)))
    splits = np.where(is_like[VALIDATION], VALIDATION, TRAIN).astype(np.uint8)
    return reasons, splits[n_old:], _join_near_duplicates(groups, looks, len(new), is_labelled & is_in)


def _join_near_duplicates(groups: np.ndarray, looks: np.ndarray, n_new: int, is_used: np.ndarray) -> np.ndarray:
    """``groups`` of all pictures with those joined that near duplicates among the used ones connect, bool [n].

    Chunk by chunk: all pairs of alike pictures may not fit into memory, so they are looked for each time.
    """
    for pairs in near_duplicate_pairs(looks, n_new):
        groups = join_groups(groups, pairs[is_used[pairs].all(axis=1)])
    return groups


def _append(
    current: Catalogue, added: Sequence[tuple[NewPicture, PreparedFile]], splits: np.ndarray, groups: np.ndarray
) -> Catalogue:
    """Write the pictures, then longer arrays, then the labels; ``dataset.json`` last makes them part of it.

    ``splits`` of those added, ``groups`` of all.
    """
    old, classes, labels = current.labels, current.labels.classes, []
    for picture, _ in added:
        classes, label = find_or_add_class(classes, picture.class_name)
        labels.append(label)
    make_folder(current.folder / PICTURES_FOLDER)
    for number, (_, prepared) in enumerate(added, current.n_pictures):
        write_new_file(current.folder / PICTURES_FOLDER / picture_file_name(number), prepared.jpeg)
    images = np.concatenate([current.images, np.stack([p.views[0] for _, p in added])])
    write_atomically(current.folder / IMAGES_FILE, array_to_npy_bytes(images))
    n_views = int(current.values["n_views"])
    if n_views > 1:
        views = stack_views([p.views for _, p in added], n_views)
        write_atomically(current.folder / VIEWS_FILE, array_to_npy_bytes(np.concatenate([current.all_views, views])))
    marks = [np.append(np.frombuffer(p.digest, np.uint8), p.look) for _, p in added]
    old_marks = np.concatenate([current.digests, current.looks], axis=1)
    write_atomically(current.folder / DUPLICATES_FILE, array_to_npy_bytes(np.concatenate([old_marks, np.stack(marks)])))
    new_labels = np.append(old.labels, np.array(labels, np.uint8))
    new_splits = _choose_validation(new_labels, np.append(old.splits, splits), groups, len(added))
    folds = None if old.folds is None else np.append(old.folds, np.full(len(added), NO_FOLD, np.uint8))
    grown = CatalogueLabels(classes, new_labels, new_splits, groups, folds)
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
