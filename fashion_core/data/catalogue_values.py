"""``dataset.json``: what a catalogue says about itself, checked before it is used."""

import json
import re
from pathlib import Path
from typing import Any

from fashion_core.data.class_names import class_name_key, is_clean_name
from fashion_core.data.classes import MAX_CLASSES
from fashion_core.data.dataset import MAX_SEED
from fashion_core.errors import DataError
from fashion_core.storage.files import write_atomically
from fashion_core.vision.preparation import PREPARATION_KINDS

CATALOGUE_SCHEMA = 1
DATASET_FILE = "dataset.json"
MAX_PICTURES = 1_000_000
MAX_VIEWS = 16
MAX_VERSIONS = 50  # that can be undone
MAX_NUMBER = 99_999_999  # of a version
LABELS_FILE_PATTERN = re.compile(r"labels-\d{1,8}\.npz")


def check_dataset_values(values: Any, name: str) -> None:
    """Raise ``DataError`` unless ``values`` are those of a ``dataset.json`` that this version can read."""
    if not isinstance(values, dict) or not isinstance(values.get("schema"), int):
        raise DataError(f"The {DATASET_FILE} of {name} does not describe a data set. Import it again.")
    if values["schema"] > CATALOGUE_SCHEMA:
        raise DataError(
            f"The data set {name} is of format {values['schema']}, and this program reads up to {CATALOGUE_SCHEMA}; "
            "update the program."
        )
    versions = values.get("versions")
    sound = (
        is_clean_name(values.get("title"))
        and _is_count(values.get("n_pictures"), MAX_PICTURES)
        and _is_count(values.get("n_without_files"), MAX_PICTURES)
        and _is_count(values.get("n_views"), MAX_VIEWS)
        and values["n_views"] >= 1
        and _is_count(values.get("last_number", 0), MAX_NUMBER)
        and isinstance(values.get("created", ""), str)
        and isinstance(values.get("source", ""), str)
        and values.get("kind") in ("auto", *PREPARATION_KINDS)
        and _is_count(values.get("seed", 0), MAX_SEED)
        and isinstance(versions, list)
        and 1 <= len(versions) <= MAX_VERSIONS
        and all(map(_is_version, versions))
    )
    if not sound:
        raise DataError(f"A field of the {DATASET_FILE} of {name} is missing or invalid. Import it again.")


def _is_version(version: Any) -> bool:
    if not isinstance(version, dict):
        return False
    classes, file = version.get("classes"), version.get("file")
    return (
        isinstance(file, str)
        and LABELS_FILE_PATTERN.fullmatch(file) is not None
        and isinstance(version.get("change"), str)
        and isinstance(version.get("has_folds", False), bool)
        and all(re.fullmatch(r"[0-9a-f]{16}", str(version.get(key))) for key in ("fingerprint", "test_fingerprint"))
        and isinstance(classes, list)
        and 1 <= len(classes) <= MAX_CLASSES
        and all(map(is_clean_name, classes))
        and len(set(map(class_name_key, classes))) == len(classes)
    )


def _is_count(value: Any, maximum: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= maximum


def save_dataset_values(folder: Path, values: dict[str, Any]) -> None:
    """Write ``dataset.json``; raises ``StorageError`` when that isn't possible, and the one before stays."""
    values = {"n_without_files": 0, "n_views": 1, "kind": "auto", **values, "schema": CATALOGUE_SCHEMA}
    write_atomically(folder / DATASET_FILE, (json.dumps(values, indent=1, ensure_ascii=False) + "\n").encode())
