"""Confusion matrices of many classes, cut down to the classes that are confused most."""

import numpy as np

MAX_MATRIX_CLASSES = 15  # more rows and columns can't be read


def most_confused_classes(confusion: np.ndarray, limit: int) -> np.ndarray:
    """The classes that take part in the most frequent confusions, int64 [at most ``limit``], ascending.

    ``confusion``: int [n, n], rows the true class. Confusions of two classes count in both directions together. All
    classes when there are no more than ``limit``; classes with images come before those without.
    """
    n = len(confusion)
    if n <= limit:
        return np.arange(n)
    mistakes = np.triu(confusion + confusion.T, 1)
    chosen: list[int] = []
    for cell in np.argsort(-mistakes, axis=None, kind="stable").tolist():
        pair = [c for c in divmod(cell, n) if c not in chosen]
        if not mistakes.flat[cell] or len(chosen) + len(pair) > limit:
            break
        chosen += pair
    wrong = mistakes.sum(axis=0) + mistakes.sum(axis=1)
    rest = [c for c in np.lexsort((confusion.sum(axis=1) == 0, -wrong)).tolist() if c not in chosen]
    return np.sort(np.array([*chosen, *rest[: limit - len(chosen)]], np.int64))


def collapse_confusion(confusion: np.ndarray, shown: np.ndarray) -> np.ndarray:
    """The matrix of the classes ``shown`` int [k], with all others together in a last row and column: int [k+1, k+1].

    The last cell holds every picture of another class that is predicted as another class, correctly or not. Without
    other classes the matrix is int [k, k].
    """
    n, k = len(confusion), len(shown)
    group = np.full(n, k)
    group[shown] = np.arange(k)
    collapsed = np.zeros((k + 1, k + 1), confusion.dtype)
    np.add.at(collapsed, (group[:, None], group[None, :]), confusion)
    return collapsed[:k, :k] if k == n else collapsed


def largest_confusions(values: np.ndarray, limit: int) -> list[tuple[int, int]]:
    """Rows and columns off the diagonal with the largest absolute ``values`` [n, n], largest first; none of them 0."""
    size = np.abs(values) * (1 - np.eye(len(values)))
    cells = np.argsort(-size, axis=None, kind="stable")[:limit].tolist()
    return [divmod(cell, len(values)) for cell in cells if size.flat[cell]]
