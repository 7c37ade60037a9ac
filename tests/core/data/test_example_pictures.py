"""The six example pictures of the page Try it."""

import numpy as np
import pytest

from fashion_core.data.classes import CLASS_NAMES
from fashion_core.data.example_pictures import load_example_pictures
from fashion_core.recognition.recognizer import GarmentPrediction
from fashion_core.recognition.shipped_recognizer import load_shipped_recognizer
from fashion_core.runs.store import RunStore
from fashion_core.vision.preparation import PreparationOptions, detect_picture_kind, prepare_picture

TRUE_CLASSES = {"T-shirt": "T-shirt/top", "Trouser": "Trouser", "Bag": "Bag", "Sneaker": "Sneaker", "Coat": "Coat"}
EXAMPLES = {example.name: example for example in load_example_pictures()}


@pytest.fixture(scope="module")
def predictions() -> dict[str, GarmentPrediction]:
    recognizer = load_shipped_recognizer(RunStore())
    prepared = [prepare_picture(e.picture, PreparationOptions(e.kind)) for e in EXAMPLES.values()]
    return dict(zip(EXAMPLES, recognizer.predict_many(prepared), strict=True))


def test_there_are_five_garments_and_one_other_picture() -> None:
    assert [name for name in EXAMPLES if name not in TRUE_CLASSES] == ["Cat"]
    assert len(EXAMPLES) == 6


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_kind_of_an_example_is_detected_automatically(name: str) -> None:
    example = EXAMPLES[name]
    assert detect_picture_kind(np.repeat(example.picture[..., None], 3, axis=2))[0] == example.kind


@pytest.mark.parametrize("name", TRUE_CLASSES)
def test_the_recognizer_predicts_the_garment_of_an_example(
    predictions: dict[str, GarmentPrediction], name: str
) -> None:
    assert CLASS_NAMES[int(predictions[name].probabilities.argmax())] == TRUE_CLASSES[name]
    assert not predictions[name].is_out_of_distribution


def test_the_cat_gets_a_warning(predictions: dict[str, GarmentPrediction]) -> None:
    assert predictions["Cat"].is_out_of_distribution
