"""What garment is on a prepared picture, and whether it is one of the ten classes at all."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fashion_core.computed.reference_features import ENSEMBLE_RUN_IDS, ReferenceFeatures, shipped_weights_digest
from fashion_core.computed.store import load_shipped_result
from fashion_core.data.classes import N_CLASSES
from fashion_core.errors import RunError
from fashion_core.models.base import Classifier
from fashion_core.models.torch_classifier import TorchClassifier
from fashion_core.recognition.out_of_distribution import OodScoreScale, OutOfDistributionDetector
from fashion_core.runs.store import RunStore
from fashion_core.vision.preparation import PictureKind, PreparedPicture

PROBABILITY_FLOOR = 1e-4  # added to probabilities, so that one view cannot rule a class out
RECOGNIZER_SETTINGS_PATH = (
    Path(__file__).resolve().parent / "settings.json"
)  # written by ``build`` and ``fit_correction``


@dataclass(frozen=True)
class GarmentPrediction:
    """``probabilities`` float32 [10]. ``strangeness`` is how far the picture is from every garment that was learnt, the
    limit being 1; nan where that cannot be told. ``by_network``: what each network says alone, float32 [10] each,
    uncorrected."""

    probabilities: np.ndarray
    ood_score: float
    network_probabilities: tuple[np.ndarray, ...] = ()

    @property
    def is_out_of_distribution(self) -> bool:
        """Whether the picture is probably none of the ten classes."""
        return self.ood_score > 1


@dataclass(frozen=True)
class PriorCorrection:
    """What is done to the log probabilities of one kind of picture: times ``slope``, plus ``shift`` float [10].

    Fitted on labelled pictures of that kind, ``n`` of them, from ``source``; it holds for collections like that one.
    """

    slope: float
    shift: tuple[float, ...]
    n: int
    source: str


def average_log_probabilities(log_probabilities: np.ndarray) -> np.ndarray:
    """Geometric mean over views and networks: float [v, 10] -> float32 [10], summing to 1."""
    mean = log_probabilities.mean(axis=0)
    e = np.exp(mean - mean.max())
    return (e / e.sum()).astype(np.float32)


class Recognizer:
    """Asks ``classifiers`` about every view of a picture.

    ``strangers`` tells what is no garment from the features of all classifiers, which then have to be networks that
    have some; without it that cannot be told. ``corrections`` by kind of picture.
    """

    def __init__(
        self,
        classifiers: Sequence[Classifier],
        ood_detector: OutOfDistributionDetector | None = None,
        corrections: Mapping[str, PriorCorrection] | None = None,
    ) -> None:
        self.classifiers = tuple(classifiers)
        self.ood_detector = ood_detector
        self.corrections = corrections or {}

    def predict(self, prepared: PreparedPicture, *, apply_correction: bool = True) -> GarmentPrediction:
        """One picture's answer."""
        return self.predict_many([prepared], apply_correction=apply_correction)[0]

    def predict_many(
        self, prepared: Sequence[PreparedPicture], *, apply_correction: bool = True
    ) -> list[GarmentPrediction]:
        """Each picture's answer; all their views go through each network together."""
        if not prepared:
            return []
        ends = np.cumsum([len(p.views) for p in prepared])[:-1]
        logs, terms = self._run_networks(np.concatenate([p.views for p in prepared]))
        split = [np.split(log, ends) for log in logs]
        strange = [None] * len(prepared) if terms is None else np.split(terms, ends)
        return [
            GarmentPrediction(
                self._correct(
                    p.kind, average_log_probabilities(np.concatenate([log[i] for log in split])), apply_correction
                ),
                float("nan") if own is None or self.ood_detector is None else self.ood_detector.score(p.kind, own),
                tuple(average_log_probabilities(log[i]) for log in split),
            )
            for i, (p, own) in enumerate(zip(prepared, strange, strict=True))
        ]

    def _run_networks(self, views: np.ndarray) -> tuple[list[np.ndarray], np.ndarray | None]:
        """Each classifier's log probabilities [v, 10] of views uint8 [v, 28, 28], and the terms of strangeness."""
        from scipy.special import softmax

        if self.ood_detector is None:
            return [
                np.log(classifier.predict_proba(views) + PROBABILITY_FLOOR) for classifier in self.classifiers
            ], None
        logs, features = [], []
        for classifier in self.classifiers:
            assert isinstance(classifier, TorchClassifier)
            own_features, logits = classifier.extract_features(views)
            logs.append(np.log(softmax(logits, axis=1) + PROBABILITY_FLOOR))
            features.append(own_features)
        return logs, self.ood_detector.compute_distances(features)

    def _correct(self, kind: PictureKind, probabilities: np.ndarray, wanted: bool) -> np.ndarray:
        correction = self.corrections.get(kind)
        if correction is None or not wanted:
            return probabilities
        shifted = np.log(probabilities + 1e-12) * correction.slope + np.array(correction.shift)
        return average_log_probabilities(shifted[None])


@dataclass(frozen=True)
class RecognizerSettings:
    """``scales`` of strangeness and ``corrections``, by kind of picture."""

    score_scales: Mapping[str, OodScoreScale]
    corrections: Mapping[str, PriorCorrection]

    @classmethod
    def load_shipped(cls) -> "RecognizerSettings":
        """Raises ``RunError`` when the file is missing or damaged."""
        try:
            values = json.loads(RECOGNIZER_SETTINGS_PATH.read_text(encoding="utf-8"))
            corrections = {
                kind: PriorCorrection(float(c["slope"]), tuple(map(float, c["shift"])), int(c["n"]), str(c["source"]))
                for kind, c in values["corrections"].items()
            }
            scales = {
                kind: OodScoreScale(tuple(map(float, s["mean"])), tuple(map(float, s["spread"])), float(s["limit"]))
                for kind, s in values["scales"].items()
            }
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise RunError(
                f"{RECOGNIZER_SETTINGS_PATH.name} is missing or damaged. Install the program again."
            ) from error
        fits = all(len(s.mean) == len(s.spread) == len(ENSEMBLE_RUN_IDS) + 1 for s in scales.values())
        if not fits or any(len(c.shift) != N_CLASSES for c in corrections.values()):
            raise RunError(f"{RECOGNIZER_SETTINGS_PATH.name} is damaged. Install the program again.")
        return cls(scales, corrections)


def load_shipped_recognizer(store: RunStore) -> Recognizer:
    """The recognizer that the program brings along; raises ``RunError`` when one of its parts cannot be read."""
    settings = RecognizerSettings.load_shipped()
    classifiers = [store.load_classifier(store.get(run_id)) for run_id in ENSEMBLE_RUN_IDS]
    banks = tuple(
        load_shipped_result(ReferenceFeatures(shipped_weights_digest(run_id), run_id))["features"]
        for run_id in ENSEMBLE_RUN_IDS
    )
    return Recognizer(classifiers, OutOfDistributionDetector(banks, settings.score_scales), settings.corrections)
