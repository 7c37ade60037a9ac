"""When a picture is strange: ``python -m fashion_core.recognition.fit_score_scales``. Run by the authors; writes settings.json.

Scales are taken of the validation images, seen as each kind of picture would show them; no picture from outside is
looked at. The reference has to be there: ``python -m fashion_core.computed.build --only reference``.
"""

import dataclasses
import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from fashion_core.computed.reference_features import ENSEMBLE_RUN_IDS, ReferenceFeatures, shipped_weights_digest
from fashion_core.computed.store import load_shipped_result
from fashion_core.data import Dataset, load_dataset
from fashion_core.errors import DataError
from fashion_core.models.torch_classifier import TorchClassifier
from fashion_core.recognition.out_of_distribution import (
    FALSE_ALARM_RATES,
    OodScoreScale,
    OutOfDistributionDetector,
    sum_standardized,
)
from fashion_core.recognition.recognizer import RECOGNIZER_SETTINGS_PATH
from fashion_core.runs.store import RunStore

if TYPE_CHECKING:
    import torch

SCORE_SCALE_SEED = 0


def fit_score_scales(dataset: Dataset) -> dict[str, OodScoreScale]:
    """Mean, spread and limit of strangeness over the validation images, by kind of picture; ``WARNED`` of them lie
    above the limit."""
    import torch

    from fashion_core.training.robust_augmentation import imitate_drawings, imitate_photographs

    store = RunStore()
    classifiers = [store.load_classifier(store.get(run_id)) for run_id in ENSEMBLE_RUN_IDS]
    banks = tuple(
        load_shipped_result(ReferenceFeatures(shipped_weights_digest(run_id), run_id))["features"]
        for run_id in ENSEMBLE_RUN_IDS
    )
    strangers = OutOfDistributionDetector(banks, {})
    validation = dataset.split("validation")
    generator = torch.Generator().manual_seed(SCORE_SCALE_SEED)
    pixels = torch.from_numpy(np.array(validation.images)).unsqueeze(1).float() / 255
    labels = torch.from_numpy(validation.labels.astype(np.int64))

    def seen(change: "Callable[[torch.Tensor, torch.Tensor, torch.Generator], torch.Tensor]") -> np.ndarray:
        parts = zip(pixels.split(500), labels.split(500), strict=True)
        changed = torch.cat([change(x, y, generator) for x, y in parts])
        return (changed[:, 0] * 255).round().byte().numpy()

    def scale(kind: str, images: np.ndarray) -> OodScoreScale:
        features = [c.extract_features(images)[0] for c in classifiers if isinstance(c, TorchClassifier)]
        terms = strangers.compute_distances(features)
        mean, spread = terms.mean(axis=0), terms.std(axis=0)
        limit = float(np.quantile(sum_standardized(terms, mean.tolist(), spread.tolist()), 1 - FALSE_ALARM_RATES[kind]))
        return OodScoreScale(tuple(mean.round(5).tolist()), tuple(spread.round(5).tolist()), round(limit, 4))

    shown = {
        "sample": validation.images,
        "shop": validation.images,
        "photo": seen(imitate_photographs),
        "drawing": seen(imitate_drawings),
    }
    return {kind: scale(kind, images) for kind, images in shown.items()}


def main() -> None:
    """Write the scales; corrections that are there stay."""
    dataset = load_dataset()
    if dataset.is_sample_data:
        raise DataError("Scales are of Fashion-MNIST. Set FASHION_MNIST_DIR, or run `fetch` first.")
    corrections = (
        json.loads(RECOGNIZER_SETTINGS_PATH.read_text(encoding="utf-8"))["corrections"]
        if RECOGNIZER_SETTINGS_PATH.is_file()
        else {}
    )
    found = {kind: dataclasses.asdict(scale) for kind, scale in fit_score_scales(dataset).items()}
    RECOGNIZER_SETTINGS_PATH.write_text(
        json.dumps({"scales": found, "corrections": corrections}, indent=2) + "\n", encoding="utf-8"
    )
    print(
        f"scales of {' and '.join(ENSEMBLE_RUN_IDS)} on validation, n = {len(dataset.split('validation')):,}, seed {SCORE_SCALE_SEED}:"
    )
    print(json.dumps(found))


if __name__ == "__main__":
    main()
