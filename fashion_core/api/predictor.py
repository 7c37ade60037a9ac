"""Answers for pictures: the class, how confident the model is, and whether a person should check it."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Event
from typing import Any, Literal

import numpy as np
from PIL import Image

from fashion_core.analysis.feasibility import CalibratedPredictions, choose_threshold_for_target
from fashion_core.data.classes import ClassList
from fashion_core.recognition.batch import PictureResult, predict_sources
from fashion_core.recognition.labelled_folder import rank_classes
from fashion_core.recognition.promises import calibrate_results
from fashion_core.recognition.recognizer import Recognizer
from fashion_core.vision.picture_sources import PictureSource
from fashion_core.vision.preparation import PreparationOptions

Decision = Literal["automatic", "check", "none"]
DECISIONS: tuple[Decision, ...] = ("automatic", "check", "none")
N_TOP_CLASSES = 3


@dataclass(frozen=True)
class Predictor:
    """A model with its promise. ``run``: its name. ``target``: of the automatic ones, how many are correct, 0 to 1.
    ``threshold``: the confidence from which a picture is automatic; None when no threshold reaches the target.
    """

    recognizer: Recognizer
    classes: ClassList
    options: PreparationOptions
    run: str
    target: float
    threshold: float | None
    temperature: float

    @classmethod
    def from_validation(
        cls,
        recognizer: Recognizer,
        classes: ClassList,
        options: PreparationOptions,
        run: str,
        target: float,
        validation: CalibratedPredictions,
    ) -> "Predictor":
        """Choose the threshold on ``validation``, so that the target is assured for pictures like those.

        Raises ``ConfigError`` when ``target`` is not above 0 and below 1.
        """
        threshold = choose_threshold_for_target(validation.risk_coverage_curve, target, guaranteed=True)
        return cls(recognizer, classes, options, run, target, threshold, validation.temperature)

    def predict(self, sources: Sequence[PictureSource], stop_event: Event | None = None) -> list[dict[str, Any]]:
        """An answer for each picture, as JSON; ends early with fewer once ``stop_event`` is set."""
        results = list(
            predict_sources(
                self.recognizer,
                sources,
                self.options,
                n_threads=1,  # requests run side by side
                thumbnail_side=0,
                stop_event=stop_event,
            )
        )
        confidences = iter(calibrate_results(results, self.classes, self.temperature).confidence)
        return [
            {"name": r.name, "error": r.error} if r.prediction is None else self._answer(r, float(next(confidences)))
            for r in results
        ]

    def warm_up(self) -> None:
        """Predict a picture, so that the first request doesn't wait for libraries and weights."""
        ramp = np.linspace(0, 255, 64 * 64, dtype=np.uint8).reshape(64, 64)
        buffer = io.BytesIO()
        Image.fromarray(ramp).save(buffer, "PNG")
        self.predict([PictureSource("", (), buffer.getvalue)])

    def _answer(self, result: PictureResult, confidence: float) -> dict[str, Any]:
        assert result.prediction is not None
        ranked = rank_classes(result)[:N_TOP_CLASSES]
        probabilities = result.prediction.probabilities
        return {
            "name": result.name,
            "class": self.classes[ranked[0]].name,
            "probability": confidence,
            "decision": self._decide(result, confidence),
            "classes": [{"class": self.classes[c].name, "probability": float(probabilities[c])} for c in ranked],
            "run": self.run,
        } | ({"notice": result.notice} if result.notice else {})

    def _decide(self, result: PictureResult, confidence: float) -> Decision:
        assert result.prediction is not None
        if result.prediction.is_out_of_distribution:
            return "none"
        return "automatic" if self.threshold is not None and confidence >= self.threshold else "check"
