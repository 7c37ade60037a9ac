"""Which points of a map lie in a polygon."""

from collections.abc import Sequence

import numpy as np

Corner = tuple[int, int]


def points_in_polygon(points: np.ndarray, polygon: Sequence[Corner]) -> np.ndarray:
    """Whether each of ``points`` uint16 [n, 2] lies in the polygon of integer corners, bool [n].

    Even-odd rule in exact arithmetic, so that the browser, which tests the same corners, selects the same points.
    """
    x, y = points[:, 0].astype(np.int64), points[:, 1].astype(np.int64)
    is_inside = np.zeros(len(points), bool)
    if len(polygon) < 3:
        return is_inside
    for (x0, y0), (x1, y1) in zip(polygon, [polygon[-1], *polygon[:-1]], strict=True):
        if y0 == y1:
            continue
        spans = (y0 > y) != (y1 > y)
        side = (x - x0) * (y1 - y0) - (x1 - x0) * (y - y0)
        is_inside ^= spans & (side < 0 if y1 > y0 else side > 0)
    return is_inside
