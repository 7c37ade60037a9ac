"""Figures on sorted pictures, against scikit-learn's, and what counts as a label."""

import math

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, confusion_matrix, roc_auc_score, top_k_accuracy_score

from fashion_core.data.classes import CLASS_FOLDER_NAMES
from fashion_core.recognition.batch import PictureResult
from fashion_core.recognition.labelled_folder import (
    NO_LABEL,
    NONE_OF_THESE,
    class_from_folder_name,
    has_class_folders,
    labels_from_folders,
    score_labelled_folder,
)
from fashion_core.recognition.recognizer import GarmentPrediction

RNG = np.random.default_rng(8)


def answered(folders: tuple[str, ...], probabilities: np.ndarray, strangeness: float = 0.0) -> PictureResult:
    return PictureResult("x", folders, prediction=GarmentPrediction(probabilities.astype(np.float32), strangeness))


def lying_in(*paths: str) -> list[int]:
    return labels_from_folders([PictureResult(path, tuple(path.split("/")) if path else ()) for path in paths]).tolist()


def test_the_deepest_folder_named_after_a_class_decides() -> None:
    assert lying_in("coat", "dress/summer", "mine/Ankle Boot", "shirt/T-Shirt", "bag") == [4, 3, 9, 0, 8]


def test_other_folders_are_none_of_these() -> None:
    assert lying_in("hats", "none-of-these", "none-of-these/bag", "bag/None-Of-These", "coat", "") == [
        NONE_OF_THESE, NONE_OF_THESE, NONE_OF_THESE, NONE_OF_THESE, 4, NO_LABEL,
    ]  # fmt: skip


def test_a_folder_around_all_pictures_is_not_a_label() -> None:
    assert lying_in("mine", "mine/coat", "mine/hats") == [NO_LABEL, 4, NONE_OF_THESE]
    assert lying_in("coat", "coat/warm") == [4, 4]
    assert lying_in("none-of-these", "none-of-these") == [NONE_OF_THESE, NONE_OF_THESE]


def test_only_class_names_are_class_folders() -> None:
    assert [class_from_folder_name(folder) for folder in CLASS_FOLDER_NAMES] == list(range(10))
    assert [class_from_folder_name(name) for name in ("ankle_boot", "boot", "", "T-SHIRT")] == [9, None, None, 0]


def test_scores_equal_scikit_learn() -> None:
    n, n_unknown = 300, 80
    truth = RNG.integers(0, 10, n)
    p = RNG.dirichlet(np.ones(10), n + n_unknown).astype(np.float32)
    p[np.arange(n), truth] += 0.15
    strangeness = RNG.normal(0.5, 0.4, n + n_unknown)
    strangeness[n:] += 0.3
    rows = [answered((CLASS_FOLDER_NAMES[c],), q, s) for c, q, s in zip(truth, p[:n], strangeness[:n], strict=True)]
    rows += [answered(("hats",), q, s) for q, s in zip(p[n:], strangeness[n:], strict=True)]
    found = score_labelled_folder(rows)
    said = p[:n].argmax(axis=1)
    assert (found.n, found.n_unknown, found.n_unreadable, found.n_unlabelled) == (n, n_unknown, 0, 0)
    assert found.top1 == pytest.approx(accuracy_score(truth, said))
    assert found.top3 == pytest.approx(top_k_accuracy_score(truth, p[:n], k=3, labels=np.arange(10)))
    np.testing.assert_array_equal(found.confusion, confusion_matrix(truth, said, labels=np.arange(10)))
    assert found.unknown_auroc == pytest.approx(roc_auc_score(np.arange(n + n_unknown) >= n, strangeness))
    assert found.known_warning_rate == pytest.approx((strangeness[:n] > 1).mean())
    assert found.unknown_warning_rate == pytest.approx((strangeness[n:] > 1).mean())
    assert found.top1_interval[0] < found.top1 < found.top1_interval[1]
    for c, of_class in found.per_class.items():
        assert of_class.n == (truth == c).sum()
        assert of_class.top1 == pytest.approx((said == c)[truth == c].mean())
    assert sum(of_class.n * of_class.top3 for of_class in found.per_class.values()) == pytest.approx(n * found.top3)


def test_unreadable_pictures_count_as_wrong_and_are_counted() -> None:
    sure = np.eye(10)[4]
    rows = [
        answered(("coat",), sure),
        PictureResult("a", ("coat",), "broken"),
        PictureResult("b", ("hats",), "broken"),
        answered((), sure),
    ]
    found = score_labelled_folder(rows)
    assert (found.n, found.top1, found.top3, found.n_unreadable) == (2, 0.5, 0.5, 1)
    assert (found.n_unknown, found.n_unknown_unreadable, found.n_unlabelled) == (1, 1, 1)
    assert found.confusion.sum() == 1
    assert (found.known_warning_rate, found.unknown_warning_rate, found.unknown_auroc) == (0.0, None, None)


def test_without_ood_scores_there_are_no_warning_rates() -> None:
    rows = [answered(("coat",), np.eye(10)[4], math.nan), answered(("hats",), np.eye(10)[4], math.nan)]
    found = score_labelled_folder(rows)
    assert (found.known_warning_rate, found.unknown_warning_rate, found.unknown_auroc) == (None, None, None)


def test_without_labels_scoring_raises() -> None:
    rows = [answered(("hats",), np.eye(10)[4])]
    assert not has_class_folders(rows)
    assert not has_class_folders([])
    with pytest.raises(ValueError, match="no picture"):
        score_labelled_folder(rows)
