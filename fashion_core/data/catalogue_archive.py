"""Export a catalogue as one zip, and restore one from such a zip or from a copied folder, without preparing anew."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from PIL import Image

from fashion_core.data.catalogue import (
    DIGEST_BYTES,
    DUPLICATES_FILE,
    IMAGES_FILE,
    LOOK_BYTES,
    MAX_PICTURE_SIDE,
    PICTURES_FOLDER,
    REPORT_FILE,
    VIEWS_FILE,
    Catalogue,
    picture_file_name,
)
from fashion_core.data.catalogue_labels import fingerprint_of_tested, fingerprint_of_version, max_labels_bytes
from fashion_core.data.catalogue_values import DATASET_FILE, check_dataset_values, save_dataset_values
from fashion_core.data.class_names import is_clean_name
from fashion_core.errors import DataError, PictureError, StorageError
from fashion_core.storage.access import check_change
from fashion_core.storage.files import (
    file_size,
    make_folder,
    open_atomically,
    read_file,
    write_atomically,
    write_new_file,
)
from fashion_core.storage.folder import user_data_folder
from fashion_core.storage.zips import read_zip_member
from fashion_core.vision.decode import DECODE_ERRORS
from fashion_core.vision.picture_sources import open_zip

MAX_JSON_BYTES = 16 * 2**20
MAX_UNUSED_BYTES = 64 * 2**20  # of an array: an addition that was interrupted leaves rows
MAX_JPEG_BYTES = 2**20
DAMAGED = "This exported data set is damaged: {}. Export it again."


@dataclass(frozen=True)
class _Members:
    """The files of an exported catalogue, by their name below its folder.

    ``read(name, most)`` returns the content of one that has at most ``most`` bytes; ``count_bytes(name)`` is at least
    as much as it reads, and 0 when there is no such file.
    """

    read: Callable[[str, int], bytes]
    count_bytes: Callable[[str], int]


def export_catalogue(catalogue: Catalogue, path: Path) -> None:
    """Write the whole catalogue as a zip to ``path``; importing that restores it, on any machine.

    Raises ``DataError`` when one of its files is missing, and ``StorageError`` when the zip can't be written.
    """
    try:
        with (
            open_atomically(path) as file,
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1, strict_timestamps=False) as archive,
        ):
            # the values in memory, which are of the files that are listed, whatever was changed on disk meanwhile
            archive.writestr(f"{catalogue.name}/{DATASET_FILE}", json.dumps(catalogue.values, ensure_ascii=False))
            for name in _file_names(catalogue.values):
                method = zipfile.ZIP_STORED if name.endswith(".jpg") else zipfile.ZIP_DEFLATED
                if name != REPORT_FILE or (catalogue.folder / name).is_file():
                    archive.write(catalogue.folder / name, f"{catalogue.name}/{name}", method)
    except OSError as error:
        if error.filename is not None and Path(error.filename).is_relative_to(catalogue.folder):
            raise DataError(f"{error.filename} is missing, so {catalogue.title} cannot be exported.") from error
        raise StorageError(f"{path} cannot be written ({error.strerror}). Choose another folder.") from error


def is_exported_catalogue(source: Path) -> bool:
    """Whether ``source`` is an exported zip, or the folder of a catalogue."""
    try:
        with _open_members(source):
            return True
    except (DataError, OSError):
        return False


def exported_title(source: Path) -> str:
    """The title of the catalogue in ``source``; "" when it is no exported catalogue, or can't be read."""
    try:
        with _open_members(source) as members:
            title = json.loads(members.read(DATASET_FILE, MAX_JSON_BYTES)).get("title")
            return str(title) if is_clean_name(title) else ""
    except (DataError, OSError, ValueError, AttributeError, RecursionError):
        return ""


def restore_catalogue(source: Path, folder: Path, title: str, report: Callable[[float], None]) -> None:
    """Copy the exported catalogue ``source`` into ``folder`` under another title, checking every file.

    ``report`` gets the fraction done. Raises ``DataError`` when a file is missing, damaged, too large or doesn't fit
    the others, or is of a newer version.
    """
    with _open_members(source) as members:
        try:
            values = json.loads(members.read(DATASET_FILE, MAX_JSON_BYTES))
        except (ValueError, RecursionError) as error:
            raise DataError(DAMAGED.format(f"{DATASET_FILE} cannot be read")) from error
        check_dataset_values(values, source.name)
        names = _file_names(values)
        n_bytes = sum(map(members.count_bytes, names))
        if source.is_relative_to(user_data_folder()):  # an upload, which counts already and is deleted afterwards
            n_bytes -= file_size(source)
        check_change(pictures=values["n_pictures"], megabytes=max(n_bytes, 0) / 2**20)
        make_folder(folder / PICTURES_FOLDER)
        for n, name in enumerate(names, 1):
            _copy_member(members, name, folder, _max_bytes(name, values))
            report(n / len(names))
    save_dataset_values(folder, {**values, "title": title})
    catalogue = Catalogue.open(folder)
    labels = catalogue.read_saved_labels()
    images = catalogue.images[: len(labels.labels)]
    fingerprints = fingerprint_of_version(images, labels), fingerprint_of_tested(images, labels)
    if fingerprints != (catalogue.fingerprint, catalogue.test_fingerprint):
        raise DataError(DAMAGED.format("its pictures or labels were changed"))
    catalogue.views("test")


def _file_names(values: dict[str, Any]) -> list[str]:
    """Every file of a catalogue but ``dataset.json``."""
    views = [VIEWS_FILE] if values["n_views"] > 1 else []
    labels = [version["file"] for version in values["versions"]]
    numbers = range(values["n_without_files"], values["n_pictures"])
    pictures = [f"{PICTURES_FOLDER}/{picture_file_name(number)}" for number in numbers]
    return [IMAGES_FILE, *views, DUPLICATES_FILE, REPORT_FILE, *labels, *pictures]


def _max_bytes(name: str, values: dict[str, Any]) -> int:
    n = values["n_pictures"]
    row_bytes = {
        IMAGES_FILE: 28 * 28,
        VIEWS_FILE: 28 * 28 * values["n_views"],
        DUPLICATES_FILE: DIGEST_BYTES + LOOK_BYTES,
    }
    if name in row_bytes:
        return n * row_bytes[name] + MAX_UNUSED_BYTES
    if name == REPORT_FILE:
        return MAX_JSON_BYTES
    return MAX_JPEG_BYTES if name.startswith(PICTURES_FOLDER) else max_labels_bytes(n)


def _copy_member(members: _Members, name: str, folder: Path, most: int) -> None:
    if name.startswith(PICTURES_FOLDER):
        content = members.read(name, most)
        _check_jpeg(name, content)
        write_new_file(folder / name, content)
        return
    try:
        content = members.read(name, most)
    except DataError:
        if name == REPORT_FILE:  # only to read
            return
        raise
    write_atomically(folder / name, content)


def _check_jpeg(name: str, content: bytes) -> None:
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG",)) as image:
            if max(image.size) <= MAX_PICTURE_SIDE:
                return
    except (*DECODE_ERRORS, Image.DecompressionBombError) as error:
        raise DataError(DAMAGED.format(f"{name} is no JPEG file")) from error
    raise DataError(DAMAGED.format(f"{name} has more than {MAX_PICTURE_SIDE} pixels a side"))


@contextmanager
def _open_members(source: Path) -> Iterator[_Members]:
    """Open an exported catalogue. Raises ``DataError`` when there is none in ``source``."""
    if (source / DATASET_FILE).is_file() and not _is_of_another_program(
        _read_file(source / DATASET_FILE, MAX_JSON_BYTES), has_images=(source / IMAGES_FILE).is_file()
    ):
        yield _Members(lambda name, most: _read_file(source / name, most), lambda name: file_size(source / name))
        return
    if source.suffix.lower() != ".zip" or not source.is_file():
        raise DataError(f"{source.name} is no exported data set.")
    with source.open("rb") as file:
        try:
            archive = open_zip(file)
        except PictureError as error:
            raise DataError(str(error)) from error
        with archive:
            entries = {entry.filename: entry for entry in archive.infolist()}
            prefixes = [name.removesuffix(DATASET_FILE) for name in entries if PurePosixPath(name).name == DATASET_FILE]
            prefixes = [prefix for prefix in prefixes if prefix.count("/") <= 1]

            def read(name: str, most: int) -> bytes:
                return _read_entry(archive, entries.get(prefixes[0] + name), name, most)

            def count_bytes(name: str) -> int:
                entry = entries.get(prefixes[0] + name)
                return entry.file_size if entry is not None else 0

            if len(prefixes) != 1 or _is_of_another_program(
                read(DATASET_FILE, MAX_JSON_BYTES), has_images=prefixes[0] + IMAGES_FILE in entries
            ):
                raise DataError(f"{source.name} is no exported data set.")
            yield _Members(read, count_bytes)


def _is_of_another_program(content: bytes, *, has_images: bool) -> bool:
    """Whether a dataset.json, as others call theirs too, is not of a catalogue: one that can't be read is damaged if
    there are images beside it."""
    try:
        values = json.loads(content)
    except (ValueError, RecursionError):
        return not has_images
    return not isinstance(values, dict) or not {"schema", "versions", "n_pictures"} <= values.keys()


def _read_file(path: Path, most: int) -> bytes:
    try:
        return read_file(path, most)
    except StorageError as error:
        raise DataError(f"{error} Export this data set again.") from error


def _read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo | None, name: str, most: int) -> bytes:
    if entry is None:
        raise DataError(DAMAGED.format(f"{name} is missing"))
    try:
        return read_zip_member(archive, entry, most)
    except StorageError as error:
        raise DataError(f"{name} in this exported data set cannot be used: {error}") from error
