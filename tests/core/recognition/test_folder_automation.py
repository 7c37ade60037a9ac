import dataclasses

import numpy as np

from fashion_core.analysis import feasibility
from fashion_core.analysis.feasibility import NEVER_AUTOMATED
from fashion_core.data.classes import CLASS_FOLDER_NAMES, NONE_OF_THESE
from fashion_core.recognition.batch import PictureResult
from fashion_core.recognition.folder_automation import MIN_FOLDER_PICTURES, filter_known_classes, split_labelled_folder
from fashion_core.recognition.labelled_folder import NO_PREDICTION
from fashion_core.recognition.recognizer import GarmentPrediction


def row(number: int, folder: str, said: int, sure: float = 0.9, *, strange: bool = False) -> PictureResult:
    probabilities = np.full(10, (1 - sure) / 9, np.float32)
    probabilities[said] = sure
    answer = GarmentPrediction(probabilities, 2.0 if strange else 0.1)
    return PictureResult(f"{number}.png", (folder,) if folder else (), prediction=answer)


def rows(n: int = 200) -> list[PictureResult]:
    """Every tenth answer is wrong, and less sure."""
    return [row(i, CLASS_FOLDER_NAMES[i % 10], (i + (i % 11 == 0)) % 10, 0.6 if i % 11 == 0 else 0.9) for i in range(n)]


def test_each_picture_is_in_one_half() -> None:
    found = split_labelled_folder(rows())
    assert found is not None
    assert len(found.calibration) + len(found.evaluation) == 200
    labels = np.concatenate([found.calibration.labels, found.evaluation.labels])
    assert np.bincount(labels).tolist() == [20] * 10
    wrong = sum(int((~half.is_correct).sum()) for half in (found.calibration, found.evaluation))
    assert wrong == len(range(0, 200, 11))
    threshold = feasibility.choose_threshold(feasibility.risk_coverage_curve(found.calibration), 0.99, guaranteed=False)
    assert threshold is not None
    assert feasibility.operating_point(found.evaluation, threshold).selective_accuracy == 1


def test_unreadable_pictures_and_warnings_get_a_manual_check() -> None:
    some = rows()
    some[3] = dataclasses.replace(some[3], prediction=None, error="broken")
    some[4] = row(4, CLASS_FOLDER_NAMES[4], 4, 0.99, strange=True)
    found = split_labelled_folder(some)
    assert found is not None
    never = [
        int(label)
        for half in (found.calibration, found.evaluation)
        for label in half.labels[half.confidence == NEVER_AUTOMATED]
    ]
    assert sorted(never) == [3, 4]
    said = np.concatenate([found.calibration.predicted, found.evaluation.predicted])
    assert (said == NO_PREDICTION).sum() == 1


def test_a_picture_of_none_of_the_ten_is_a_mistake_and_has_no_price() -> None:
    found = split_labelled_folder([*rows(), *(row(1000 + i, "none-of-these", 5, 0.95) for i in range(10))])
    assert found is not None
    for half in (found.calibration, found.evaluation):
        unknown = half.labels == NONE_OF_THESE
        assert unknown.sum() == 5
        assert not half.is_correct[unknown].any()
        assert len(filter_known_classes(half)) == len(half) - 5


def test_copies_and_pictures_in_no_folder_are_left_out() -> None:
    copy = dataclasses.replace(row(500, CLASS_FOLDER_NAMES[0], 0), duplicate_of="0.png")
    found = split_labelled_folder([*rows(), copy, row(501, "", 0)])
    assert found is not None
    assert (found.n_duplicates, found.n_unlabelled) == (1, 1)
    assert len(found.calibration) + len(found.evaluation) == 200


def test_too_few_pictures_give_none() -> None:
    assert split_labelled_folder(rows(MIN_FOLDER_PICTURES - 1)) is None
    assert split_labelled_folder(rows(MIN_FOLDER_PICTURES)) is not None
    unread = [dataclasses.replace(r, prediction=None, error="broken") for r in rows(MIN_FOLDER_PICTURES)]
    found = split_labelled_folder(unread)
    assert found is not None
    assert (
        feasibility.choose_threshold(feasibility.risk_coverage_curve(found.calibration), 0.9, guaranteed=False) is None
    )
