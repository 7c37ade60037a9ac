"""The user's catalogues: their names, the list of them, and deleting one."""

import re
import unicodedata
from contextlib import AbstractContextManager
from dataclasses import dataclass

from fashion_core.data.catalogue import Catalogue, catalogues_folder, is_catalogue_id
from fashion_core.data.class_names import class_name_key, clean_class_name
from fashion_core.errors import DataError
from fashion_core.storage.access import check_change
from fashion_core.storage.files import delete_folder
from fashion_core.storage.locks import lock

RESERVED_NAMES = ("fashion-mnist", "sample-data")
NAME_WITHOUT_LATIN_LETTERS = "catalogue"


@dataclass(frozen=True)
class CatalogueEntry:
    """A folder of the user's data sets: its catalogue or, where it can't be read, the ``damage``."""

    name: str
    catalogue: Catalogue | None
    damage: str = ""


def list_catalogues() -> list[CatalogueEntry]:
    """Every catalogue of the user, by title, the damaged ones last."""
    try:
        names = sorted(path.name for path in catalogues_folder().iterdir() if path.is_dir())
    except OSError:
        return []
    entries = []
    for name in names:
        if not is_catalogue_id(name):
            continue
        try:
            entries.append(CatalogueEntry(name, Catalogue.open(catalogues_folder() / name)))
        except DataError as error:
            entries.append(CatalogueEntry(name, None, str(error)))
    return sorted(entries, key=lambda e: (e.catalogue is None, e.catalogue.title.casefold() if e.catalogue else e.name))


def find_catalogue(name: str) -> Catalogue:
    """The catalogue with this name or title; raises ``DataError`` when there is none, or it is damaged."""
    if is_catalogue_id(name) and (catalogues_folder() / name).is_dir():
        return Catalogue.open(catalogues_folder() / name)
    for entry in list_catalogues():
        if entry.catalogue is not None and class_name_key(entry.catalogue.title) == class_name_key(name):
            return entry.catalogue
    raise DataError(
        f"There is no data set named {name[:80]!r}. `python -m fashion_core data list` names those there are."
    )


def delete_catalogue(name: str) -> None:
    """Delete the catalogue with this name, also a damaged one.

    Raises ``DataError`` when there is none, ``StorageError`` when it can't be deleted, and ``AccessError`` when the
    visitor may not.
    """
    check_change()
    if not is_catalogue_id(name) or not (catalogues_folder() / name).is_dir():
        name = find_catalogue(name).name
    with lock_catalogue(name):
        delete_folder(catalogues_folder() / name)
    (catalogues_folder() / f".{name}.lock").unlink(missing_ok=True)


def lock_catalogue(name: str) -> AbstractContextManager[None]:
    """Hold while a catalogue is changed; raises ``StorageError`` when another process holds it for long."""
    return lock(catalogues_folder() / f".{name}.lock")


def check_title(title: str) -> str:
    """``title`` cleaned as names of classes are; raises ``DataError`` when nothing visible is left."""
    cleaned = clean_class_name(title)
    if not cleaned:
        raise DataError("This name has no visible characters. Write another.")
    return cleaned


def make_catalogue_name(title: str) -> str:
    """The name, which is also the folder, of a new catalogue with this title: its Latin letters, numbered if needed.

    Raises ``DataError`` when there is a catalogue with this title already, or the name is that of another data set.
    """
    title, entries = check_title(title), list_catalogues()
    if class_name_key(title) in {class_name_key(e.catalogue.title) for e in entries if e.catalogue is not None}:
        raise DataError(f"There is a data set named {title} already. Choose another name, or delete it.")
    decomposed = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "-", decomposed).strip("-")[:60].strip("-")
    if any(entry.name == name and entry.catalogue is None for entry in entries):
        raise DataError(f"The data set {name} is damaged. Delete it first, or choose another name.")
    if name in RESERVED_NAMES:
        raise DataError(f"{title} is the name of another data set. Choose another name.")
    taken = {entry.name for entry in entries}
    if not name or name in taken:
        stem = name[:50] or NAME_WITHOUT_LATIN_LETTERS
        numbered = (f"{stem}-{number}" for number in range(1, len(taken) + 2))
        name = next(candidate for candidate in numbered if candidate not in taken)
    return name
