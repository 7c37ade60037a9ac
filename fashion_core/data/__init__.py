"""Data sets: Fashion-MNIST and, where it can't be had, synthetic sample data."""

from fashion_core.data.dataset import Dataset, Split
from fashion_core.data.loading import FashionMNIST, load_dataset

__all__ = ["Dataset", "FashionMNIST", "Split", "load_dataset"]
