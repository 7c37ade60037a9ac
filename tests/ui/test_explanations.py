"""Why the models predict a class, on the page Try it, without a browser."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fashion_core.recognition.recognizer import GarmentPrediction
from fashion_core.runs.store import ZOO_FOLDER, RunStore
from fashion_core.vision.preparation import PreparedPicture
from ui import caches


class PredictsCoat:
    """Without networks."""

    def predict_many(self, prepared: Sequence[PreparedPicture]) -> list[GarmentPrediction]:
        return [GarmentPrediction(np.eye(10, dtype=np.float32)[4], 0.0) for _ in prepared]


def page() -> None:
    import numpy as np

    from fashion_core.vision.preparation import PreparationOptions, prepare_picture
    from ui.try_it import explanations

    image = np.zeros((28, 28), np.uint8)
    image[2:26, 6:22] = 180
    coat = np.eye(10, dtype=np.float32)[4]
    prepared = prepare_picture(image, PreparationOptions("sample"))
    explanations.show_explanation(prepared, lambda: {"Recognizer": coat, "MLP": coat})


def test_important_areas_leave_out_damaged_and_missing_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shutil.copytree(ZOO_FOLDER / "mlp", tmp_path / "mlp")
    shutil.copytree(ZOO_FOLDER / "kmeans", tmp_path / "kmeans")
    (tmp_path / "kmeans" / "weights.safetensors").write_bytes(b"damaged")
    (tmp_path / "cnn").mkdir()
    (tmp_path / "cnn" / "run.json").write_text("damaged")
    monkeypatch.setattr(caches, "run_store", lambda: RunStore(zoo=tmp_path))
    monkeypatch.setattr(caches, "cached_recognizer", PredictsCoat)
    test = AppTest.from_function(page, default_timeout=120)
    test.session_state["closer"] = "Important areas"
    test.run()
    assert not test.exception
    assert "hidden square" in test.markdown[0].value
