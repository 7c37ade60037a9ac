"""Import a source as a catalogue: list, prepare, look for duplicates, split, write. The catalogue appears whole."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from fashion_core.data.catalogue import (
    DUPLICATES_FILE,
    IMAGES_FILE,
    VIEWS_FILE,
    Catalogue,
    catalogues_folder,
    save_labels,
)
from fashion_core.data.catalogue_archive import exported_title, is_exported_catalogue, restore_catalogue
from fashion_core.data.catalogue_labels import CatalogueLabels
from fashion_core.data.catalogue_list import check_title, make_catalogue_name
from fashion_core.data.class_names import clean_class_name
from fashion_core.data.dataset import SPLIT_SEED
from fashion_core.data.importing.arrays import is_array_source, read_array_source
from fashion_core.data.importing.content import ImportedContent
from fashion_core.data.importing.duplicates import group_equal_images, group_near_duplicates
from fashion_core.data.importing.findings import make_report
from fashion_core.data.importing.pictures import read_pictures
from fashion_core.data.importing.prepare import CatalogueKind
from fashion_core.data.importing.report import save_report
from fashion_core.data.importing.sources import open_listing
from fashion_core.data.importing.splits import choose_splits_and_folds
from fashion_core.errors import StorageError
from fashion_core.storage.access import check_change
from fashion_core.storage.arrays import array_to_npy_bytes
from fashion_core.storage.files import unfinished_folder, write_atomically

ProgressCallback = Callable[[float, str], None]
PREPARED_FRACTION = 0.95  # of an import is done once the pictures are prepared


def import_catalogue(
    source: Path,
    title: str,
    *,
    kind: CatalogueKind = "auto",
    seed: int = SPLIT_SEED,
    report: ProgressCallback = lambda fraction, message: None,
    work_folder: Path | None = None,
) -> Catalogue:
    """Import the folder, zip, table or file of arrays at ``source`` as a catalogue called ``title``.

    ``kind``: how the pictures were made. ``seed``: of the split. ``report`` gets the fraction done and what is being
    done; what it raises ends the import. ``work_folder``: where the unfinished catalogue lies meanwhile, on the same
    disk (default: beside the others).

    Raises ``DataError`` when there is nothing to import or the title is taken, and ``StorageError`` when the disk is
    full; then nothing is left.
    """
    start = time.monotonic()
    name = make_catalogue_name(title)
    with unfinished_folder(work_folder or catalogues_folder()) as folder:
        report(0.0, "listing the pictures")
        if is_exported_catalogue(source):
            restore_catalogue(source, folder, check_title(title), lambda fraction: report(fraction, "copying"))
            return publish_folder(folder, name)
        content = _read_source(source, folder, kind, report)
        report(PREPARED_FRACTION, "looking for duplicates")
        groups, duplicates = (
            group_near_duplicates(content.looks, content.groups)
            if content.has_files
            else group_equal_images(content.digests, content.groups)
        )
        splits, folds = choose_splits_and_folds(content.labels, groups, seed, content.splits)
        labels = CatalogueLabels(content.classes, content.labels, splits, groups, folds)
        values = {
            "title": check_title(title),
            "created": time.strftime("%Y-%m-%dT%H:%M:%S"),
            "source": source.name,
            "kind": kind,
            "seed": seed,
        }
        write_content(folder, content, labels, values)
        found = make_report(source.name, content, labels, duplicates)
        save_report(folder, replace(found, seconds=round(time.monotonic() - start, 1)))
        return publish_folder(folder, name)


def suggest_title(source: Path) -> str:
    """A title for what is in ``source``: that of an exported catalogue, or the name of the file or folder."""
    path = source.resolve()
    return exported_title(source) or clean_class_name(path.name if path.is_dir() else path.name.split(".")[0])


def write_content(folder: Path, content: ImportedContent, labels: CatalogueLabels, values: dict[str, Any]) -> None:
    """Write everything but the pictures of a new catalogue; raises ``StorageError``."""
    write_atomically(folder / IMAGES_FILE, array_to_npy_bytes(content.images))
    n_views = 1
    if content.views is not None:
        write_atomically(folder / VIEWS_FILE, array_to_npy_bytes(content.views))
        n_views = content.views.shape[1]
    marks = np.concatenate([content.digests, content.looks], axis=1)
    write_atomically(folder / DUPLICATES_FILE, array_to_npy_bytes(marks))
    n_without_files = 0 if content.has_files else len(content.images)
    save_labels(folder, content.images, labels, {**values, "n_views": n_views, "n_without_files": n_without_files})


def publish_folder(folder: Path, name: str) -> Catalogue:
    """Give the folder of a finished catalogue its name; raises ``StorageError`` when another has it."""
    try:
        catalogues_folder().mkdir(parents=True, exist_ok=True)
        folder.rename(catalogues_folder() / name)
    except OSError as error:
        raise StorageError(f"The data set {name} cannot be written ({error.strerror}). Try another name.") from error
    return Catalogue.open(catalogues_folder() / name)


def _read_source(source: Path, folder: Path, kind: CatalogueKind, report: ProgressCallback) -> ImportedContent:
    if is_array_source(source):
        return read_array_source(source)
    with open_listing(source) as listing:
        n_files = len(listing.items)
        check_change(pictures=n_files)
        return read_pictures(
            listing, folder, kind, lambda n: report(PREPARED_FRACTION * n / n_files, "preparing the pictures")
        )
