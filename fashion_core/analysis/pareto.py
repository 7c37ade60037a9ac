"""Which of several models are worth considering by two measures."""

import numpy as np


def pareto_front_mask(cost: np.ndarray, error: np.ndarray) -> np.ndarray:
    """The points (cost, error) of float64 [n] that no other one beats, as bool [n].

    A point beats another if it is as good in both and better in one.
    """
    as_good = (cost[:, None] <= cost) & (error[:, None] <= error)
    better = (cost[:, None] < cost) | (error[:, None] < error)
    return np.asarray(~(as_good & better).any(axis=0))
