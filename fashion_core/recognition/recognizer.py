"""Predict the garment on a prepared picture, and whether it is one of the ten classes at all."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fashion_core.models.base import Classifier
from fashion_core.models.inputs import predict_pictures
from fashion_core.models.network_classifier import NetworkClassifier
from fashion_core.vision.preparation import PictureKind, PreparedPicture

SURE_PROBABILITY = 0.9  # from which a prediction needs no check


@dataclass(frozen=True)
class OodThreshold:
    """A picture whose probabilities have an entropy above ``max_entropy``, in nats, is out of distribution.

    ``false_alarm_rate``: fraction of ``n_known`` garments of the ten classes, from ``source``, that it takes for none
    of them.
    """

    max_entropy: float
    false_alarm_rate: float
    n_known: int
    source: str


@dataclass(frozen=True)
class GarmentPrediction:
    """``probabilities`` float32 [10]; ``ood_score`` is above 1 when the picture is out of distribution, nan without a
    threshold."""

    probabilities: np.ndarray
    ood_score: float

    @property
    def is_out_of_distribution(self) -> bool:
        """Whether the picture probably shows none of the ten classes."""
        return self.ood_score > 1

    @property
    def is_sure(self) -> bool:
        """Whether the most likely class needs no check."""
        return not self.is_out_of_distribution and bool(self.probabilities.max() >= SURE_PROBABILITY)


class Recognizer:
    """An ensemble of ``classifiers`` that sees every view of a picture; all probabilities are averaged.

    A drawing has several views, so it gets no others by test-time augmentation: they cost time and gain nothing.
    ``ood_thresholds``: by kind of picture.
    """

    def __init__(
        self, classifiers: Sequence[Classifier], ood_thresholds: Mapping[str, OodThreshold] | None = None
    ) -> None:
        self.classifiers = tuple(classifiers)
        self._drawing_classifiers = tuple(map(_without_augmentation, classifiers))
        self.ood_thresholds = ood_thresholds or {}

    def predict(self, prepared: PreparedPicture) -> GarmentPrediction:
        """Predict one picture."""
        return self.predict_many([prepared])[0]

    def predict_many(self, prepared: Sequence[PreparedPicture]) -> list[GarmentPrediction]:
        """Predict several pictures; each network computes the views of all of them at once."""
        probabilities: dict[int, np.ndarray] = {}
        for is_drawing, classifiers in ((False, self.classifiers), (True, self._drawing_classifiers)):
            chosen = {i: p for i, p in enumerate(prepared) if (p.kind == "drawing") == is_drawing}
            if chosen:
                probabilities |= zip(chosen, _mean_probabilities(classifiers, list(chosen.values())), strict=True)
        return [
            GarmentPrediction(probabilities[i], self._ood_score(picture.kind, probabilities[i]))
            for i, picture in enumerate(prepared)
        ]

    def _ood_score(self, kind: PictureKind, probabilities: np.ndarray) -> float:
        from scipy.special import entr

        if kind not in self.ood_thresholds:
            return math.nan
        return float(entr(probabilities).sum() / self.ood_thresholds[kind].max_entropy)


def _mean_probabilities(classifiers: Sequence[Classifier], prepared: Sequence[PreparedPicture]) -> list[np.ndarray]:
    """Probabilities of each picture, the mean over the classifiers."""
    views, pictures = [p.views for p in prepared], [p.picture for p in prepared]
    return list(np.mean([predict_pictures(classifier, views, pictures) for classifier in classifiers], axis=0))


def _without_augmentation(classifier: Classifier) -> Classifier:
    return classifier.without_augmentation() if isinstance(classifier, NetworkClassifier) else classifier
