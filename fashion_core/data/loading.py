"""Fashion-MNIST as a data set, and the choice between it and the synthetic sample data."""

from pathlib import Path
from typing import Literal

import numpy as np

from fashion_core.data import fashion_mnist
from fashion_core.data.dataset import Dataset
from fashion_core.errors import DataError


class FashionMNIST(Dataset):
    """The published data set, read from ``folder``; every read raises ``DataError`` on a byte not published."""

    source = "fashion-mnist"
    title = "Fashion-MNIST"
    fingerprint = fashion_mnist.FASHION_MNIST_FINGERPRINT

    def __init__(self, folder: Path) -> None:
        self.folder: Path = folder

    def _read_part(self, part: Literal["train", "test"]) -> tuple[np.ndarray, np.ndarray]:
        return fashion_mnist.read_published_array(self.folder, f"{part}_images"), fashion_mnist.read_published_array(
            self.folder, f"{part}_labels"
        )


def load_dataset(folder: Path | None = None) -> Dataset:
    """The best data to be had without a network: Fashion-MNIST if its files are found, else the stand-in.

    ``folder``: look there only, and raise ``DataError`` when the files are not all there.
    """
    found = fashion_mnist.find_fashion_mnist(folder)
    if found is not None:
        return FashionMNIST(found)
    if folder is not None:
        names = ", ".join(f.name for f in fashion_mnist.PUBLISHED_FILES.values())
        raise DataError(f"{folder} does not hold Fashion-MNIST. It needs these four files: {names}.")
    from fashion_core.data.sample_data import SampleDataset

    return SampleDataset()
