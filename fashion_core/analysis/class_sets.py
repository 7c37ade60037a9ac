"""Sets of classes, such as "T-shirt or Shirt", that hold the true class of a garment with a promised probability.

Split conformal prediction, calibrated in each true class (Mondrian): V. Vovk et al., "Algorithmic Learning in a Random
World" (2005), section 4.5; the score of a class is 1 minus its probability (M. Sadinle et al., JASA 114, 2019).
"""

import math
from dataclasses import dataclass

import numpy as np

from fashion_core.analysis.predictions import Predictions


@dataclass(frozen=True)
class ClassSets:
    """``min_probability`` float64 [classes]: a class is in the set of a garment when its probability is at least that.

    It is 0, so that the class is in every set, where too few validation garments show it: ``n_missing`` int64 [classes]
    more would be enough.
    """

    coverage: float
    min_probability: np.ndarray
    n_missing: np.ndarray

    def contains(self, probabilities: np.ndarray) -> np.ndarray:
        """Which classes are in each garment's set, bool [n, classes]; ``probabilities`` float [n, classes].

        The most probable class is in every set, as a person needs one to choose.
        """
        inside = probabilities.astype(np.float64) >= self.min_probability
        inside[np.arange(len(inside)), probabilities.argmax(axis=1)] = True
        return inside


def calibrate_class_sets(validation: Predictions, coverage: float) -> ClassSets:
    """Sets that hold each true class with probability ``coverage``, 0 to 1, for new garments of that class."""
    n_classes = validation.n_classes
    min_probability, n_missing = np.zeros(n_classes), np.zeros(n_classes, np.int64)
    n_needed = math.ceil(coverage / (1 - coverage) - 1e-9)  # fewer garments have no quantile that high
    for label in range(n_classes):
        of_class = np.sort(validation.probabilities[validation.labels == label, label].astype(np.float64))[::-1]
        rank = math.ceil((len(of_class) + 1) * coverage - 1e-9)
        if rank <= len(of_class):
            min_probability[label] = of_class[rank - 1]
        else:
            n_missing[label] = max(1, n_needed - len(of_class))
    return ClassSets(coverage, min_probability, n_missing)


@dataclass(frozen=True)
class ClassSetScores:
    """Class sets on test. ``coverage`` float64 [classes]: of each true class, nan without garments. ``sizes`` int64
    [classes + 1]: how many garments have a set of each size."""

    coverage: np.ndarray
    sizes: np.ndarray

    @property
    def mean_size(self) -> float:
        """Classes of a set, on average."""
        return float(np.arange(len(self.sizes)) @ self.sizes / max(self.sizes.sum(), 1))

    @property
    def mean_coverage(self) -> float:
        """The mean over the classes with garments."""
        return float(np.nanmean(self.coverage))


def score_class_sets(sets: ClassSets, test: Predictions) -> ClassSetScores:
    """How often the sets hold the true class, and how large they are."""
    inside = sets.contains(test.probabilities)
    hits = inside[np.arange(len(inside)), test.labels]
    n = np.bincount(test.labels, minlength=test.n_classes)
    n_hits = np.bincount(test.labels[hits], minlength=test.n_classes)
    coverage = np.where(n > 0, n_hits / np.maximum(n, 1), np.nan)
    return ClassSetScores(coverage, np.bincount(inside.sum(axis=1), minlength=test.n_classes + 1))
