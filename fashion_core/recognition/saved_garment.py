"""A garment that you saved: the prediction, and your correction of it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from fashion_core.analysis.metrics import wilson_interval
from fashion_core.data.classes import N_CLASSES, NONE_OF_THESE_LABEL
from fashion_core.vision.preparation import PictureKind


@dataclass(frozen=True)
class ModelPrediction:
    """The class, 0 to 9, that one model predicts, and its probability, 0 to 1."""

    label: int
    probability: float

    def __post_init__(self) -> None:
        if self.label not in range(N_CLASSES) or not 0 <= self.probability <= 1:
            raise ValueError("a prediction is one of the ten classes and a probability")


@dataclass(frozen=True)
class SavedGarment:
    """``picture``: RGB as PNG, at most 320 pixels on the longest side. ``image``: grey as PNG, 28 x 28.

    ``saved_at`` is in UTC. ``label``, ``confidence`` and ``ood_score`` are the recognizer's prediction,
    ``model_predictions`` those of the single models by title. ``correction``: the class that you say it is, or
    ``NONE_OF_THESE_LABEL``; None before you say.
    """

    id: int
    saved_at: datetime
    picture: bytes
    image: bytes
    kind: PictureKind
    label: int
    confidence: float
    ood_score: float
    model_predictions: Mapping[str, ModelPrediction]
    correction: int | None

    @property
    def has_warning(self) -> bool:
        """Whether the prediction came with the warning that it may be none of the ten classes."""
        return self.ood_score > 1

    @property
    def is_correct(self) -> bool | None:
        """Whether the correction agrees: with the class, or for none of these with the warning; None without one."""
        if self.correction is None:
            return None
        return self.has_warning if self.correction == NONE_OF_THESE_LABEL else self.correction == self.label


@dataclass(frozen=True)
class FeedbackAccuracy:
    """Of ``n`` garments with a correction, ``n_correct`` were predicted correctly (``SavedGarment.is_correct``).

    ``n_none_of_these`` of the ``n`` are none of the ten classes, of which ``n_none_of_these_warned`` had a warning.
    """

    n: int
    n_correct: int
    n_none_of_these: int
    n_none_of_these_warned: int

    @property
    def rate(self) -> float:
        """0 to 1; nan without corrections."""
        return self.n_correct / self.n if self.n else math.nan

    @property
    def interval(self) -> tuple[float, float] | None:
        """95% Wilson interval of the rate; None without corrections."""
        return wilson_interval(self.n_correct, self.n) if self.n else None
