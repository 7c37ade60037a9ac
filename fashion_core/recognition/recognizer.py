"""Predict the garment on a prepared picture, and whether it is one of the ten classes at all."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fashion_core.models.base import Classifier
from fashion_core.models.torch_classifier import TorchClassifier
from fashion_core.recognition.out_of_distribution import OutOfDistributionDetector
from fashion_core.vision.preparation import PictureKind, PreparedPicture

PROBABILITY_FLOOR = 1e-4  # added to probabilities, so that one view cannot rule a class out


@dataclass(frozen=True)
class GarmentPrediction:
    """``probabilities`` float32 [10] of the ensemble; ``network_probabilities`` of each network alone, uncorrected.

    ``ood_score`` is above 1 when the picture is out of distribution; nan without a detector.
    """

    probabilities: np.ndarray
    ood_score: float
    network_probabilities: tuple[np.ndarray, ...] = ()

    @property
    def is_out_of_distribution(self) -> bool:
        """Whether the picture probably shows none of the ten classes."""
        return self.ood_score > 1


@dataclass(frozen=True)
class ClassPriorCorrection:
    """Corrects the log probabilities of one kind of picture: times ``slope``, plus ``shift`` float [10].

    Fitted on ``n`` labelled pictures of that kind from ``source``; it holds for collections like that one.
    """

    slope: float
    shift: tuple[float, ...]
    n: int
    source: str

    def apply(self, probabilities: np.ndarray) -> np.ndarray:
        """Corrected probabilities float32 [10]."""
        return geometric_mean_probabilities((np.log(probabilities + 1e-12) * self.slope + np.array(self.shift))[None])


def geometric_mean_probabilities(log_probabilities: np.ndarray) -> np.ndarray:
    """Geometric mean over views and networks: float [v, 10] -> probabilities float32 [10]."""
    from scipy.special import softmax

    return softmax(log_probabilities.mean(axis=0)).astype(np.float32)


class Recognizer:
    """An ensemble of ``classifiers`` that sees every view of a picture.

    ``ood_detector`` works on the features of all classifiers, which then have to be networks. ``corrections``: by kind
    of picture.
    """

    def __init__(
        self,
        classifiers: Sequence[Classifier],
        ood_detector: OutOfDistributionDetector | None = None,
        corrections: Mapping[str, ClassPriorCorrection] | None = None,
    ) -> None:
        self.classifiers = tuple(classifiers)
        self.ood_detector = ood_detector
        self.corrections = corrections or {}

    def predict(self, prepared: PreparedPicture, *, apply_correction: bool = True) -> GarmentPrediction:
        """Predict one picture."""
        return self.predict_many([prepared], apply_correction=apply_correction)[0]

    def predict_many(
        self, prepared: Sequence[PreparedPicture], *, apply_correction: bool = True
    ) -> list[GarmentPrediction]:
        """Predict several pictures; each network computes the views of all of them at once."""
        if not prepared:
            return []
        ends = np.cumsum([len(p.views) for p in prepared])[:-1]
        log_probabilities, distances = self._run_networks(np.concatenate([p.views for p in prepared]))
        by_network = [np.split(values, ends) for values in log_probabilities]  # [networks][pictures] -> [v, 10]
        by_picture = [None] * len(prepared) if distances is None else np.split(distances, ends)
        predictions = []
        for i, (picture, own_distances) in enumerate(zip(prepared, by_picture, strict=True)):
            own = [values[i] for values in by_network]
            probabilities = geometric_mean_probabilities(np.concatenate(own))
            correction = self.corrections.get(picture.kind) if apply_correction else None
            predictions.append(
                GarmentPrediction(
                    correction.apply(probabilities) if correction is not None else probabilities,
                    self._ood_score(picture.kind, own_distances),
                    tuple(geometric_mean_probabilities(values) for values in own),
                )
            )
        return predictions

    def _run_networks(self, views: np.ndarray) -> tuple[list[np.ndarray], np.ndarray | None]:
        """Log probabilities [v, 10] of each network for views uint8 [v, 28, 28], and the detector's distances."""
        if self.ood_detector is None:
            return [
                np.log(classifier.predict_proba(views) + PROBABILITY_FLOOR) for classifier in self.classifiers
            ], None
        from scipy.special import softmax

        features, log_probabilities = [], []
        for classifier in self.classifiers:
            assert isinstance(classifier, TorchClassifier)
            network_features, logits = classifier.extract_features(views)
            features.append(network_features)
            log_probabilities.append(np.log(softmax(logits, axis=1) + PROBABILITY_FLOOR))
        return log_probabilities, self.ood_detector.compute_distances(features)

    def _ood_score(self, kind: PictureKind, distances: np.ndarray | None) -> float:
        if self.ood_detector is None or distances is None:
            return math.nan
        return self.ood_detector.score(kind, distances)
