"""Last-layer features of training garments, to compare pictures with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from fashion_core.analysis.features import l2_normalize_rows
from fashion_core.computed.computation import Computation, ProgressCallback
from fashion_core.data import Dataset
from fashion_core.errors import RunError
from fashion_core.runs.store import ZOO_FOLDER, RunStore, hash_weights
from fashion_core.runs.summary import RECOGNITION_RUN_IDS

REFERENCE_SEED = 0
REFERENCE_BATCH_SIZE = 500


@dataclass(frozen=True)
class ReferenceFeatures(Computation):
    """Features of ``n`` random train images in the first recognition network.

    Arrays: ``places`` int32 [n], indices in the published train file, and ``features`` float16 [n, d] of unit length.
    """

    weights: str  # the network's ``shipped_weights_digest``
    n: int = 5000  # 1 to the size of the train split

    kind: ClassVar[str] = "reference"
    arrays: ClassVar[tuple[str, ...]] = ("places", "features")
    shapes: ClassVar[Mapping[str, str]] = {"places": "n", "features": "n d"}

    def compute(self, dataset: Dataset, report: ProgressCallback) -> dict[str, np.ndarray]:
        from fashion_core.models.trained_network import TrainedNetwork

        store = RunStore()
        classifier = store.load_classifier(store.get(RECOGNITION_RUN_IDS[0]))
        if not isinstance(classifier, TrainedNetwork):
            raise RunError(f"{RECOGNITION_RUN_IDS[0]} is not a network, so it has no features to compare.")
        train = dataset.split("train")
        chosen = np.sort(np.random.default_rng(REFERENCE_SEED).permutation(len(train))[: self.n])
        parts = []
        for start in range(0, len(chosen), REFERENCE_BATCH_SIZE):
            images = train.images[chosen[start : start + REFERENCE_BATCH_SIZE]]
            parts.append(l2_normalize_rows(classifier.extract_features(images)).astype(np.float16))
            report(min(1.0, (start + REFERENCE_BATCH_SIZE) / len(chosen)), "computing features of training garments")
        return {"places": train.indices[chosen].astype(np.int32), "features": np.concatenate(parts)}


def shipped_weights_digest(run_id: str) -> str:
    """Hash of a shipped run's weights; raises ``RunError`` when they can't be read."""
    return hash_weights(ZOO_FOLDER / run_id)


def cosine_neighbours_of_mean_feature(
    features: np.ndarray, reference: np.ndarray, k: int
) -> tuple[np.ndarray, np.ndarray]:
    """The ``k`` rows of ``reference`` [n, d] nearest to the mean of ``features`` [v, d] by cosine similarity.

    Returns their indices int64 [k], nearest first, and similarities float32 [k].
    """
    direction = l2_normalize_rows(features.mean(axis=0, keepdims=True))[0].astype(np.float32)
    similarity = reference.astype(np.float32) @ direction
    nearest = np.argsort(-similarity, kind="stable")[:k]
    return nearest, similarity[nearest]
