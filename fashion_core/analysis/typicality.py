"""How typical a garment is of its class."""

import numpy as np


def distance_to_class_mean(images: np.ndarray, labels: np.ndarray, class_means: np.ndarray) -> np.ndarray:
    """Root mean squared brightness difference, float32 [n], of uint8 [n, 28, 28] to their class's mean.

    ``labels`` int [n]; ``means`` float32 [10, 28, 28].
    """
    if not len(images):
        return np.zeros(0, np.float32)
    return np.sqrt(((images - class_means[labels]) ** 2).mean(axis=(1, 2))).astype(np.float32)
