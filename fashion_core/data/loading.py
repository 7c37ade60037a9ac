"""Load a data set: Fashion-MNIST or, where it isn't found, the sample data; or a catalogue of the user's."""

import os
from functools import cached_property
from pathlib import Path

import numpy as np

from fashion_core.data.catalogue import Catalogue, catalogues_folder, is_catalogue_id
from fashion_core.data.catalogue_list import find_catalogue
from fashion_core.data.catalogue_values import DATASET_FILE
from fashion_core.data.dataset import Dataset, PartName
from fashion_core.data.fashion_mnist import (
    FASHION_MNIST_FINGERPRINT,
    PUBLISHED_FILES,
    find_fashion_mnist_folder,
    read_published_array,
)
from fashion_core.data.sample_data import SampleDataset
from fashion_core.errors import DataError

DEFAULT_DATASET_NAME = "fashion-mnist"  # the sample data where Fashion-MNIST isn't found


class FashionMNIST(Dataset):
    """Fashion-MNIST from the files in ``folder``. Reading raises ``DataError`` when a file is not the published one."""

    name = DEFAULT_DATASET_NAME
    source = "fashion-mnist"
    title = "Fashion-MNIST"
    fingerprint = FASHION_MNIST_FINGERPRINT

    def __init__(self, folder: Path) -> None:
        self.folder: Path = folder

    def read_part(self, part: PartName) -> tuple[np.ndarray, np.ndarray]:
        return read_published_array(self.folder, f"{part}_images"), self.published_labels(part)

    def published_labels(self, part: PartName) -> np.ndarray:
        """See ``Dataset``: most pages never need the 47 MB of train images."""
        return self._published_labels[part]

    @cached_property
    def _published_labels(self) -> dict[PartName, np.ndarray]:
        train, test = (read_published_array(self.folder, f"{part}_labels") for part in ("train", "test"))
        return {"train": train, "test": test}


def load_dataset(folder: Path | None = None) -> Dataset:
    """Fashion-MNIST if its files are on this machine, else the synthetic sample data.

    ``folder``: search there only, and raise ``DataError`` when a file is missing. A catalogue's folder is opened as
    that catalogue.
    """
    if folder is not None and os.path.isfile(folder / DATASET_FILE):
        return Catalogue.open(folder)
    data_folder = find_fashion_mnist_folder(folder)
    if data_folder is not None:
        return FashionMNIST(data_folder)
    if folder is not None:
        names = ", ".join(f.name for f in PUBLISHED_FILES.values())
        raise DataError(f"{folder} does not hold Fashion-MNIST. It needs these four files: {names}.")
    return SampleDataset()


def find_dataset(name: str) -> Dataset:
    """The data set called ``name``: ``fashion-mnist``, a catalogue's name or title, or the path of a folder.

    Raises ``DataError`` naming what to do when there is none.
    """
    if name in ("", DEFAULT_DATASET_NAME):
        return load_dataset()
    is_catalogue = is_catalogue_id(name) and (catalogues_folder() / name).is_dir()
    if not is_catalogue and os.path.isdir(name):
        return load_dataset(Path(name))
    return find_catalogue(name)


def dataset_location(dataset: Dataset) -> str:
    """The folder of ``dataset``, or "" for the sample data; ``load_dataset_from_location`` reads it in a job."""
    return "" if dataset.folder is None else str(dataset.folder.resolve())


def load_dataset_from_location(location: str) -> Dataset:
    """The data set that ``dataset_location`` named; raises ``DataError`` when it is not there any more."""
    if location and not os.path.isdir(location):
        raise DataError(f"The data set {Path(location).name} was deleted or moved. Import it again, and start anew.")
    return load_dataset(Path(location)) if location else SampleDataset()
