"""The examples on the page Try it, without a browser."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fashion_core.data.classes import CLASS_NAMES
from fashion_core.data.example_pictures import load_example_pictures
from fashion_core.recognition.recognizer import GarmentPrediction
from tests.conftest import PROJECT
from ui import caches
from ui.try_it import examples

NAMES = [example.name for example in load_example_pictures()]


class PredictsTheOrder:
    """Predicts class i for the i-th picture, sure by 91 %, and warns of the fourth."""

    def predict_many(self, prepared: list[object]) -> list[GarmentPrediction]:
        rows = np.full((len(prepared), 10), 0.01, np.float32) + 0.9 * np.eye(len(prepared), 10, dtype=np.float32)
        return [GarmentPrediction(row, 1.2 if i == 3 else 0.5) for i, row in enumerate(rows)]


def grid() -> None:
    from ui.try_it import examples

    examples.show_examples()


def test_each_example_shows_its_prediction_and_a_warning_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caches, "cached_recognizer", PredictsTheOrder)
    monkeypatch.setattr(caches, "recognizer_cache_key", lambda: (-1.0,))
    test = AppTest.from_function(grid, default_timeout=60).run()
    assert not test.exception
    assert [button.label for button in test.button] == [f"{CLASS_NAMES[i]}, 91%" for i in range(len(NAMES))]
    assert sum("None of the ten" in text.value for text in test.markdown) == 1


def test_a_click_opens_the_example_with_all_predictions() -> None:
    test = AppTest.from_file(str(PROJECT / "pages" / "try_it.py"), default_timeout=120).run()
    test.button("example-Bag").click().run()
    assert not test.exception
    assert test.query_params["source"] == examples.EXAMPLES_TAB
    assert test.session_state[examples.EXAMPLE_KEY] == "Bag"
    assert "Bag, probability" in test.header[0].value
