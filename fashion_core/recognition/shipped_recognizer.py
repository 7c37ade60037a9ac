"""The recognizer that comes with the program: its runs, reference features and settings."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fashion_core.computed.reference_features import ENSEMBLE_RUN_IDS, ReferenceFeatures, shipped_weights_digest
from fashion_core.computed.store import load_shipped_result
from fashion_core.data.classes import N_CLASSES
from fashion_core.errors import RunError
from fashion_core.recognition.out_of_distribution import OodScoreScale, OutOfDistributionDetector
from fashion_core.recognition.recognizer import ClassPriorCorrection, Recognizer
from fashion_core.runs.store import RunStore

RECOGNIZER_SETTINGS_PATH = Path(__file__).with_name("settings.json")


@dataclass(frozen=True)
class RecognizerSettings:
    """Scales of the out-of-distribution score, and corrections, by kind of picture."""

    score_scales: Mapping[str, OodScoreScale]
    corrections: Mapping[str, ClassPriorCorrection]

    @classmethod
    def load_shipped(cls) -> "RecognizerSettings":
        """Read ``settings.json``; raises ``RunError`` when it is missing or damaged."""
        try:
            values = json.loads(RECOGNIZER_SETTINGS_PATH.read_text(encoding="utf-8"))
            corrections = {
                kind: ClassPriorCorrection(
                    float(c["slope"]), tuple(map(float, c["shift"])), int(c["n"]), str(c["source"])
                )
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


def update_recognizer_settings(name: str, values: Mapping[str, object]) -> None:
    """Replace entries of ``scales`` or ``corrections`` in ``settings.json``; the others stay."""
    path = RECOGNIZER_SETTINGS_PATH
    settings = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {"scales": {}, "corrections": {}}
    settings[name].update(values)
    path.write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")


def load_shipped_reference_features() -> tuple[np.ndarray, ...]:
    """Features float16 [n, d] of training garments in each network of the ensemble."""
    return tuple(
        load_shipped_result(ReferenceFeatures(shipped_weights_digest(run_id), run_id))["features"]
        for run_id in ENSEMBLE_RUN_IDS
    )


def load_shipped_recognizer(store: RunStore) -> Recognizer:
    """Load the shipped recognizer; raises ``RunError`` when one of its parts cannot be read."""
    settings = RecognizerSettings.load_shipped()
    classifiers = [store.load_classifier(store.get(run_id)) for run_id in ENSEMBLE_RUN_IDS]
    detector = OutOfDistributionDetector(load_shipped_reference_features(), settings.score_scales)
    return Recognizer(classifiers, detector, settings.corrections)
