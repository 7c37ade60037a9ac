"""Split a catalogue into train, validation and test: at random within each class, with groups kept whole.

Of each class a fifth is test, and of the rest 15 % is validation, which thresholds and epochs are chosen on. A class
with two groups has one in train and one in test; one with three has one in each.

Where that leaves fewer than 100 test pictures, runs are cross-validated: nothing is test, every picture has a fold.
"""

import numpy as np

from fashion_core.data.catalogue_labels import NO_LABEL, TEST, TRAIN, VALIDATION
from fashion_core.data.dataset import NO_FOLD

TEST_FRACTION = 0.2
CATALOGUE_VALIDATION_FRACTION = 0.15  # of what isn't test
NO_SPLIT = 255  # of a picture whose split is to be chosen
MIN_TEST_PICTURES = 100  # with fewer, runs are cross-validated
N_FOLDS = 5


def choose_splits_and_folds(
    labels: np.ndarray, groups: np.ndarray, seed: int, given: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray | None]:
    """What ``choose_splits`` returns or, if that leaves too few test pictures and none are given, splits and folds.

    The folds are uint8 [n], or ``NO_FOLD``; then nothing is ``TEST``.
    """
    splits = choose_splits(labels, groups, seed, given)
    n_test = int(((splits == TEST) & (labels != NO_LABEL)).sum())
    is_given = given is not None and bool((given != NO_SPLIT).any())
    if is_given or not 0 < n_test < MIN_TEST_PICTURES:
        return splits, None
    return choose_folds(labels, groups, seed)


def choose_folds(labels: np.ndarray, groups: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Train and validation uint8 [n], and for cross-validation a fold of each picture uint8 [n].

    Each fold holds about as much of each class, in whole groups. A class of one group is never tested and has
    ``NO_FOLD``: who is trained without it can't know it. One of two groups is never validated on.
    """
    rng = np.random.default_rng(seed)
    splits, folds = np.full(len(labels), TRAIN, np.uint8), np.full(len(labels), NO_FOLD, np.uint8)
    is_tested = _is_of_common_classes(labels, groups, 2)
    for fold in range(N_FOLDS - 1):
        _choose_part(folds, labels, groups, is_tested & (folds == NO_FOLD), fold, 1 / (N_FOLDS - fold), rng)
    folds[is_tested & (folds == NO_FOLD)] = N_FOLDS - 1
    is_free = _is_of_common_classes(labels, groups, 3)
    _choose_part(splits, labels, groups, is_free, VALIDATION, CATALOGUE_VALIDATION_FRACTION, rng)
    return splits, folds


def _is_of_common_classes(labels: np.ndarray, groups: np.ndarray, n_groups: int) -> np.ndarray:
    """Pictures, bool [n], in a group all of whose classes have at least ``n_groups`` groups."""
    is_labelled = labels != NO_LABEL
    pairs = np.unique(np.stack([labels[is_labelled], groups[is_labelled]]), axis=1)  # [2, classes x groups]
    rare = np.bincount(pairs[0], minlength=256) < n_groups
    return is_labelled & ~np.isin(groups, groups[is_labelled & rare[labels]])


def choose_splits(labels: np.ndarray, groups: np.ndarray, seed: int, given: np.ndarray | None = None) -> np.ndarray:
    """The split of each picture, uint8 [n]: ``TRAIN``, ``VALIDATION`` or ``TEST``.

    ``labels`` uint8 [n]; ``groups`` int [n]: pictures of a group get the same split. ``given`` uint8 [n] has splits
    that stay, and ``NO_SPLIT`` where one is to be chosen; test or validation pictures are chosen only where none are
    given.
    """
    splits = np.full(len(labels), NO_SPLIT, np.uint8) if given is None else given.astype(np.uint8)
    splits[(labels == NO_LABEL) & (splits == NO_SPLIT)] = TRAIN
    rng = np.random.default_rng(seed)
    for split, fraction in ((TEST, TEST_FRACTION), (VALIDATION, CATALOGUE_VALIDATION_FRACTION)):
        if not (splits == split).any():
            # a source that brings a test part without validation: that is taken from what it calls train
            is_free = (splits == NO_SPLIT) | ((splits == TRAIN) & (given is not None))
            _choose_part(splits, labels, groups, is_free & (labels != NO_LABEL), split, fraction, rng)
    splits[splits == NO_SPLIT] = TRAIN
    return splits


def _choose_part(
    splits: np.ndarray,
    labels: np.ndarray,
    groups: np.ndarray,
    is_free: np.ndarray,
    split: int,
    fraction: float,
    rng: np.random.Generator,
) -> None:
    """Move about ``fraction`` of the free pictures of each class to ``split``, in whole groups.

    The rarest class chooses first, as in iterative stratification (K. Sechidis et al., "On the Stratification of
    Multi-Label Data", ECML PKDD 2011): groups may hold several classes, and those of common classes are many.
    """
    numbers = np.flatnonzero(is_free)
    if not len(numbers):
        return
    group_of = np.unique(groups[numbers], return_inverse=True)[1]
    counts = np.zeros((int(group_of.max()) + 1, int(labels[numbers].max()) + 1), np.int32)  # [groups, classes]
    np.add.at(counts, (group_of, labels[numbers]), 1)
    is_chosen = _choose_groups(counts, fraction, rng)
    splits[numbers[is_chosen[group_of]]] = split


def _choose_groups(counts: np.ndarray, fraction: float, rng: np.random.Generator) -> np.ndarray:
    """Groups, bool [groups], that hold about ``fraction`` of each class; ``counts`` int [groups, classes].

    At least one group of each class that has two, but never all.
    """
    is_chosen = np.zeros(len(counts), bool)
    n_left = (counts > 0).sum(axis=0)  # groups of each class that aren't chosen
    n_chosen = np.zeros(counts.shape[1], np.int64)  # pictures
    wanted = np.maximum(1, np.rint(fraction * counts.sum(axis=0)))
    for label in np.argsort(counts.sum(axis=0), kind="stable"):
        members = rng.permutation(np.flatnonzero((counts[:, label] > 0) & ~is_chosen))
        for is_last_resort in (False, True):
            for group in members:
                if n_chosen[label] >= (1 if is_last_resort else wanted[label]):
                    break
                classes = np.flatnonzero(counts[group])
                sizes = counts[group, classes]
                is_near = bool((n_chosen[classes] + sizes / 2 <= wanted[classes]).all())
                if (is_near or is_last_resort) and not is_chosen[group] and n_left[classes].min() > 1:
                    is_chosen[group] = True
                    n_left[classes] -= 1
                    n_chosen[classes] += sizes
            members = members[np.argsort(counts[members].sum(axis=1), kind="stable")]  # the smallest first
    return is_chosen
