"""Sentences about a data set's pictures and classes."""

import numpy as np

from fashion_core.data.dataset import Dataset
from fashion_core.wording.numbers import format_count


def format_picture_count(dataset: Dataset, n: int) -> str:
    """``n`` with what the data set's pictures are called: garments, or pictures of a user's catalogue."""
    return format_count(n, "picture", "pictures") if dataset.has_pictures else format_count(n, "garment")


def describe_shown_images(dataset: Dataset, n: int, n_classes: int, class_counts: np.ndarray) -> str:
    """How many images of how many classes are shown. ``class_counts`` int [classes]: images of each in the split."""
    low, high = int(class_counts.min()), int(class_counts.max())
    size = f"{low:,}" if low == high else f"{low:,} to {high:,}"
    shown = f"{format_picture_count(dataset, n)} of {format_count(n_classes, 'class', 'classes')}"
    return f"{shown}; each class has {size} in this split."
