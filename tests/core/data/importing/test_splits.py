"""Splits: stratified, by group, with a seed, and those that the source brings."""

import numpy as np
import pytest

from fashion_core.data.catalogue import NO_LABEL, TEST, TRAIN, VALIDATION
from fashion_core.data.importing.splits import NO_SPLIT, choose_splits

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
