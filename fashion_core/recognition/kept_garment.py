"""A garment that a visitor asked to keep, with what was answered and what they said it was."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from fashion_core.analysis.metrics import wilson_interval
from fashion_core.data.classes import N_CLASSES
from fashion_core.vision.preparation import PictureKind

NONE_OF_THESE = -1  # a correction: the garment is of none of the ten classes


@dataclass(frozen=True)
class ModelPrediction:
    """What one model said: a class, 0 to 9, and its probability, 0 to 1."""

    label: int
    probability: float

    def __post_init__(self) -> None:
        if self.label not in range(N_CLASSES) or not 0 <= self.probability <= 1:
            raise ValueError("an answer is one of the ten classes and a probability")


@dataclass(frozen=True)
class SavedGarment:
    """One kept garment.

    ``kept_at`` in UTC. ``picture``: PNG, RGB, at most 320 pixels on the long side; ``result``: PNG, grey, 28 x 28.
    ``label``, ``confidence`` and ``strangeness``: the main answer, as in ``recognizer.Answer``. ``models``: the other
    answers by title. ``correction``: what the visitor said, a class or ``NONE_OF_THESE``; None when nothing.
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
        """Whether the answer came with the warning that this may be none of the ten classes."""
        return self.ood_score > 1

    @property
    def is_correct(self) -> bool | None:
        """Whether the answer was right, in the visitor's words: the class, or for none of these the warning."""
        if self.correction is None:
            return None
        return self.has_warning if self.correction == NONE_OF_THESE else self.correction == self.label


@dataclass(frozen=True)
class FeedbackAccuracy:
    """Of ``n`` garments that the visitor spoke about, ``right`` were answered rightly (``Garment.right``).

    ``none_of_these`` of the ``n`` belong to no class, ``warned`` of those came with a warning.
    """

    n: int
    n_correct: int
    n_none_of_these: int
    n_none_of_these_warned: int

    @property
    def rate(self) -> float:
        """0 to 1; nan when nothing was said yet."""
        return self.n_correct / self.n if self.n else math.nan

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's 95 % interval of the share; None when nothing was said yet."""
        return wilson_interval(self.n_correct, self.n) if self.n else None
