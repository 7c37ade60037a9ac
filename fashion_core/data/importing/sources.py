"""What a folder or zip holds: each picture with its class, split and group, and what was left aside."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from fashion_core.data.catalogue_labels import TEST, TRAIN, VALIDATION
from fashion_core.data.class_names import UNLABELLED, class_name_key, clean_class_name
from fashion_core.data.classes import MAX_CLASSES
from fashion_core.data.importing.report import Pair
from fashion_core.data.importing.table import PictureTable, normalise_path, read_table
from fashion_core.errors import DataError, PictureError
from fashion_core.vision.picture_sources import PictureSource, is_picture_name, open_picture_sources

SPLIT_NAMES = {
    "train": TRAIN, "training": TRAIN, "validation": VALIDATION, "valid": VALIDATION, "val": VALIDATION,
    "dev": VALIDATION, "test": TEST, "testing": TEST,
}  # fmt: skip
TABLE_SUFFIXES = (".csv", ".tsv")
MAX_TABLES = 100  # each is compared with every picture
SYSTEM_FILES = ("thumbs.db", "desktop.ini")
SEPARATED = ", separated by commas, semicolons or tabs"
MAX_SHOWN = 80  # characters of what a table holds
NO_CLASS_REASON = "It is in no folder of a class."


@dataclass(frozen=True)
class ImportItem:
    """A picture that is listed but not read yet: its path inside the source, and what is known about it.

    ``split``: ``TRAIN``, ``VALIDATION`` or ``TEST``; None where it is to be chosen. ``group``: "" for none.
    """

    source: PictureSource
    name: str
    class_name: str | None = None
    split: int | None = None
    group: str = ""


@dataclass
class Listing:
    """The pictures of a source, the classes in order, and what was found, by the field of ``ImportReport``."""

    items: list[ImportItem]
    classes: tuple[str, ...] = ()
    found: dict[str, list[Pair]] = field(default_factory=lambda: defaultdict(list))


@contextmanager
def open_listing(path: Path) -> Iterator[Listing]:
    """List the pictures of a folder, a zip, or a table beside its pictures; they can be read inside the context.

    Raises ``DataError`` when there are none, or more than 200 classes.
    """
    is_table = path.suffix.lower() in TABLE_SUFFIXES
    if not path.exists():
        raise DataError(f"{path} does not exist. Choose a folder, a zip, a table or a file of arrays.")
    with open_picture_sources([path.parent if is_table else path], with_other_files=True) as sources:
        yield list_pictures(sources, path.name if is_table else "")


def list_pictures(sources: Sequence[PictureSource], table_name: str = "") -> Listing:
    """Tell the class, split and group of each picture from its folders and from tables.

    ``table_name``: the only table to read, which lies at the top; otherwise each that names files is read.
    """
    listing = Listing([])
    tables: list[tuple[PurePosixPath, PictureTable]] = []
    for source in sources:
        name = _inner_name(source)
        if is_picture_name(name) or name.lower().endswith(".zip"):
            listing.items.append(ImportItem(source, name))
        elif name.lower().endswith(TABLE_SUFFIXES) and table_name in ("", name):
            try:
                table = _read_source_table(source, name)
            except DataError as error:
                if table_name:
                    raise
                listing.found["skipped"].append((name, str(error)))
                continue
            if table is not None:
                if len(tables) == MAX_TABLES:
                    raise DataError(f"There are more than {MAX_TABLES} tables in it. Join them into one.")
                tables.append((PurePosixPath(name), table))
            elif table_name:
                raise DataError(
                    f"The table {name} needs a first line that names the columns file and label{SEPARATED}."
                )
            else:
                reason = f"Its first line does not name the column file and another, such as label{SEPARATED}."
                listing.found["skipped"].append((name, reason))
        elif PurePosixPath(name).name.lower() not in SYSTEM_FILES and not table_name:
            listing.found["skipped"].append((name, "It is no picture."))
    if not listing.items:
        raise DataError("There are no pictures in it. Choose a folder or zip with a folder for each class.")
    _apply_folders(listing)
    for path, table in tables:
        _apply_table(listing, path, table)
    _drop_pictures_without_class(listing)
    _unify_class_names(listing)
    return listing


def _inner_name(source: PictureSource) -> str:
    return "/".join((*source.folders, PurePosixPath(source.name.replace("\\", "/")).name))


def _read_source_table(source: PictureSource, name: str) -> PictureTable | None:
    try:
        return read_table(source.read(), name)
    except PictureError as error:
        raise DataError(f"The table {name} cannot be read: {error}") from error


def _apply_folders(listing: Listing) -> None:
    """A folder around everything is passed over; then come splits, if those are the only folders; then classes."""
    folders = [item.source.folders for item in listing.items]
    if all(f for f in folders) and len({f[0] for f in folders}) == 1 and any(len(f) > 1 for f in folders):
        folders = [f[1:] for f in folders]
    tops = {f[0].casefold() for f in folders if f}
    # one of them may have no folders of classes: the test pictures of a competition have no labels
    brings_split = len(tops) >= 2 and tops <= SPLIT_NAMES.keys() and any(len(f) > 1 for f in folders)
    for i, (item, parts) in enumerate(zip(listing.items, folders, strict=True)):
        split = SPLIT_NAMES[parts[0].casefold()] if brings_split and parts else None
        rest = parts[1:] if brings_split else parts
        listing.items[i] = replace(item, class_name=rest[0] if rest else None, split=split)


def _apply_table(listing: Listing, path: PurePosixPath, table: PictureTable) -> None:
    """What a table says wins over the folders. With labels, it lists all the pictures there are in its folder."""
    folder = "" if len(path.parts) == 1 else f"{path.parent}/"
    listing.found["ignored_columns"] += [(column, path.name) for column in table.ignored_columns]
    by_path = {normalise_path(item.name): item for item in listing.items}
    n_by_base = Counter(PurePosixPath(name).name for name in by_path)
    by_base = {PurePosixPath(name).name: item for name, item in by_path.items()}
    exact = [by_path.get(normalise_path(folder) + row.file) for row in table.rows]
    named_exactly = {id(item.source) for item in exact if item is not None}
    found: list[ImportItem] = []
    for row, item in zip(table.rows, exact, strict=True):
        base = PurePosixPath(row.file).name
        if item is None and n_by_base[base] == 1 and id(by_base[base].source) not in named_exactly:
            item = by_base[base]
        if item is None:
            listing.found["missing"].append((row.file, path.name))
            continue
        if row.split and row.split.casefold() not in SPLIT_NAMES:
            raise DataError(
                f"The table {path.name} puts {row.file[:MAX_SHOWN]} into the split {row.split[:MAX_SHOWN]!r}. "
                "Write train, validation or test, or leave it empty."
            )
        split = SPLIT_NAMES.get(row.split.casefold(), item.split)
        label = (row.label or None) if "label" in table.columns else item.class_name
        found.append(replace(item, class_name=label, split=split, group=row.group or item.group))
    named = {id(item.source) for item in found}
    others = [item for item in listing.items if id(item.source) not in named]
    if "label" in table.columns:
        inside = [item for item in others if normalise_path(item.name).startswith(normalise_path(folder))]
        listing.found["skipped"] += [(item.name, f"{path.name} does not name it.") for item in inside]
        others = [item for item in others if not normalise_path(item.name).startswith(normalise_path(folder))]
    listing.items = [*dict.fromkeys(found), *others]
    if not listing.items and not table.rows:
        raise DataError(f"The table {path.name} names no pictures. Write a line for each below its first.")
    if not listing.items:
        raise DataError(f"None of the pictures that {path.name} names is there. Put them beside it.")


def _drop_pictures_without_class(listing: Listing) -> None:
    """Where no picture has a class, all are of the class "Unlabelled"; else those without one are left aside."""
    has_class = [item.class_name is not None and clean_class_name(item.class_name) != "" for item in listing.items]
    if not any(has_class):
        listing.items = [replace(item, class_name=UNLABELLED) for item in listing.items]
        return
    pairs = list(zip(listing.items, has_class, strict=True))
    listing.found["skipped"] += [(item.name, NO_CLASS_REASON) for item, known in pairs if not known]
    listing.items = [item for item, known in pairs if known]


def _unify_class_names(listing: Listing) -> None:
    """Clean the names; those that differ only in case or Unicode form, or beyond 100 characters, are one class."""
    written = Counter(item.class_name or "" for item in listing.items)
    chosen: dict[str, str] = {}
    name_of: dict[str, str] = {}
    for name in sorted(written, key=lambda name: (-written[name], name)):
        cleaned = clean_class_name(name)
        name_of[name] = chosen.setdefault(class_name_key(cleaned), cleaned)
        if name_of[name] != name:
            listing.found["renamed"].append((name, name_of[name]))
    listing.classes = sort_class_names(chosen.values())
    check_class_count(len(listing.classes))
    listing.items = [replace(item, class_name=name_of[item.class_name or ""]) for item in listing.items]


def sort_class_names(names: Iterable[str]) -> tuple[str, ...]:
    """Names in alphabetical order, numbers by their value."""

    def order(name: str) -> tuple[bool, int, str]:
        return not name.isdecimal(), int(name) if name.isdecimal() else 0, name.casefold()

    return tuple(sorted(names, key=order))


def check_class_count(n: int) -> None:
    """Raise ``DataError`` when there are more classes than a data set can have."""
    if n > MAX_CLASSES:
        raise DataError(
            f"There are {n:,} classes, and a data set can have {MAX_CLASSES}. Put several into one folder, or leave "
            "some out."
        )
