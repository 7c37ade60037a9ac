"""Labels that look wrong: pictures that are like those of another class, and classes that look like one."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fashion_core.data.catalogue_labels import NO_LABEL, CatalogueLabels
from fashion_core.data.importing.duplicates import nearest_pictures

MIN_PICTURES_COMPARED, MAX_PICTURES_COMPARED = 10, 30_000  # every picture is compared with every other
MIN_SIMILAR_FRACTION = 0.4  # of a class's neighbours that belong to another class it looks like


@dataclass(frozen=True)
class LabelProblems:
    """``suspects`` int64 [k]: rows of pictures whose five most similar are all of one other class, which is
    ``suggested`` uint8 [k]. ``similar_classes``: pairs of classes. ``was_compared``: whether there were enough pictures
    and not too many."""

    suspects: np.ndarray
    suggested: np.ndarray
    similar_classes: tuple[tuple[int, int], ...]
    was_compared: bool


def find_label_problems(
    images: np.ndarray,
    labels: CatalogueLabels,
    find_nearest: Callable[[np.ndarray, np.ndarray], np.ndarray] = nearest_pictures,
) -> LabelProblems:
    """Compare every labelled image of ``images`` uint8 [n, 28, 28] with all others; takes seconds for 20,000.

    ``find_nearest`` is ``nearest_pictures``, or remembers what that returned.
    """
    rows, n_classes = np.flatnonzero(labels.labels != NO_LABEL), len(labels.classes)
    if n_classes < 2 or not MIN_PICTURES_COMPARED <= len(rows) <= MAX_PICTURES_COMPARED:
        return LabelProblems(np.empty(0, np.int64), np.empty(0, np.uint8), (), was_compared=False)
    own = labels.labels[rows]
    nearest = own[find_nearest(images[rows], labels.groups[rows])]  # [n, 5] labels
    is_suspect = (nearest == nearest[:, :1]).all(axis=1) & (nearest[:, 0] != own)
    mixing = np.zeros((n_classes, n_classes))
    np.add.at(mixing, (np.repeat(own, nearest.shape[1]), nearest.ravel()), 1)
    mixing /= np.maximum(mixing.sum(axis=1, keepdims=True), 1)
    alike = np.argwhere(np.triu(np.minimum(mixing, mixing.T) >= MIN_SIMILAR_FRACTION, 1))
    similar = tuple((int(a), int(b)) for a, b in alike)
    return LabelProblems(rows[is_suspect], nearest[is_suspect, 0], similar, was_compared=True)
