"""Data sets: Fashion-MNIST, synthetic sample data where it can't be had, and catalogues of the user's pictures."""

from fashion_core.data.dataset import Dataset, Split
from fashion_core.data.loading import FashionMNIST, find_dataset, load_dataset

load = load_dataset  # its name in version 0.1, which scripts of users import

__all__ = ["Dataset", "FashionMNIST", "Split", "find_dataset", "load", "load_dataset"]
