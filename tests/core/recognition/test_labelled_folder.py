"""Figures on sorted pictures, against scikit-learn's, and what counts as a label."""

import math

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, confusion_matrix, roc_auc_score, top_k_accuracy_score

from fashion_core.data.classes import CLASS_FOLDER_NAMES, FASHION_CLASSES, ClassList, make_classes
from fashion_core.recognition import labelled_folder
from fashion_core.recognition.batch import PictureResult
from fashion_core.recognition.labelled_folder import (
    NO_LABEL,
    NONE_OF_THESE_LABEL,
    class_from_folder_name,
    has_class_folders,
    labels_from_folders,
    score_labelled_folder,
)
from fashion_core.recognition.recognizer import GarmentPrediction

RNG = np.random.default_rng(8)


def make_result(folders: tuple[str, ...], probabilities: np.ndarray, ood_score: float = 0.0) -> PictureResult:
    return PictureResult("x", folders, prediction=GarmentPrediction(probabilities.astype(np.float32), ood_score))


def labels_of_paths(*paths: str) -> list[int]:
    return labels_from_folders(
        [PictureResult(path, tuple(path.split("/")) if path else ()) for path in paths], FASHION_CLASSES
    ).tolist()


def test_the_deepest_folder_named_after_a_class_decides() -> None:
    assert labels_of_paths("coat", "dress/summer", "mine/Ankle Boot", "shirt/T-Shirt", "bag") == [4, 3, 9, 0, 8]


def test_other_folders_are_none_of_these() -> None:
    assert labels_of_paths("hats", "none-of-these", "none-of-these/bag", "bag/None-Of-These", "coat", "") == [
        NONE_OF_THESE_LABEL, NONE_OF_THESE_LABEL, NONE_OF_THESE_LABEL, NONE_OF_THESE_LABEL, 4, NO_LABEL,
    ]  # fmt: skip


def test_a_folder_around_all_pictures_is_not_a_label() -> None:
    assert labels_of_paths("mine", "mine/coat", "mine/hats") == [NO_LABEL, 4, NONE_OF_THESE_LABEL]
    assert labels_of_paths("coat", "coat/warm") == [4, 4]
    assert labels_of_paths("none-of-these", "none-of-these") == [NONE_OF_THESE_LABEL, NONE_OF_THESE_LABEL]


def test_a_folder_is_looked_up_once_however_many_pictures_lie_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    def find(folder: str, classes: ClassList) -> int | None:
        calls.append(folder)
        return class_from_folder_name(folder, classes)

    monkeypatch.setattr(labelled_folder, "class_from_folder_name", find)
    assert labels_of_paths(*["mine/coat"] * 50) == [4] * 50
    assert sorted(calls) == ["coat", "mine"]


def test_only_class_names_are_class_folders() -> None:
    assert [class_from_folder_name(folder, FASHION_CLASSES) for folder in CLASS_FOLDER_NAMES] == list(range(10))
    assert [class_from_folder_name(name, FASHION_CLASSES) for name in ("ankle_boot", "boot", "", "T-SHIRT")] == [
        9,
        None,
        None,
        0,
    ]


def test_scores_equal_scikit_learn() -> None:
    n, n_unknown = 300, 80
    labels = RNG.integers(0, 10, n)
    p = RNG.dirichlet(np.ones(10), n + n_unknown).astype(np.float32)
    p[np.arange(n), labels] += 0.15
    ood_score = RNG.normal(0.5, 0.4, n + n_unknown)
    ood_score[n:] += 0.3
    rows = [make_result((CLASS_FOLDER_NAMES[c],), q, s) for c, q, s in zip(labels, p[:n], ood_score[:n], strict=True)]
    rows += [make_result(("hats",), q, s) for q, s in zip(p[n:], ood_score[n:], strict=True)]
    scores = score_labelled_folder(rows, FASHION_CLASSES)
    predicted = p[:n].argmax(axis=1)
    assert (scores.n, scores.n_unknown, scores.n_unreadable, scores.n_unlabelled) == (n, n_unknown, 0, 0)
    assert scores.top1 == pytest.approx(accuracy_score(labels, predicted))
    assert scores.top3 == pytest.approx(top_k_accuracy_score(labels, p[:n], k=3, labels=np.arange(10)))
    np.testing.assert_array_equal(scores.confusion, confusion_matrix(labels, predicted, labels=np.arange(10)))
    assert scores.unknown_auroc == pytest.approx(roc_auc_score(np.arange(n + n_unknown) >= n, ood_score))
    assert scores.known_warning_rate == pytest.approx((ood_score[:n] > 1).mean())
    assert scores.unknown_warning_rate == pytest.approx((ood_score[n:] > 1).mean())
    assert scores.top1_interval[0] < scores.top1 < scores.top1_interval[1]
    for c, of_class in scores.per_class.items():
        assert of_class.n == (labels == c).sum()
        assert of_class.top1 == pytest.approx((predicted == c)[labels == c].mean())
    assert sum(of_class.n * of_class.top3 for of_class in scores.per_class.values()) == pytest.approx(n * scores.top3)


def test_unreadable_pictures_count_as_wrong_and_are_counted() -> None:
    sure = np.eye(10)[4]
    rows = [
        make_result(("coat",), sure),
        PictureResult("a", ("coat",), "broken"),
        PictureResult("b", ("hats",), "broken"),
        make_result((), sure),
    ]
    scores = score_labelled_folder(rows, FASHION_CLASSES)
    assert (scores.n, scores.top1, scores.top3, scores.n_unreadable) == (2, 0.5, 0.5, 1)
    assert (scores.n_unknown, scores.n_unknown_unreadable, scores.n_unlabelled) == (1, 1, 1)
    assert scores.confusion.sum() == 1
    assert (scores.known_warning_rate, scores.unknown_warning_rate, scores.unknown_auroc) == (0.0, None, None)


def test_without_ood_scores_there_are_no_warning_rates() -> None:
    rows = [make_result(("coat",), np.eye(10)[4], math.nan), make_result(("hats",), np.eye(10)[4], math.nan)]
    scores = score_labelled_folder(rows, FASHION_CLASSES)
    assert (scores.known_warning_rate, scores.unknown_warning_rate, scores.unknown_auroc) == (None, None, None)


def test_without_labels_scoring_raises() -> None:
    rows = [make_result(("hats",), np.eye(10)[4])]
    assert not has_class_folders(rows, FASHION_CLASSES)
    assert not has_class_folders([], FASHION_CLASSES)
    with pytest.raises(ValueError, match="no picture"):
        score_labelled_folder(rows, FASHION_CLASSES)


def test_the_folders_of_any_data_set_are_found_by_name() -> None:
    classes = make_classes(["Padded coats", "חולצה", "a_b", "a b", "x" * 100, "None-of-these"])
    assert [class_from_folder_name(name, classes) for name in classes.names] == list(range(6))
    assert [class_from_folder_name(name, classes) for name in classes.folder_names] == list(range(6))
    assert class_from_folder_name("PADDED_COATS", classes) == 0
    assert class_from_folder_name("coat", classes) is None
    rows = [make_result(("None-of-these",), np.eye(6)[5]), make_result(("a b",), np.eye(6)[2])]
    scores = score_labelled_folder(rows, classes)
    assert (scores.n, scores.top1, scores.confusion.shape) == (2, 0.5, (6, 6))
