"""Several views and networks, one answer."""

from dataclasses import replace

import numpy as np
import pytest
from torch import nn

from fashion_core.data.classes import N_CLASSES
from fashion_core.data.sample_data import generate_sample_images
from fashion_core.errors import RunError
from fashion_core.models.inference import TestTimeAugmentation
from fashion_core.models.torch_classifier import TorchClassifier
from fashion_core.recognition import shipped_recognizer
from fashion_core.recognition.recognizer import (
    OodThreshold,
    Recognizer,
)
from fashion_core.recognition.shipped_recognizer import load_ood_thresholds, load_shipped_recognizer
from fashion_core.runs.store import RunStore
from fashion_core.vision.preparation import PictureKind, PreparationStep, PreparedPicture


class Fixed:
    """A classifier that reads its answer off the first pixel of each view."""

    def predict_proba(self, images: np.ndarray) -> np.ndarray:
        p = np.full((len(images), N_CLASSES), 0.01, np.float32)
        p[np.arange(len(images)), images[:, 0, 0] % N_CLASSES] = 0.91
        return p


def prepared(*classes: int, kind: PictureKind = "photo") -> PreparedPicture:
    views = np.zeros((len(classes), 28, 28), np.uint8)
    views[:, 0, 0] = classes
    return PreparedPicture(kind, (PreparationStep("28 × 28", views[0]),), views, views[0])


def test_probabilities_of_views_and_networks_are_averaged() -> None:
    probabilities = Recognizer([Fixed(), Fixed()]).predict(prepared(3, 3, 5)).probabilities
    assert probabilities[3] == pytest.approx((0.91 + 0.91 + 0.01) / 3, abs=1e-6)
    assert probabilities[5] == pytest.approx((0.01 + 0.01 + 0.91) / 3, abs=1e-6)


def test_each_picture_is_predicted_from_its_own_views() -> None:
    predictions = Recognizer([Fixed()]).predict_many([prepared(3, 3, 5), prepared(7)])
    assert [int(a.probabilities.argmax()) for a in predictions] == [3, 7]
    for answer in predictions:
        assert answer.probabilities.dtype == np.float32
        assert answer.probabilities.sum() == pytest.approx(1, abs=1e-5)
        assert np.isnan(answer.ood_score)
        assert not answer.is_out_of_distribution


def test_no_pictures_give_no_predictions() -> None:
    assert Recognizer([Fixed()]).predict_many([]) == []


def test_the_shipped_recognizer_tells_garments_from_noise() -> None:
    recognizer = load_shipped_recognizer(RunStore())
    images, labels = generate_sample_images(8, 5)
    garments = [PreparedPicture("sample", (PreparationStep("28 × 28", image),), image[None], image) for image in images]
    predictions = recognizer.predict_many(garments)
    right = np.mean([a.probabilities.argmax() == label for a, label in zip(predictions, labels, strict=True)])
    assert right >= 0.8
    noise = np.random.default_rng(0).integers(0, 256, (20, 28, 28), dtype=np.uint8)
    unknown = recognizer.predict_many(
        [PreparedPicture("sample", (PreparationStep("28 × 28", image),), image[None], image) for image in noise]
    )
    assert np.mean([a.is_out_of_distribution for a in predictions]) < 0.3
    assert np.mean([a.is_out_of_distribution for a in unknown]) > 0.9


def test_an_unsure_prediction_is_out_of_distribution_where_its_kind_has_a_threshold() -> None:
    def is_warned(max_entropy: float, kind: PictureKind) -> bool:
        thresholds = {"photo": OodThreshold(max_entropy, 0.05, 100, "a collection")}
        return Recognizer([Fixed()], thresholds).predict(prepared(3, kind=kind)).is_out_of_distribution

    assert is_warned(0.1, "photo")
    assert not is_warned(2.0, "photo")
    assert not is_warned(0.1, "shop")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"photo": "x"}', '{"photo": {"max_entropy": "high"}}'])
def test_damaged_thresholds_raise(content: str, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "thresholds.json"
    path.write_text(content)
    monkeypatch.setattr(shipped_recognizer, "OOD_THRESHOLDS_PATH", path)
    with pytest.raises(RunError, match="Install the program again"):
        load_ood_thresholds()


def test_drawings_get_no_further_views() -> None:
    linear = nn.Sequential(nn.Flatten(), nn.Linear(784, N_CLASSES))  # untrained, so it is sure of nothing
    network = TorchClassifier(linear, TestTimeAugmentation(mirror=True))
    images = generate_sample_images(3, seed=0)[0]
    photograph = PreparedPicture("photo", (PreparationStep("28 × 28", images[0]),), images, images[0])
    drawing = replace(photograph, kind="drawing")
    of_photograph, of_drawing = Recognizer([network]).predict_many([photograph, drawing])
    plain = TorchClassifier(linear).predict_proba(images).mean(axis=0)
    np.testing.assert_allclose(of_drawing.probabilities, plain, atol=1e-6)
    np.testing.assert_allclose(of_photograph.probabilities, network.predict_proba(images).mean(axis=0), atol=1e-6)
    assert not np.allclose(of_photograph.probabilities, plain, atol=1e-3)
