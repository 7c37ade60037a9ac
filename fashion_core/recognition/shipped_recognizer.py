"""The recognizer that comes with the program: its runs and its out-of-distribution thresholds."""

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path

from fashion_core.errors import RunError
from fashion_core.models.base import Classifier
from fashion_core.recognition.recognizer import OodThreshold, Recognizer
from fashion_core.runs.store import RunEntry, RunStore
from fashion_core.runs.summary import RECOGNITION_RUN_IDS
from fashion_core.vision.kind import PICTURE_KINDS

OOD_THRESHOLDS_PATH = Path(__file__).with_name("ood_thresholds.json")


def load_ood_thresholds() -> dict[str, OodThreshold]:
    """The shipped thresholds by kind of picture; raises ``RunError`` when they are missing or damaged."""
    try:
        values = json.loads(OOD_THRESHOLDS_PATH.read_text(encoding="utf-8"))
        return {
            kind: OodThreshold(
                float(values[kind]["max_entropy"]),
                float(values[kind]["false_alarm_rate"]),
                int(values[kind]["n_known"]),
                str(values[kind]["source"]),
            )
            for kind in PICTURE_KINDS
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RunError(f"{OOD_THRESHOLDS_PATH.name} is missing or damaged. Install the program again.") from error


def save_ood_thresholds(thresholds: Mapping[str, OodThreshold]) -> None:
    """Replace the shipped thresholds."""
    values = {kind: dataclasses.asdict(threshold) for kind, threshold in thresholds.items()}
    OOD_THRESHOLDS_PATH.write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")


def load_recognizer(store: RunStore, run: RunEntry | None) -> Recognizer:
    """That of ``run`` alone, or else the shipped one; raises ``RunError`` when it cannot be read."""
    return load_shipped_recognizer(store) if run is None else Recognizer([store.load_classifier(run)])


def load_shipped_recognizer(store: RunStore) -> Recognizer:
    """Load the shipped recognizer; raises ``RunError`` when one of its parts cannot be read."""
    return Recognizer(load_ensemble(store), load_ood_thresholds())


def load_ensemble(store: RunStore) -> list[Classifier]:
    """Load the recognition networks; raises ``RunError`` when one of them cannot be read."""
    return [store.load_classifier(store.get(run_id)) for run_id in RECOGNITION_RUN_IDS]
