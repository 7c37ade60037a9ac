"""Change the classes and splits of a catalogue. Each change is a new version of its labels, and can be undone."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from fashion_core.data.catalogue import Catalogue, save_labels
from fashion_core.data.catalogue_labels import NO_LABEL, TEST, TRAIN, CatalogueLabels
from fashion_core.data.catalogue_list import lock_catalogue
from fashion_core.data.catalogue_values import save_dataset_values
from fashion_core.data.class_names import check_class_name, class_name_key
from fashion_core.data.classes import MAX_CLASSES
from fashion_core.data.dataset import SPLIT_SEED
from fashion_core.data.importing.splits import choose_folds, choose_splits, choose_splits_and_folds
from fashion_core.data.label_corrections import load_label_corrections
from fashion_core.errors import DataError, StorageError
from fashion_core.storage.access import check_change


def rename_class(catalogue: Catalogue, name: str, new_name: str) -> Catalogue:
    """Give the class ``name`` another name. Returns the catalogue as it is now, as the functions below do.

    Raises ``DataError`` when there is no such class, or one of that name already.
    """

    def rename(old: CatalogueLabels) -> CatalogueLabels:
        index = _find_class(old, name)
        others = [c for i, c in enumerate(old.classes) if i != index]
        names = list(old.classes)
        names[index] = check_class_name(new_name, others)
        return replace(old, classes=tuple(names))

    return _change(catalogue, rename, f"rename {name}")


def merge_classes(catalogue: Catalogue, names: Sequence[str], new_name: str) -> Catalogue:
    """Make one class of several; ``new_name`` may be that of one of them. Raises ``DataError``."""

    def merge(old: CatalogueLabels) -> CatalogueLabels:
        merged = sorted({_find_class(old, name) for name in names})
        if len(merged) < 2:
            raise DataError("Choose at least two classes to merge.")
        others = [c for i, c in enumerate(old.classes) if i not in merged]
        classes = list(old.classes)
        classes[merged[0]] = check_class_name(new_name, others)
        labels = np.where(np.isin(old.labels, merged), merged[0], old.labels).astype(np.uint8)
        return _drop_classes(replace(old, classes=tuple(classes), labels=labels), merged[1:])

    return _change(catalogue, merge, f"merge {', '.join(names)}")


def delete_class(catalogue: Catalogue, name: str) -> Catalogue:
    """Delete a class: its pictures have no label then, and are in no split. Raises ``DataError`` for the last one."""

    def delete(old: CatalogueLabels) -> CatalogueLabels:
        index = _find_class(old, name)
        if len(old.classes) == 1:
            raise DataError("This is the only class. Delete the data set instead.")
        labels = np.where(old.labels == index, NO_LABEL, old.labels).astype(np.uint8)
        return _drop_classes(replace(old, labels=labels), [index])

    return _change(catalogue, delete, f"delete {name}")


def move_pictures(catalogue: Catalogue, numbers: Sequence[int] | np.ndarray, class_name: str) -> Catalogue:
    """Put pictures into the class ``class_name``, which is created if there is none of that name.

    ``numbers``: their rows in ``Catalogue.images``. A class that is left without pictures goes. A class that
    has no training or no test pictures any more is split anew; the other classes keep their splits. Raises
    ``DataError``.
    """

    return move_into_classes(catalogue, {class_name: numbers})


def move_into_classes(catalogue: Catalogue, numbers: Mapping[str, Sequence[int] | np.ndarray]) -> Catalogue:
    """``move_pictures`` into several classes, given by their names, as one change."""

    def move(old: CatalogueLabels) -> CatalogueLabels:
        classes, labels = old.classes, old.labels.copy()
        for name, moved_numbers in numbers.items():
            rows = np.unique(np.asarray(moved_numbers, np.int64))
            if not len(rows) or rows[0] < 0 or rows[-1] >= len(labels):
                raise DataError("There are no such pictures in this data set. Choose them again.")
            classes, index = find_or_add_class(classes, name)
            labels[rows] = index
        empty = [i for i in range(len(classes)) if not (labels == i).any()]
        moved = _drop_classes(replace(old, classes=classes, labels=labels), empty)
        return _split_if_needed(old, moved, int(catalogue.values.get("seed", SPLIT_SEED)))

    return _change(catalogue, move, f"move {sum(map(len, numbers.values()))} pictures to {', '.join(numbers)}")


def apply_label_corrections(catalogue: Catalogue) -> Catalogue:
    """Move test pictures into the classes that their labels were corrected to, as one change.

    Raises ``DataError`` when no label was corrected.
    """
    numbers, labels = catalogue.picture_numbers("test"), catalogue.published_labels("test")
    corrections = load_label_corrections(catalogue.test_fingerprint, len(labels), len(catalogue.classes))
    changed, corrected = corrections.changed_indices(labels), corrections.apply(labels)
    if not len(changed):
        raise DataError("No test label of this data set was corrected. Correct some first.")
    moved = {
        catalogue.classes[c].name: numbers[changed[corrected[changed] == c]] for c in np.unique(corrected[changed])
    }
    return move_into_classes(catalogue, moved)


def split_again(catalogue: Catalogue, seed: int) -> Catalogue:
    """Choose train, validation and test anew, also where the source brought them."""

    def split(old: CatalogueLabels) -> CatalogueLabels:
        splits, folds = choose_splits_and_folds(old.labels, old.groups, seed)
        return replace(old, splits=splits, folds=folds)

    return _change(catalogue, split, f"split with seed {seed}", seed=seed)


def undo(catalogue: Catalogue) -> Catalogue:
    """Take back the last change of classes or splits. Raises ``DataError`` when there is none."""
    with open_for_change(catalogue) as current:
        *versions, last = current.values["versions"]
        if not versions:
            raise DataError("There is no change to undo.")
        save_dataset_values(current.folder, {**current.values, "versions": versions})
        (current.folder / last["file"]).unlink(missing_ok=True)
        return Catalogue.open(catalogue.folder)


def _change(
    catalogue: Catalogue, change: Callable[[CatalogueLabels], CatalogueLabels], text: str, **values: int
) -> Catalogue:
    with open_for_change(catalogue) as current:
        labels = change(current.labels)
        return save_labels(current.folder, current.images, labels, {**current.values, **values}, text)


@contextmanager
def open_for_change(catalogue: Catalogue) -> Iterator[Catalogue]:
    """The catalogue as it is on disk now, whoever changed it since it was opened, locked.

    Raises ``DataError`` when it was deleted, ``StorageError`` when another process holds it for long, and
    ``AccessError`` when the visitor may not change it.
    """
    check_change()
    deleted = DataError(f"The data set {catalogue.title} was deleted.")
    if not catalogue.folder.is_dir():
        raise deleted
    try:
        with lock_catalogue(catalogue.name):
            yield Catalogue.open(catalogue.folder)
    except (DataError, StorageError):
        if not catalogue.folder.is_dir():
            raise deleted from None
        raise


def _find_class(labels: CatalogueLabels, name: str) -> int:
    keys = [class_name_key(c) for c in labels.classes]
    if class_name_key(name) not in keys:
        raise DataError(f"There is no class {name[:80]}. Choose one of: {', '.join(labels.classes[:20])}.")
    return keys.index(class_name_key(name))


def find_or_add_class(classes: tuple[str, ...], name: str) -> tuple[tuple[str, ...], int]:
    """``classes``, with ``name`` added if it isn't one of them, and its number. Raises ``DataError``."""
    keys = [class_name_key(c) for c in classes]
    cleaned = check_class_name(name)
    if class_name_key(cleaned) in keys:
        return classes, keys.index(class_name_key(cleaned))
    if len(classes) == MAX_CLASSES:
        raise DataError(f"A data set can have {MAX_CLASSES} classes. Merge or delete some first.")
    return (*classes, cleaned), len(classes)


def _drop_classes(labels: CatalogueLabels, indices: Sequence[int]) -> CatalogueLabels:
    """Without the classes ``indices``, which have no pictures; the others are numbered anew."""
    kept = [i for i in range(len(labels.classes)) if i not in indices]
    number = np.full(256, NO_LABEL, np.uint8)
    number[kept] = np.arange(len(kept))
    return replace(labels, classes=tuple(labels.classes[i] for i in kept), labels=number[labels.labels])


def _split_if_needed(old: CatalogueLabels, labels: CatalogueLabels, seed: int) -> CatalogueLabels:
    """``labels``, with new splits for the classes that lack training or test pictures now and didn't before."""
    names = _unsplit_classes(labels) - _unsplit_classes(old)
    is_affected = np.isin(labels.labels, [labels.classes.index(name) for name in names])
    is_free = is_affected & ~np.isin(labels.groups, labels.groups[~is_affected & (labels.labels != NO_LABEL)])
    free_labels, free_groups = labels.labels[is_free], labels.groups[is_free]
    splits, folds = labels.splits.copy(), labels.folds
    if folds is None:
        splits[is_free] = choose_splits(free_labels, free_groups, seed)
    else:
        folds = folds.copy()
        splits[is_free], folds[is_free] = choose_folds(free_labels, free_groups, seed)
    return replace(labels, splits=splits, folds=folds)


def _unsplit_classes(labels: CatalogueLabels) -> set[str]:
    """Classes with two groups that lack training or test pictures."""
    unsplit = set()
    for index, name in enumerate(labels.classes):
        is_class = labels.labels == index
        if labels.folds is None:
            has_both = {TRAIN, TEST} <= set(labels.splits[is_class].tolist())
        else:
            has_both = len(np.unique(labels.folds[is_class])) >= 2
        if not has_both and len(np.unique(labels.groups[is_class])) >= 2:
            unsplit.add(name)
    return unsplit
