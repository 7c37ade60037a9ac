"""Several views and networks, one answer."""

import json

import numpy as np
import pytest

from fashion_core.data.classes import N_CLASSES
from fashion_core.data.sample_data import generate_sample_images
from fashion_core.errors import RunError
from fashion_core.recognition import shipped_recognizer
from fashion_core.recognition.recognizer import (
    ClassPriorCorrection,
    Recognizer,
    geometric_mean_probabilities,
)
from fashion_core.recognition.shipped_recognizer import RecognizerSettings, load_shipped_recognizer
from fashion_core.runs.store import RunStore
from fashion_core.vision.preparation import PictureKind, PreparationStep, PreparedPicture


class Fixed:
    """A classifier that reads its answer off the first pixel of each view."""

    n_parameters = 0

    def predict_proba(self, images: np.ndarray) -> np.ndarray:
        p = np.full((len(images), N_CLASSES), 0.01, np.float32)
        p[np.arange(len(images)), images[:, 0, 0] % N_CLASSES] = 0.91
        return p

    def state(self) -> dict[str, np.ndarray]:
        return {}

    def load_state(self, state) -> None:
        pass


def prepared(*classes: int, kind: PictureKind = "photo") -> PreparedPicture:
    views = np.zeros((len(classes), 28, 28), np.uint8)
    views[:, 0, 0] = classes
    return PreparedPicture(kind, (PreparationStep("28 × 28", views[0]),), views)


def test_log_probabilities_of_views_are_averaged() -> None:
    p = np.array([[0.9, 0.1], [0.4, 0.6]])
    expected = np.sqrt(p.prod(axis=0))
    np.testing.assert_allclose(geometric_mean_probabilities(np.log(p)), expected / expected.sum(), rtol=1e-6)


def test_each_picture_is_predicted_from_its_own_views() -> None:
    predictions = Recognizer([Fixed()]).predict_many([prepared(3, 3, 5), prepared(7)])
    assert [int(a.probabilities.argmax()) for a in predictions] == [3, 7]
    for answer in predictions:
        assert answer.probabilities.dtype == np.float32
        assert answer.probabilities.sum() == pytest.approx(1, abs=1e-5)
        assert np.isnan(answer.ood_score)
        assert not answer.is_out_of_distribution
        assert len(answer.network_probabilities) == 1


def test_no_pictures_give_no_predictions() -> None:
    assert Recognizer([Fixed()]).predict_many([]) == []


def test_a_correction_applies_to_its_kind_and_can_be_switched_off() -> None:
    shift = np.zeros(N_CLASSES)
    shift[2] = 20
    recognizer = Recognizer(
        [Fixed()], corrections={"photo": ClassPriorCorrection(1.0, tuple(shift), 9, "a collection")}
    )
    assert recognizer.predict(prepared(3)).probabilities.argmax() == 2
    assert recognizer.predict(prepared(3), apply_correction=False).probabilities.argmax() == 3
    assert recognizer.predict(prepared(3, kind="shop")).probabilities.argmax() == 3


def test_the_shipped_recognizer_tells_garments_from_noise() -> None:
    recognizer = load_shipped_recognizer(RunStore())
    images, labels = generate_sample_images(8, 5)
    garments = [PreparedPicture("sample", (PreparationStep("28 × 28", image),), image[None]) for image in images]
    predictions = recognizer.predict_many(garments)
    right = np.mean([a.probabilities.argmax() == label for a, label in zip(predictions, labels, strict=True)])
    assert right >= 0.8
    noise = np.random.default_rng(0).integers(0, 256, (20, 28, 28), dtype=np.uint8)
    unknown = recognizer.predict_many(
        [PreparedPicture("sample", (PreparationStep("28 × 28", image),), image[None]) for image in noise]
    )
    assert np.mean([a.is_out_of_distribution for a in predictions]) < 0.3
    assert np.mean([a.is_out_of_distribution for a in unknown]) > 0.9


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"scales": {"photo": "x"}, "corrections": {}}', '{"scales": {}, "corrections": {"photo": 3}}',
     json.dumps({"scales": {"photo": {"mean": [0], "spread": [1], "limit": 1}}, "corrections": {}}),
     json.dumps({"scales": {}, "corrections": {"photo": {"slope": 1, "shift": [0], "n": 1, "source": ""}}})],
)  # fmt: skip
def test_damaged_settings_raise(content: str, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "settings.json"
    path.write_text(content)
    monkeypatch.setattr(shipped_recognizer, "RECOGNIZER_SETTINGS_PATH", path)
    with pytest.raises(RunError, match="Install the program again"):
        RecognizerSettings.load_shipped()
