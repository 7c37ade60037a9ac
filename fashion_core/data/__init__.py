"""Data sets: Fashion-MNIST and, where it can't be had, synthetic sample data."""

from fashion_core.data.dataset import Dataset, Split
from fashion_core.data.loading import FashionMNIST, load_dataset

load = load_dataset  # its name in version 0.1, which scripts of users import

__all__ = ["Dataset", "FashionMNIST", "Split", "load", "load_dataset"]
