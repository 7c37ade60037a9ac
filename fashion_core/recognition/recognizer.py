"""What garment is on a prepared picture, and whether it is one of the ten classes at all."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fashion_core.computed.reference import TOGETHER, Reference, weights_of
from fashion_core.computed.store import shipped_result
from fashion_core.data.labels import N_CLASSES
from fashion_core.errors import RunError
from fashion_core.models.base import Classifier, TorchClassifier
from fashion_core.recognition.strangers import Scale, Strangers
from fashion_core.runs.store import RunStore
from fashion_core.vision.pipeline import Kind, Prepared

LEAST = 1e-4  # added to probabilities, so that one view cannot rule a class out
SETTINGS = Path(__file__).resolve().parent / "settings.json"  # written by ``build`` and ``fit_correction``


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


class Recognizer:
    """Asks ``classifiers`` about every view of a picture.

    ``strangers`` tells what is no garment from the features of all classifiers, which then have to be networks that
    have some; without it that cannot be told. ``corrections`` by kind of picture.
    """

    def __init__(
        self,
        classifiers: Sequence[Classifier],
        strangers: Strangers | None = None,
        corrections: Mapping[str, Correction] | None = None,
    ) -> None:
        self.classifiers = tuple(classifiers)
        self.strangers = strangers
        self.corrections = corrections or {}

    def answer(self, prepared: Prepared, *, corrected: bool = True) -> Answer:
        """One picture's answer."""
        return self.answers([prepared], corrected=corrected)[0]

    def answers(self, prepared: Sequence[Prepared], *, corrected: bool = True) -> list[Answer]:
        """Each picture's answer; all their views go through each network together."""
        if not prepared:
            return []
        ends = np.cumsum([len(p.views) for p in prepared])[:-1]
        logs, terms = self._ask(np.concatenate([p.views for p in prepared]))
        split = [np.split(log, ends) for log in logs]
        strange = [None] * len(prepared) if terms is None else np.split(terms, ends)
        return [
            Answer(
                self._corrected(p.kind, together(np.concatenate([log[i] for log in split])), corrected),
                float("nan") if own is None or self.strangers is None else self.strangers.strangeness(p.kind, own),
                tuple(together(log[i]) for log in split),
            )
            for i, (p, own) in enumerate(zip(prepared, strange, strict=True))
        ]

    def _ask(self, views: np.ndarray) -> tuple[list[np.ndarray], np.ndarray | None]:
        """Each classifier's log probabilities [v, 10] of views uint8 [v, 28, 28], and the terms of strangeness."""
        import torch

        torch.set_num_threads(1)  # for so few images, threads wait for each other longer than they work
        if self.strangers is None:
            return [np.log(classifier.predict_proba(views) + LEAST) for classifier in self.classifiers], None
        logs, features = [], []
        for classifier in self.classifiers:
            assert isinstance(classifier, TorchClassifier)
            seen, z = classifier.embed(views)
            e = np.exp(z - z.max(axis=1, keepdims=True))
            logs.append(np.log(e / e.sum(axis=1, keepdims=True) + LEAST))
            features.append(seen)
        return logs, self.strangers.terms(features)

    def _corrected(self, kind: Kind, probabilities: np.ndarray, wanted: bool) -> np.ndarray:
        correction = self.corrections.get(kind)
        if correction is None or not wanted:
            return probabilities
        shifted = np.log(probabilities + 1e-12) * correction.slope + np.array(correction.shift)
        return together(shifted[None])


@dataclass(frozen=True)
class Settings:
    """``scales`` of strangeness and ``corrections``, by kind of picture."""

    scales: Mapping[str, Scale]
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
            scales = {
                kind: Scale(tuple(map(float, s["mean"])), tuple(map(float, s["spread"])), float(s["limit"]))
                for kind, s in values["scales"].items()
            }
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise RunError(f"{SETTINGS.name} is missing or damaged. Install the program again.") from error
        fits = all(len(s.mean) == len(s.spread) == len(TOGETHER) + 1 for s in scales.values())
        if not fits or any(len(c.shift) != N_CLASSES for c in corrections.values()):
            raise RunError(f"{SETTINGS.name} is damaged. Install the program again.")
        return cls(scales, corrections)


def shipped_recognizer(store: RunStore) -> Recognizer:
    """The recognizer that the program brings along; raises ``RunError`` when one of its parts cannot be read."""
    settings = Settings.shipped()
    classifiers = [store.classifier(store.get(run_id)) for run_id in TOGETHER]
    banks = tuple(shipped_result(Reference(weights_of(run_id), run_id))["features"] for run_id in TOGETHER)
    return Recognizer(classifiers, Strangers(banks, settings.scales), settings.corrections)
