"""Splits: stratified, by group, with a seed, and those that the source brings."""

import numpy as np
import pytest

from fashion_core.data.catalogue_labels import NO_LABEL, TEST, TRAIN, VALIDATION
from fashion_core.data.dataset import NO_FOLD
from fashion_core.data.importing.splits import NO_SPLIT, choose_folds, choose_splits, choose_splits_and_folds

RNG = np.random.default_rng(0)


def test_each_class_is_split_in_the_same_proportions() -> None:
    labels = np.repeat([0, 1, 2], [500, 100, 40]).astype(np.uint8)
    splits = choose_splits(labels, np.arange(640), 0)
    for label, n in enumerate((500, 100, 40)):
        sizes = np.bincount(splits[labels == label], minlength=3)
        assert sizes[TEST] == 0.2 * n
        assert sizes[VALIDATION] == pytest.approx(0.12 * n, abs=1)


@pytest.mark.parametrize(("n", "expected"), [(1, {TRAIN}), (2, {TRAIN, TEST}), (3, {TRAIN, VALIDATION, TEST})])
def test_classes_of_one_two_and_three_pictures(n: int, expected: set[int]) -> None:
    labels = np.repeat([0, 1], [30, n]).astype(np.uint8)
    assert set(choose_splits(labels, np.arange(len(labels)), 0)[30:].tolist()) == expected


def test_groups_stay_whole_also_over_classes() -> None:
    labels = RNG.integers(0, 5, 600).astype(np.uint8)
    groups = RNG.integers(0, 60, 600)
    splits = choose_splits(labels, groups, 1)
    assert all(len(set(splits[groups == g].tolist())) == 1 for g in range(60))
    assert 0.1 < (splits == TEST).mean() < 0.25
    for label in range(5):
        assert {TRAIN, TEST} <= set(splits[labels == label].tolist())


def test_a_class_that_is_one_group_is_only_trained_on() -> None:
    labels, groups = np.zeros(20, np.uint8), np.zeros(20, np.int64)
    assert (choose_splits(labels, groups, 0) == TRAIN).all()


def test_the_seed_decides() -> None:
    labels = RNG.integers(0, 3, 300).astype(np.uint8)
    first, again, other = (choose_splits(labels, np.arange(300), seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_given_test_pictures_stay_and_validation_comes_from_train() -> None:
    labels = RNG.integers(0, 3, 300).astype(np.uint8)
    given = np.where(np.arange(300) < 90, TEST, TRAIN).astype(np.uint8)
    splits = choose_splits(labels, np.arange(300), 0, given)
    np.testing.assert_array_equal(splits == TEST, given == TEST)
    assert (splits == VALIDATION).sum() == pytest.approx(0.15 * 210, abs=3)


def test_given_train_and_validation_leave_test_to_be_chosen() -> None:
    labels = np.zeros(100, np.uint8)
    given = np.where(np.arange(100) < 20, VALIDATION, NO_SPLIT).astype(np.uint8)
    splits = choose_splits(labels, np.arange(100), 0, given)
    np.testing.assert_array_equal(splits == VALIDATION, given == VALIDATION)
    assert (splits == TEST).sum() == 16


def test_pictures_without_a_label_take_no_place() -> None:
    labels = np.where(np.arange(100) < 50, NO_LABEL, 0).astype(np.uint8)
    splits = choose_splits(labels, np.arange(100), 0)
    assert (splits[:50] == TRAIN).all()
    assert (splits[50:] == TEST).sum() == 10


def test_with_few_test_pictures_every_picture_has_a_fold() -> None:
    labels = np.repeat([0, 1, 2], [100, 60, 40]).astype(np.uint8)
    splits, folds = choose_splits_and_folds(labels, np.arange(200), 0)
    assert folds is not None
    for label, n in enumerate((100, 60, 40)):
        assert np.bincount(folds[labels == label]).tolist() == [n / 5] * 5
    assert set(splits.tolist()) == {TRAIN, VALIDATION}
    assert (splits == VALIDATION).sum() == 30


def test_enough_test_pictures_and_given_splits_need_no_folds() -> None:
    labels = np.zeros(500, np.uint8)
    assert choose_splits_and_folds(labels, np.arange(500), 0)[1] is None
    assert choose_splits_and_folds(labels[:499], np.arange(499), 0)[1] is None  # rounded to 100
    assert choose_splits_and_folds(labels[:490], np.arange(490), 0)[1] is not None
    for given in (TRAIN, TEST, VALIDATION):
        part = np.where(np.arange(100) < 20, given, NO_SPLIT).astype(np.uint8)
        splits, folds = choose_splits_and_folds(labels[:100], np.arange(100), 0, part)
        assert folds is None
        np.testing.assert_array_equal(splits, choose_splits(labels[:100], np.arange(100), 0, part))
    assert choose_splits_and_folds(labels[:100], np.arange(100), 0, np.full(100, NO_SPLIT, np.uint8))[1] is not None


def test_folds_keep_groups_whole_and_the_seed_decides() -> None:
    labels = RNG.integers(0, 4, 300).astype(np.uint8)
    groups = RNG.integers(0, 60, 300)
    (_, folds), again, other = (choose_folds(labels, groups, seed) for seed in (1, 1, 2))
    assert all(len(set(folds[groups == g].tolist())) <= 1 for g in range(60))
    assert np.bincount(folds, minlength=5)[:5].min() > 30
    np.testing.assert_array_equal(folds, again[1])
    assert (folds != other[1]).any()


@pytest.mark.parametrize("n", [1, 2, 3, 7])
def test_whatever_is_tested_can_be_learned_from_other_folds(n: int) -> None:
    labels = np.repeat([0, 1, 2], [30, n, 5]).astype(np.uint8)
    groups = np.append(np.arange(30 + n), np.full(5, 99))  # the last class is one group
    splits, folds = choose_folds(labels, groups, 0)
    assert (folds[labels == 2] == NO_FOLD).all()
    assert ((folds == NO_FOLD) == ((labels == 2) | ((labels == 1) & (n == 1)))).all()
    for fold in range(5):
        trained = labels[(folds != fold) & (splits == TRAIN)]
        assert set(labels[folds == fold]) <= set(trained)


def test_pictures_without_a_label_have_no_fold() -> None:
    labels = np.where(np.arange(100) < 50, NO_LABEL, 0).astype(np.uint8)
    splits, folds = choose_folds(labels, np.arange(100), 0)
    assert (folds[:50] == NO_FOLD).all()
    assert (folds[50:] != NO_FOLD).all()
    assert (splits[:50] == TRAIN).all()
