"""The data set that a run was trained on, and how pictures are prepared for it."""

from contextlib import suppress
from typing import Literal

from fashion_core.data.catalogue import Catalogue
from fashion_core.data.classes import ClassList
from fashion_core.data.dataset import Dataset
from fashion_core.data.loading import find_dataset
from fashion_core.errors import DataError, RunError
from fashion_core.runs.store import RunEntry
from fashion_core.vision.preparation import PictureKind, PreparationOptions


def find_run_dataset(entry: RunEntry, name: str) -> Dataset:
    """The data set ``name`` or, where that is empty, the one that the run was trained on.

    Raises ``DataError`` when it is not there, ``RunError`` when its classes are others than the run predicts.
    """
    if entry.record is None:
        raise RunError(f"The run {entry.id} is damaged. {entry.damage}")
    data = entry.record.data
    dataset = find_dataset(name or data.name)
    if dataset.classes.names != data.classes:
        raise RunError(f"{entry.id} predicts the classes of {data.title}, and {dataset.title} has others.")
    return dataset


def read_run_options(entry: RunEntry, kind: PictureKind | Literal["auto"]) -> tuple[ClassList, PreparationOptions]:
    """The classes that a run predicts, and how its pictures are prepared: as those of its data set were."""
    assert entry.record is not None  # its model could be loaded
    data = entry.record.data
    if data.source != "catalogue":
        return data.class_list, PreparationOptions(kind)
    if kind == "auto":
        with suppress(DataError):  # the data set is gone: the kind is detected
            dataset = find_dataset(data.name)
            kind = dataset.values.get("kind", kind) if isinstance(dataset, Catalogue) else kind
    return data.class_list, PreparationOptions(kind, letterbox_without_garment=True)
