"""Where the garments come from: the published data set, or an offline stand-in for it."""

from fashion_core.data.dataset import Dataset, Split
from fashion_core.data.loading import FashionMNIST, load_dataset

__all__ = ["Dataset", "FashionMNIST", "Split", "load_dataset"]
