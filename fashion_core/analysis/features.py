"""Feature vectors of a network's last layer."""

import numpy as np


def l2_normalize_rows(features: np.ndarray) -> np.ndarray:
    """Rows [n, d] scaled to length 1."""
    scaled: np.ndarray = features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-9)
    return scaled
