"""Answers for pictures: the class, how confident the model is, and whether a person should check it."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Event
from typing import Any

import numpy as np
from PIL import Image

from fashion_core.recognition.batch import PictureResult, predict_sources
from fashion_core.sorting.decision import SortedPicture, decide
from fashion_core.sorting.sort import SortingModel
from fashion_core.vision.picture_sources import PictureSource


@dataclass(frozen=True)
class Predictor:
    """Decides on pictures as ``fashion sort`` does, and also says the probability of each class."""

    model: SortingModel

    def predict(self, sources: Sequence[PictureSource], stop_event: Event | None = None) -> list[dict[str, Any]]:
        """An answer for each picture, as JSON; ends early with fewer once ``stop_event`` is set."""
        results = list(
            predict_sources(
                self.model.recognizer,
                sources,
                self.model.options,
                n_threads=1,  # requests run side by side
                thumbnail_side=0,
                stop_event=stop_event,
            )
        )
        decided = decide(results, self.model.classes, self.model.promise)
        return [self._answer(*pair) for pair in zip(results, decided, strict=True)]

    def warm_up(self) -> None:
        """Predict a picture, so that the first request doesn't wait for libraries and weights."""
        ramp = np.linspace(0, 255, 64 * 64, dtype=np.uint8).reshape(64, 64)
        buffer = io.BytesIO()
        Image.fromarray(ramp).save(buffer, "PNG")
        self.predict([PictureSource("", (), buffer.getvalue)])

    def _answer(self, result: PictureResult, decided: SortedPicture) -> dict[str, Any]:
        if result.prediction is None:
            return {"name": result.name, "error": result.error}
        highest = np.sort(result.prediction.probabilities)[::-1].tolist()
        return {
            "name": result.name,
            "class": decided.candidates[0],
            "probability": decided.probability,
            "decision": decided.decision,
            "classes": [{"class": c, "probability": p} for c, p in zip(decided.candidates, highest, strict=False)],
            "run": self.model.promise.run,
        } | ({"notice": result.notice} if result.notice else {})
