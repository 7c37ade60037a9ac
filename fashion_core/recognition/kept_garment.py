"""A garment that a visitor asked to keep, with what was answered and what they said it was."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from fashion_core.analysis.metrics import wilson
from fashion_core.data.labels import N_CLASSES
from fashion_core.vision.pipeline import Kind

NONE_OF_THESE = -1  # a correction: the garment is of none of the ten classes


@dataclass(frozen=True)
class ModelAnswer:
    """What one model said: a class, 0 to 9, and its probability, 0 to 1."""

    label: int
    probability: float

    def __post_init__(self) -> None:
        if self.label not in range(N_CLASSES) or not 0 <= self.probability <= 1:
            raise ValueError("an answer is one of the ten classes and a probability")


@dataclass(frozen=True)
class Garment:
    """One kept garment.

    ``kept_at`` in UTC. ``picture``: PNG, RGB, at most 320 pixels on the long side; ``result``: PNG, grey, 28 x 28.
    ``label``, ``confidence`` and ``strangeness``: the main answer, as in ``recognizer.Answer``. ``models``: the other
    answers by title. ``correction``: what the visitor said, a class or ``NONE_OF_THESE``; None when nothing.
    """

    id: int
    kept_at: datetime
    picture: bytes
    result: bytes
    kind: Kind
    label: int
    confidence: float
    strangeness: float
    models: Mapping[str, ModelAnswer]
    correction: int | None

    @property
    def warned(self) -> bool:
        """Whether the answer came with the warning that this may be none of the ten classes."""
        return self.strangeness > 1

    @property
    def right(self) -> bool | None:
        """Whether the answer was right, in the visitor's words: the class, or for none of these the warning."""
        if self.correction is None:
            return None
        return self.warned if self.correction == NONE_OF_THESE else self.correction == self.label


@dataclass(frozen=True)
class Accuracy:
    """Of ``n`` garments that the visitor spoke about, ``right`` were answered rightly (``Garment.right``).

    ``none_of_these`` of the ``n`` belong to no class, ``warned`` of those came with a warning.
    """

    n: int
    right: int
    none_of_these: int
    warned: int

    @property
    def share(self) -> float:
        """0 to 1; nan when nothing was said yet."""
        return self.right / self.n if self.n else math.nan

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's 95 % interval of the share; None when nothing was said yet."""
        return wilson(self.right, self.n) if self.n else None
