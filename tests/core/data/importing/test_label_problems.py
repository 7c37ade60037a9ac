"""Pictures that look mislabelled, and classes that look like one."""

import numpy as np

from fashion_core.data.catalogue_labels import NO_LABEL, TRAIN, CatalogueLabels
from fashion_core.data.importing.label_problems import find_label_problems

PER_CLASS = 12


def make_images(patterns: int, seed: int = 0) -> np.ndarray:
    """``PER_CLASS`` noisy images of each of some patterns, uint8 [n, 28, 28]."""
    rng = np.random.default_rng(seed)
    base = np.kron(rng.random((patterns, 7, 7)) < 0.5, np.full((4, 4), 180)).astype(np.uint8)
    return np.repeat(base, PER_CLASS, axis=0) + rng.integers(0, 60, (patterns * PER_CLASS, 28, 28), dtype=np.uint8)


def make_labels(labels: np.ndarray, n_classes: int) -> CatalogueLabels:
    names = tuple(f"Class {c}" for c in range(n_classes))
    groups = np.arange(len(labels), dtype=np.int32)
    return CatalogueLabels(names, labels.astype(np.uint8), np.full(len(labels), TRAIN, np.uint8), groups)


def test_a_picture_in_the_wrong_class_is_found_with_the_right_one() -> None:
    labels = np.repeat(np.arange(3), PER_CLASS)
    labels[5] = 2
    problems = find_label_problems(make_images(3), make_labels(labels, 3))
    assert problems.suspects.tolist() == [5]
    assert problems.suggested.tolist() == [0]
    assert problems.similar_classes == ()


def test_two_classes_of_the_same_pictures_look_like_one() -> None:
    labels = np.tile([0, 1], PER_CLASS)
    noise = np.random.default_rng(0).integers(0, 60, (2 * PER_CLASS, 28, 28), dtype=np.uint8)
    images = make_images(1)[:1] // 2 + noise
    assert find_label_problems(images, make_labels(labels, 2)).similar_classes == ((0, 1),)


def test_pictures_without_a_label_do_not_count() -> None:
    labels = np.repeat([0, 1, NO_LABEL], PER_CLASS)
    problems = find_label_problems(make_images(3), make_labels(labels, 2))
    assert problems.was_compared
    assert len(problems.suspects) == 0


def test_one_class_or_few_pictures_are_not_compared() -> None:
    assert not find_label_problems(make_images(1), make_labels(np.zeros(PER_CLASS), 1)).was_compared
    assert not find_label_problems(make_images(2)[:4], make_labels(np.array([0, 0, 1, 1]), 2)).was_compared
