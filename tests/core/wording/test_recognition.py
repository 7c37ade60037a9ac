import numpy as np
import pytest

from fashion_core.data.classes import FASHION_CLASSES
from fashion_core.recognition.batch import PictureResult
from fashion_core.recognition.recognizer import GarmentPrediction
from fashion_core.recognition.saved_garment import FeedbackAccuracy
from fashion_core.wording.recognition import (
    describe_changed_predictions,
    describe_feedback_accuracy,
    describe_model_agreement,
    describe_most_frequent_mistake,
    describe_ood_warning,
    describe_picture_results,
    describe_prediction,
    format_picture_result,
    format_verdict,
)


def probabilities(label: int, probability: float = 0.82) -> np.ndarray:
    p = np.full(10, (1 - probability) / 9, np.float32)
    p[label] = probability
    return p


@pytest.mark.parametrize(
    ("n_saved", "accuracy", "words"),
    [
        (1, FeedbackAccuracy(0, 0, 0, 0), "You saved 1 garment. Say what they are"),
        (1200, FeedbackAccuracy(0, 0, 0, 0), "You saved 1,200 garments. Say what"),
        (12, FeedbackAccuracy(1, 1, 0, 0), "correct for 1 of 1 garment that you labelled: 100.0%"),
        (
            12,
            FeedbackAccuracy(12, 9, 0, 0),
            "correct for 9 of 12 garments that you labelled: 75.0%, 95% interval 46",
        ),
        (12, FeedbackAccuracy(12, 9, 1, 0), "1 is none of the ten classes, none of them with a warning."),
        (12, FeedbackAccuracy(12, 9, 3, 2), "3 are none of the ten classes, 2 of them with a warning."),
    ],
)
def test_feedback_accuracy(n_saved: int, accuracy: FeedbackAccuracy, words: str) -> None:
    assert words in describe_feedback_accuracy(n_saved, accuracy, FASHION_CLASSES)


def test_a_prediction_has_its_class_and_probability() -> None:
    assert describe_prediction(GarmentPrediction(probabilities(1), 0.0), FASHION_CLASSES) == "Trouser, probability 82%"


@pytest.mark.parametrize(
    ("probability", "score", "verdict"), [(0.9, 0.5, "Sure"), (0.89, 0.5, "Check"), (0.95, 1.1, "None of the ten")]
)
def test_a_verdict_depends_on_probability_and_warning(probability: float, score: float, verdict: str) -> None:
    row = np.full(10, (1 - probability) / 9)
    row[1] = probability
    assert format_verdict(GarmentPrediction(row, score), FASHION_CLASSES) == verdict


def test_a_warning_says_how_often_it_is_wrong() -> None:
    text = describe_ood_warning("drawing", 0.049, 1394, FASHION_CLASSES)
    assert "4.9% of 1,394 garments of the ten classes got it too (pictures of the same kind: a drawing)" in text


def test_agreement_of_models() -> None:
    coat, shirt = probabilities(4), probabilities(6)
    assert (
        describe_model_agreement(coat, {"MLP": coat, "CNN": coat}, FASHION_CLASSES) == "All 2 models also predict Coat."
    )
    assert describe_model_agreement(coat, {"MLP": coat}, FASHION_CLASSES) == "The only model also predicts Coat."
    text = describe_model_agreement(coat, {"MLP": coat, "CNN": shirt, "k-means": coat}, FASHION_CLASSES)
    assert text.startswith("2 of the 3 models also predict Coat. The other predicts Shirt (CNN). The poster's models")
    text = describe_model_agreement(coat, {"MLP": coat, "CNN": shirt, "k-means": shirt}, FASHION_CLASSES)
    assert text.startswith(
        "1 of the 3 models also predicts Coat. The others predict Shirt (CNN) and Shirt (k-means). The poster's models"
    )
    text = describe_model_agreement(coat, {"MLP": shirt, "CNN": shirt}, FASHION_CLASSES)
    assert text.startswith("None of the 2 models predicts Coat. They predict Shirt (MLP) and Shirt (CNN). The poster's")
    text = describe_model_agreement(coat, {"MLP": shirt}, FASHION_CLASSES)
    assert text.startswith("The only model doesn't predict Coat. It predicts Shirt (MLP). The poster's models")


def test_changed_predictions() -> None:
    before = {"MLP": probabilities(4), "CNN": probabilities(4)}
    assert "no model's prediction" in describe_changed_predictions(before, before, FASHION_CLASSES)
    after = before | {"CNN": probabilities(6)}
    assert (
        describe_changed_predictions(before, after, FASHION_CLASSES)
        == "Your painting changes the prediction: CNN (Coat → Shirt)."
    )


def test_picture_results() -> None:
    good = PictureResult("a.png", (), prediction=GarmentPrediction(probabilities(1), 2.0))
    copy = PictureResult("b.png", (), prediction=GarmentPrediction(probabilities(1), 0.0), duplicate_of="a.png")
    bad = PictureResult("c.png", (), error="It is broken.")
    assert describe_picture_results([good, copy, bad], FASHION_CLASSES) == (
        "2 of 2 pictures are predicted as Trouser; 1 has a warning; 1 could not be read; 1 is a copy of another."
    )
    assert describe_picture_results([bad], FASHION_CLASSES) == "1 could not be read."
    assert format_picture_result(good, FASHION_CLASSES).startswith("a.png: Trouser 82.0%, T-shirt/top 2.0%")
    assert format_picture_result(good, FASHION_CLASSES).endswith("probably none of the ten")
    assert format_picture_result(bad, FASHION_CLASSES) == "c.png: It is broken."
    cut = PictureResult("d.png", (), notice="The end is missing.", prediction=good.prediction)
    assert format_picture_result(cut, FASHION_CLASSES).endswith("(The end is missing.)")


def test_the_most_frequent_mistake() -> None:
    confusion = np.diag(np.arange(10))
    assert "No garment" in describe_most_frequent_mistake(confusion, FASHION_CLASSES)
    confusion[6, 4] = 1
    assert (
        describe_most_frequent_mistake(confusion, FASHION_CLASSES)
        == "Most frequent mistake: Shirt predicted as Coat, 1 time."
    )
