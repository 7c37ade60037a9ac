"""Images whose label is probably wrong, by confident learning (Northcutt, Jiang and Chuang, JAIR 70, 2021)."""

from dataclasses import dataclass

import numpy as np

ROUNDING_ERROR = 1e-6  # of a probability, as in cleanlab


@dataclass(frozen=True)
class SuspectedLabelErrors:
    """Images int64 [k] whose label may be wrong, the most suspicious first.

    ``suggested`` int64 [k]: the most probable class of each. ``label_probabilities`` float64 [k]: the probability of
    the label that each has, ascending.
    """

    indices: np.ndarray
    suggested: np.ndarray
    label_probabilities: np.ndarray

    def __len__(self) -> int:
        return len(self.indices)


def find_suspected_label_errors(labels: np.ndarray, probabilities: np.ndarray) -> SuspectedLabelErrors:
    """As many images as confident learning counts label errors: those whose label is least probable.

    ``labels`` int [n]; ``probabilities`` float [n, classes], of models that have not seen the images, averaged where
    there are several. No image is among them whose label is its most probable class. The same as
    ``find_label_issues(filter_by="low_self_confidence")`` of cleanlab 2.9.
    """
    rows = np.arange(len(labels))
    exact = probabilities.astype(np.float64)
    own = exact[rows, labels]
    suggested = exact.argmax(axis=1)
    is_doubted = own < exact[rows, suggested]
    # of labels that are equally improbable, the one with the surer suggestion comes first
    order = np.lexsort((-exact[rows, suggested], own))
    indices = order[is_doubted[order]][: count_label_errors(labels, exact)]
    return SuspectedLabelErrors(indices, suggested[indices], own[indices])


def count_label_errors(labels: np.ndarray, probabilities: np.ndarray) -> int:
    """In how many images confident learning finds another class than the label; arguments as above.

    An image is confidently of a class when it has at least the mean probability that images with that label have; of
    several such classes, of the most probable one. No image is confidently of a class without images.
    """
    rows, n_classes = np.arange(len(labels)), probabilities.shape[1]
    own = probabilities[rows, labels]
    counts = np.bincount(labels, minlength=n_classes)
    sums = np.bincount(labels, weights=own, minlength=n_classes)
    thresholds = np.where(counts > 0, sums / np.maximum(counts, 1), np.inf)  # [classes]
    is_confident = probabilities >= thresholds - ROUNDING_ERROR  # [n, classes]
    confident_class = np.where(is_confident, probabilities, -1).argmax(axis=1)
    is_error = is_confident.any(axis=1) & (confident_class != labels) & (own < probabilities.max(axis=1))
    return int(is_error.sum())
