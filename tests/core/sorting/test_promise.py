"""The promise under which a folder is sorted."""

import numpy as np
import pytest
from scipy.stats import binomtest

from fashion_core.analysis.exchangeability import promise_from_labels
from fashion_core.analysis.feasibility import CalibratedPredictions
from fashion_core.data.classes import FASHION_CLASSES
from fashion_core.errors import PictureError
from fashion_core.recognition.batch import PictureResult
from fashion_core.recognition.recognizer import GarmentPrediction
from fashion_core.sorting.promise import calibrate_labelled_results, make_promise, make_promise_from_labels
from fashion_core.wording.sorting import describe_sorting_promise


def result(folder: str, label: int, probability: float, ood_score: float = np.nan) -> PictureResult:
    probabilities = np.full(10, (1 - probability) / 9, np.float32)
    probabilities[label] = probability
    return PictureResult("a", (folder,) if folder else (), prediction=GarmentPrediction(probabilities, ood_score))


def test_the_threshold_keeps_its_target_by_the_binomial_bound() -> None:
    rng = np.random.default_rng(0)
    confidence = rng.uniform(0.5, 1, 4000)
    wrong = rng.uniform(size=4000) > confidence
    predictions = CalibratedPredictions(np.zeros(4000, int), wrong.astype(int), confidence)
    promise = make_promise("run", predictions, 0.9, "pictures")
    assert promise.threshold is not None
    automated = confidence >= promise.threshold
    assert (promise.n_automated, promise.n_correct) == (automated.sum(), (~wrong & automated).sum())
    interval = binomtest(promise.n_correct, promise.n_automated, alternative="greater").proportion_ci(0.95)
    assert interval.low >= 0.9
    assert "At least 90.0%" in describe_sorting_promise(promise)


def test_a_promise_that_cannot_be_assured_says_so() -> None:
    predictions = CalibratedPredictions(np.zeros(50, int), np.zeros(50, int), np.linspace(0.5, 1, 50))
    promise = make_promise("run", predictions, 0.99, "pictures")
    assert promise.threshold is None
    assert "can't assure 99.0% correct" in describe_sorting_promise(promise)


def test_unknown_pictures_of_a_labelled_folder_are_mistakes_unless_they_are_out_of_distribution() -> None:
    results = [
        result("dress", 3, 0.9),
        result("dress", 4, 0.6),
        result("none-of-these", 3, 0.8),
        result("none-of-these", 3, 0.8, ood_score=2),
        result("", 3, 0.9),  # without a label: not counted
        PictureResult("bad", ("dress",), error="unreadable"),
    ]
    predictions = calibrate_labelled_results(results, FASHION_CLASSES)
    assert predictions.is_correct.tolist() == [True, False, False, False]
    assert np.isinf(predictions.confidence).tolist() == [False, False, False, True]
    assert predictions.temperature > 0


def test_a_folder_without_labels_is_refused() -> None:
    with pytest.raises(PictureError, match="Name the folders t-shirt"):
        calibrate_labelled_results([result("elsewhere", 3, 0.9)], FASHION_CLASSES)


def test_a_promise_from_labels_counts_the_pictures_that_are_automated() -> None:
    confidence = np.linspace(0.5, 1, 200)
    confidence[-5:] = -np.inf  # out of distribution: never automated
    pictures = CalibratedPredictions(np.zeros(200, int), np.zeros(200, int), confidence, 1.3)
    assessment = promise_from_labels(pictures, np.arange(100, 195), 0.9)
    promise = make_promise_from_labels("run", assessment, pictures, 95)
    assert promise.threshold is not None
    assert promise.n_automated == (confidence >= promise.threshold).sum() <= 195
    assert (promise.n, promise.n_correct, promise.temperature, promise.target) == (200, None, 1.3, 0.9)
    assert "your pictures, 95 of them labelled" in describe_sorting_promise(promise)
