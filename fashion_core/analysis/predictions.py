"""What a model answered for a split, beside the truth."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Predictions:
    """Class probabilities float32 [n, 10] and true labels uint8 [n] of one split."""

    probabilities: np.ndarray
    labels: np.ndarray
