import numpy as np
import pytest

from fashion_core.analysis.confusion import collapse_confusion, most_confused_classes
from tests.core.datasets import CLASS_COUNTS


def random_confusion(n: int) -> np.ndarray:
    rng = np.random.default_rng(n)
    return rng.poisson(0.2, (n, n)) + np.diag(rng.integers(5, 50, n))


def test_both_classes_of_the_most_frequent_confusions_are_shown() -> None:
    confusion = np.diag(np.full(40, 100))
    confusion[30, 2], confusion[2, 30], confusion[5, 17], confusion[9, 1] = 4, 4, 7, 1
    assert most_confused_classes(confusion, 4).tolist() == [2, 5, 17, 30]


def test_without_mistakes_the_first_classes_are_shown() -> None:
    assert most_confused_classes(np.diag(np.full(40, 100)), 3).tolist() == [0, 1, 2]


def test_classes_with_images_come_before_those_without() -> None:
    counts = np.full(40, 100)
    counts[:2] = 0
    assert most_confused_classes(np.diag(counts), 3).tolist() == [2, 3, 4]


def test_an_odd_limit_is_filled() -> None:
    confusion = np.diag(np.full(40, 100))
    confusion[30, 2], confusion[5, 17] = 4, 3
    shown = most_confused_classes(confusion, 3)
    assert len(shown) == 3
    assert {2, 30} <= set(shown.tolist())


@pytest.mark.parametrize("n", CLASS_COUNTS)
def test_a_collapsed_matrix_loses_no_picture(n: int) -> None:
    confusion = random_confusion(n)
    shown = most_confused_classes(confusion, 15)
    collapsed = collapse_confusion(confusion, shown)
    assert collapsed.sum() == confusion.sum()
    np.testing.assert_array_equal(collapsed[: len(shown), : len(shown)], confusion[np.ix_(shown, shown)])
    np.testing.assert_array_equal(collapsed.sum(axis=1)[: len(shown)], confusion.sum(axis=1)[shown])
    assert collapsed.shape == ((n, n) if n <= 15 else (16, 16))
