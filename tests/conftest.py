"""Fixtures that every test may use: real data where it is there, and a private home for everything written."""

import os
from pathlib import Path

import pytest

from fashion_core.data import FashionMNIST, fashion_mnist, load_dataset

PROJECT = Path(__file__).resolve().parent.parent
REAL_DATA_MISSING = "needs Fashion-MNIST: set FASHION_MNIST_DIR, or put it in ../shared/fashion-mnist"


def real_data_folder() -> Path | None:
    """Where the published files lie on this machine, or None."""
    for folder in (os.environ.get("FASHION_MNIST_DIR"), PROJECT.parent / "shared" / "fashion-mnist"):
        if folder and (found := fashion_mnist.find_fashion_mnist(Path(folder))):
            return found
    return None


@pytest.fixture(scope="session")
def fashion_mnist_folder() -> Path:
    """The folder of the published files; skips with a sentence when there is none."""
    folder = real_data_folder()
    if folder is None:
        pytest.skip(REAL_DATA_MISSING)
    return folder


@pytest.fixture(scope="session", name="fashion_mnist")
def _fashion_mnist(fashion_mnist_folder: Path) -> FashionMNIST:
    """The published data set; skips with a sentence when it is not on this machine."""
    dataset = load_dataset(fashion_mnist_folder)
    assert isinstance(dataset, FashionMNIST)
    return dataset


@pytest.fixture(autouse=True)
def _private_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the developer's own runs."""
    monkeypatch.setenv("FASHION_HOME", str(tmp_path / "home"))
