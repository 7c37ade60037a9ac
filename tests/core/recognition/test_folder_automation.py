import dataclasses

import numpy as np

from fashion_core.analysis import feasibility
from fashion_core.analysis.feasibility import NEVER_AUTOMATED_CONFIDENCE
from fashion_core.data.classes import CLASS_FOLDER_NAMES, NONE_OF_THESE_LABEL
from fashion_core.recognition.batch import PictureResult
from fashion_core.recognition.folder_automation import (
    MIN_FOLDER_PICTURES,
    filter_known_classes,
    split_and_calibrate_labelled_folder,
)
from fashion_core.recognition.labelled_folder import NO_PREDICTION
from fashion_core.recognition.recognizer import GarmentPrediction


def make_result(
    number: int, folder: str, predicted: int, confidence: float = 0.9, *, warned: bool = False
) -> PictureResult:
    probabilities = np.full(10, (1 - confidence) / 9, np.float32)
    probabilities[predicted] = confidence
    prediction = GarmentPrediction(probabilities, 2.0 if warned else 0.1)
    return PictureResult(f"{number}.png", (folder,) if folder else (), prediction=prediction)


def make_results(n: int = 200) -> list[PictureResult]:
    """About every tenth prediction is wrong and has a lower confidence."""
    return [
        make_result(i, CLASS_FOLDER_NAMES[i % 10], (i + (i % 11 == 0)) % 10, 0.6 if i % 11 == 0 else 0.9)
        for i in range(n)
    ]


def test_each_picture_is_in_one_half() -> None:
    split = split_and_calibrate_labelled_folder(make_results())
    assert split is not None
    assert len(split.calibration) + len(split.evaluation) == 200
    labels = np.concatenate([split.calibration.labels, split.evaluation.labels])
    assert np.bincount(labels).tolist() == [20] * 10
    wrong = sum(int((~half.is_correct).sum()) for half in (split.calibration, split.evaluation))
    assert wrong == len(range(0, 200, 11))
    threshold = feasibility.choose_threshold_for_target(
        feasibility.risk_coverage_curve(split.calibration), 0.99, guaranteed=False
    )
    assert threshold is not None
    assert feasibility.operating_point(split.evaluation, threshold).selective_accuracy == 1


def test_unreadable_pictures_and_warnings_get_a_manual_check() -> None:
    results = make_results()
    results[3] = dataclasses.replace(results[3], prediction=None, error="broken")
    results[4] = make_result(4, CLASS_FOLDER_NAMES[4], 4, 0.99, warned=True)
    split = split_and_calibrate_labelled_folder(results)
    assert split is not None
    never = [
        int(label)
        for half in (split.calibration, split.evaluation)
        for label in half.labels[half.confidence == NEVER_AUTOMATED_CONFIDENCE]
    ]
    assert sorted(never) == [3, 4]
    predicted = np.concatenate([split.calibration.predicted, split.evaluation.predicted])
    assert (predicted == NO_PREDICTION).sum() == 1


def test_a_picture_of_none_of_the_ten_is_a_mistake_and_has_no_price() -> None:
    split = split_and_calibrate_labelled_folder(
        [*make_results(), *(make_result(1000 + i, "none-of-these", 5, 0.95) for i in range(10))]
    )
    assert split is not None
    for half in (split.calibration, split.evaluation):
        unknown = half.labels == NONE_OF_THESE_LABEL
        assert unknown.sum() == 5
        assert not half.is_correct[unknown].any()
        assert len(filter_known_classes(half)) == len(half) - 5


def test_copies_and_pictures_in_no_folder_are_left_out() -> None:
    copy = dataclasses.replace(make_result(500, CLASS_FOLDER_NAMES[0], 0), duplicate_of="0.png")
    split = split_and_calibrate_labelled_folder([*make_results(), copy, make_result(501, "", 0)])
    assert split is not None
    assert (split.n_duplicates, split.n_unlabelled) == (1, 1)
    assert len(split.calibration) + len(split.evaluation) == 200


def test_too_few_pictures_give_none() -> None:
    assert split_and_calibrate_labelled_folder(make_results(MIN_FOLDER_PICTURES - 1)) is None
    assert split_and_calibrate_labelled_folder(make_results(MIN_FOLDER_PICTURES)) is not None
    unread = [dataclasses.replace(r, prediction=None, error="broken") for r in make_results(MIN_FOLDER_PICTURES)]
    split = split_and_calibrate_labelled_folder(unread)
    assert split is not None
    assert (
        feasibility.choose_threshold_for_target(
            feasibility.risk_coverage_curve(split.calibration), 0.9, guaranteed=False
        )
        is None
    )
