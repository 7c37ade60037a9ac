"""The mean image of each class, and how far images are from it."""

import numpy as np

from fashion_core.data import Split


def mean_image_by_class(split: Split, n_classes: int) -> np.ndarray:
    """Mean image of each class, float32 [classes, 28, 28], brightness 0 to 255; black for a class without images."""
    means = np.zeros((n_classes, 28, 28), np.float32)
    for c in np.unique(split.labels):
        means[c] = split.images[split.labels == c].mean(axis=0, dtype=np.float64)
    return means


def compute_rms_distance_to_class_mean(images: np.ndarray, labels: np.ndarray, class_means: np.ndarray) -> np.ndarray:
    """Root mean squared brightness difference of each image uint8 [n, 28, 28] to the mean of its class, float32 [n].

    ``labels`` int [n]; ``class_means`` float32 [classes, 28, 28].
    """
    distances = np.zeros(len(images), np.float32)
    for c in np.unique(labels):  # all at once, the differences would take four times the memory of the images
        of_class = labels == c
        distances[of_class] = np.sqrt(((images[of_class] - class_means[c]) ** 2).mean(axis=(1, 2)))
    return distances
