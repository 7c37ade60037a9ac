"""Images whose label is probably wrong."""

import numpy as np


def find_suspected_label_errors(labels: np.ndarray, predictions: np.ndarray) -> np.ndarray:
    """Indices int64 of the images that every run predicts as the same class other than the label.

    ``labels`` int [n]; ``predictions``: predicted classes of at least two runs, int [runs, n].
    """
    agreed = (predictions == predictions[0]).all(axis=0)
    return np.flatnonzero(agreed & (predictions[0] != labels))
