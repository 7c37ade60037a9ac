"""What garment is on a prepared picture, and whether it is one of the ten classes at all."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fashion_core.errors import RunError
from fashion_core.labels import N_CLASSES
from fashion_core.models.base import Classifier, TorchClassifier
from fashion_core.runs.store import RunStore
from fashion_core.vision.pipeline import Kind, Prepared

TOGETHER = ("improved_cnn",)  # shipped runs asked together; the first also tells strangers
LEAST = 1e-4  # added to probabilities, so that one view cannot rule a class out
SETTINGS = Path(__file__).resolve().parent / "settings.json"  # written by ``recognition.build``


@dataclass(frozen=True)
class Answer:
    """``probabilities`` float32 [10]. ``strangeness`` is how far the picture is from every garment that was learnt, the
    limit being 1; nan where that cannot be told. ``by_network``: what each network says alone, float32 [10] each,
    uncorrected."""

    probabilities: np.ndarray
    strangeness: float
    by_network: tuple[np.ndarray, ...] = ()

    @property
    def is_strange(self) -> bool:
        """Whether the picture is probably none of the ten classes."""
        return self.strangeness > 1


@dataclass(frozen=True)
class Correction:
    """What is done to the log probabilities of one kind of picture: times ``slope``, plus ``shift`` float [10].

    Fitted on labelled pictures of that kind, ``n`` of them, from ``source``; it holds for collections like that one.
    """

    slope: float
    shift: tuple[float, ...]
    n: int
    source: str


def together(log_probabilities: np.ndarray) -> np.ndarray:
    """Geometric mean over views and networks: float [v, 10] -> float32 [10], summing to 1."""
    mean = log_probabilities.mean(axis=0)
    e = np.exp(mean - mean.max())
    return (e / e.sum()).astype(np.float32)


def energy(logits: np.ndarray) -> np.ndarray:
    """float [n, 10] -> float [n]: high where no class is supported (W. Liu et al., "Energy-based Out-of-distribution
    Detection", NeurIPS 2020)."""
    most = logits.max(axis=1)
    return -(most + np.log(np.exp(logits - most[:, None]).sum(axis=1)))


class Recognizer:
    """Asks ``classifiers`` about every view of a picture.

    The energy of the first tells strangers: ``limits`` by kind of picture, as ``Settings`` has them, without which that
    cannot be told. ``corrections`` by kind.
    """

    def __init__(
        self,
        classifiers: Sequence[Classifier],
        limits: Mapping[str, float] | None = None,
        corrections: Mapping[str, Correction] | None = None,
    ) -> None:
        self.classifiers = tuple(classifiers)
        self.limits = limits or {}
        self.corrections = corrections or {}

    def answer(self, prepared: Prepared, *, corrected: bool = True) -> Answer:
        """One picture's answer."""
        return self.answers([prepared], corrected=corrected)[0]

    def answers(self, prepared: Sequence[Prepared], *, corrected: bool = True) -> list[Answer]:
        """Each picture's answer; all their views go through each network together."""
        if not prepared:
            return []
        ends = np.cumsum([len(p.views) for p in prepared])[:-1]
        views = np.concatenate([p.views for p in prepared])
        energies = np.full(len(views), np.nan)
        logs = []
        for place, classifier in enumerate(self.classifiers):
            if place == 0 and self.limits and isinstance(classifier, TorchClassifier):
                logits = classifier.logits(views)
                energies = energy(logits)
                e = np.exp(logits - logits.max(axis=1, keepdims=True))
                probabilities = e / e.sum(axis=1, keepdims=True)
            else:
                probabilities = classifier.predict_proba(views)
            logs.append(np.log(probabilities + LEAST))
        split = [np.split(log, ends) for log in logs]
        return [
            Answer(
                self._corrected(p.kind, together(np.concatenate([log[i] for log in split])), corrected),
                self._strangeness(p.kind, float(own.mean())),
                tuple(together(log[i]) for log in split),
            )
            for i, (p, own) in enumerate(zip(prepared, np.split(energies, ends), strict=True))
        ]

    def _corrected(self, kind: Kind, probabilities: np.ndarray, wanted: bool) -> np.ndarray:
        correction = self.corrections.get(kind)
        if correction is None or not wanted:
            return probabilities
        shifted = np.log(probabilities + 1e-12) * correction.slope + np.array(correction.shift)
        return together(shifted[None])

    def _strangeness(self, kind: Kind, value: float) -> float:
        """Energy on a scale on which 0 is a garment as clear as there is and 1 the limit of its kind."""
        limit = self.limits.get(kind)
        return float("nan") if limit is None else (value - self.limits["zero"]) / (limit - self.limits["zero"])


@dataclass(frozen=True)
class Settings:
    """``limits``: energy above which a kind of picture is strange, and ``zero``, the lowest energy of a garment;
    ``corrections`` by kind. Read from what ``recognition.build`` and ``recognition.fit_correction`` wrote."""

    limits: Mapping[str, float]
    corrections: Mapping[str, Correction]

    @classmethod
    def shipped(cls) -> "Settings":
        """Raises ``RunError`` when the file is missing or damaged."""
        try:
            values = json.loads(SETTINGS.read_text(encoding="utf-8"))
            corrections = {
                kind: Correction(float(c["slope"]), tuple(map(float, c["shift"])), int(c["n"]), str(c["source"]))
                for kind, c in values["corrections"].items()
            }
            limits = {kind: float(value) for kind, value in values["limits"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise RunError(f"{SETTINGS.name} is missing or damaged. Install the program again.") from error
        if any(len(c.shift) != N_CLASSES for c in corrections.values()):
            raise RunError(f"{SETTINGS.name} is damaged. Install the program again.")
        return cls(limits, corrections)


def shipped_recognizer(store: RunStore) -> Recognizer:
    """The recognizer that the program brings along; raises ``RunError`` when one of its parts cannot be read."""
    settings = Settings.shipped()
    classifiers = [store.classifier(store.get(run_id)) for run_id in TOGETHER]
    return Recognizer(classifiers, settings.limits, settings.corrections)
