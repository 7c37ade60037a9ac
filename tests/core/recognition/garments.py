"""Garments to save, for the tests of the store and its file."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from fashion_core.recognition.garment_export import write_garments_zip
from fashion_core.recognition.garment_store import GarmentStore
from fashion_core.recognition.recognizer import GarmentPrediction
from fashion_core.vision.preparation import PreparationStep, PreparedPicture


def make_picture(seed: int = 0, height: int = 400, width: int = 600) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def make_prepared(seed: int = 0) -> PreparedPicture:
    result = np.random.default_rng(seed).integers(0, 256, (28, 28), dtype=np.uint8)
    return PreparedPicture("photo", (PreparationStep("28 × 28", result),), result[None], result)


def make_prediction(label: int = 2, ood_score: float = 0.4, confidence: float = 0.82) -> GarmentPrediction:
    probabilities = np.full(10, (1 - confidence) / 9, np.float32)
    probabilities[label] = confidence
    return GarmentPrediction(probabilities, ood_score)


def save(store: GarmentStore, seed: int = 0, **of: Any) -> int:
    prediction = make_prediction(**of)
    return store.save(make_picture(seed), make_prepared(seed), prediction, {"MLP": prediction.probabilities}).id


def contents(folder: Path) -> dict[str, bytes]:
    """Every file that is not a lock, byte for byte."""
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file() and p.suffix != ".lock"}


OPERATIONS: dict[str, Callable[[GarmentStore], object]] = {
    "save": lambda store: save(store, 99),
    "correct": lambda store: store.set_user_correction(1, 3),
    "delete": lambda store: store.delete(1),
    "delete all": lambda store: store.delete_all(),
    "page": lambda store: store.load_page(1, 10),
    "count": lambda store: store.count(),
    "accuracy": lambda store: store.compute_accuracy(),
    "export": lambda store: write_garments_zip(store.iterate_garments(), io.BytesIO()),
    "find": lambda store: store.find_by_fingerprint("0"),
}
WRITERS = ("save", "correct", "delete", "delete all")
