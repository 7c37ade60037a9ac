"""The recognizer's prediction on the page Try it, without a browser."""

import re
from types import SimpleNamespace
from typing import ClassVar

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fashion_core.recognition.recognizer import GarmentPrediction
from fashion_core.vision.preparation import PreparedPicture
from ui import caches
from ui.try_it import predictions


class WarnsOfEverything:
    """Predicts Coat, and warns; 3 of 120 known garments got a warning too."""

    ood_thresholds: ClassVar = {
        "drawing": SimpleNamespace(false_alarm_rate=0.025, n_known=120, source="drawings of a test")
    }

    def predict(self, prepared: PreparedPicture) -> GarmentPrediction:
        return GarmentPrediction(np.full(10, 0.05, np.float32) + 0.5 * np.eye(10, dtype=np.float32)[4], 1.3)


def page() -> None:
    from fashion_core.data.example_pictures import load_example_pictures
    from fashion_core.vision.preparation import PreparationOptions, prepare_picture
    from ui.try_it import predictions
    from ui.try_it.inputs import InputPicture

    cat = next(example for example in load_example_pictures() if example.name == "Cat")
    prepared = prepare_picture(cat.picture, PreparationOptions("drawing"))
    predictions.show_predictions(InputPicture(cat.picture, prepared))


def test_a_warning_comes_with_its_rate_of_false_alarms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caches, "cached_recognizer", WarnsOfEverything)
    test = AppTest.from_function(page, default_timeout=120).run()
    assert not test.exception
    assert test.header[0].value.replace("\\", "") == ":red-background[None of the ten] closest: Coat, probability 55%"
    assert "2.5% of 120 garments" in test.warning[0].value
    captions = " ".join(caption.value for caption in test.caption).replace("\\", "")
    assert "false alarms: 2.5% of 120 garments (drawings of a test)" in captions
    assert "Coat" not in captions  # nobody has opened them


def test_what_each_model_says_is_computed_once_it_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caches, "cached_recognizer", WarnsOfEverything)
    test = AppTest.from_function(page, default_timeout=120)
    test.session_state[predictions.MODELS_KEY] = True
    test.run()
    assert not test.exception
    captions = " ".join(caption.value for caption in test.caption)
    assert re.search(r"of the 4 models (also )?predicts? Coat|All 4 models also predict Coat", captions)


def page_of_a_whole_picture() -> None:
    from fashion_core.data.example_pictures import load_example_pictures
    from fashion_core.vision.preparation import PreparationOptions, prepare_picture
    from ui.try_it import predictions
    from ui.try_it.inputs import InputPicture

    picture = load_example_pictures()[0].picture
    predictions.show_predictions(InputPicture(picture, prepare_picture(picture, PreparationOptions("letterbox"))))


def test_a_whole_picture_has_no_warning_and_says_so() -> None:
    test = AppTest.from_function(page_of_a_whole_picture, default_timeout=120).run()
    assert not test.exception
    captions = " ".join(caption.value for caption in test.caption)
    assert "no warning for none of the ten classes" in captions
