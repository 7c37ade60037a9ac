"""Training garments to be compared with: what a network's last layer sees of a sample of them."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from fashion_core.analysis.features import normalize_rows
from fashion_core.computed.computation import Computation, ProgressCallback
from fashion_core.data import Dataset
from fashion_core.errors import RunError
from fashion_core.models.torch_classifier import TorchClassifier
from fashion_core.runs.store import ZOO_FOLDER, RunStore, hash_weights

ENSEMBLE_RUN_IDS = ("improved_cnn-robust", "improved_cnn-wild")  # the shipped runs that are asked together
REFERENCE_SEED = 0
REFERENCE_BATCH_SIZE = 500


@dataclass(frozen=True)
class ReferenceFeatures(Computation):
    """Features of ``n`` train images, drawn at random, from the shipped run ``run_id`` with these ``weights``.

    Arrays: ``places`` int32 [n], in the published train file, and ``features`` float16 [n, d] of unit length.
    """

    weights: str  # of the run, as ``weights_of`` names them
    run_id: str = ENSEMBLE_RUN_IDS[0]
    n: int = 5000  # 1 to the size of the train split

    kind: ClassVar[str] = "reference"
    arrays: ClassVar[tuple[str, ...]] = ("places", "features")

    def compute(self, dataset: Dataset, report: ProgressCallback) -> dict[str, np.ndarray]:
        store = RunStore()
        classifier = store.load_classifier(store.get(self.run_id))
        if not isinstance(classifier, TorchClassifier):
            raise RunError(f"{self.run_id} has no layers whose values could be compared.")
        train = dataset.split("train")
        chosen = np.sort(np.random.default_rng(REFERENCE_SEED).permutation(len(train))[: self.n])
        parts = []
        for start in range(0, len(chosen), REFERENCE_BATCH_SIZE):
            parts.append(
                normalize_rows(
                    classifier.extract_features(train.images[chosen[start : start + REFERENCE_BATCH_SIZE]])[0]
                ).astype(np.float16)
            )
            report(min(1.0, (start + REFERENCE_BATCH_SIZE) / len(chosen)), "looking at training garments")
        return {"places": train.indices[chosen].astype(np.int32), "features": np.concatenate(parts)}


def shipped_weights_digest(run_id: str) -> str:
    """Short name of a shipped run's weights; raises ``RunError`` when they cannot be read."""
    return hash_weights(ZOO_FOLDER / run_id)


def nearest_neighbours(features: np.ndarray, reference: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The ``k`` rows of ``reference`` [n, d] most like the mean direction of ``features`` [v, d], of unit length all:
    their numbers int64 [k], most alike first, and cosine similarities float32 [k]."""
    direction = normalize_rows(features.mean(axis=0, keepdims=True))[0].astype(np.float32)
    similarity = reference.astype(np.float32) @ direction
    best = np.argsort(-similarity, kind="stable")[:k]
    return best, similarity[best]
