"""Fit the scales of the out-of-distribution score: ``python -m fashion_core.recognition.fit_score_scales``.

Run by the authors; writes ``settings.json``. Uses the validation images, rendered as each kind of picture, and no
pictures from elsewhere. Needs the reference features: ``python -m fashion_core.computed.build --only reference``.
"""

import dataclasses
import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from fashion_core.computed.reference_features import ENSEMBLE_RUN_IDS
from fashion_core.data import Dataset, Split, load_dataset
from fashion_core.errors import DataError
from fashion_core.models.torch_classifier import TorchClassifier
from fashion_core.recognition.out_of_distribution import (
    OOD_FALSE_ALARM_RATES,
    OodScoreScale,
    OutOfDistributionDetector,
    sum_standardized_distances,
)
from fashion_core.recognition.shipped_recognizer import load_shipped_reference_features, update_recognizer_settings
from fashion_core.runs.store import RunStore

if TYPE_CHECKING:
    import torch

SCORE_SCALE_SEED = 0


def fit_score_scales(dataset: Dataset) -> dict[str, OodScoreScale]:
    """Mean, spread and limit of the distances of the validation images, by kind of picture.

    ``OOD_FALSE_ALARM_RATES`` of the images are above the limit.
    """
    from fashion_core.training.robust_augmentation import imitate_drawings, imitate_photographs

    store = RunStore()
    classifiers = [store.load_classifier(store.get(run_id)) for run_id in ENSEMBLE_RUN_IDS]
    detector = OutOfDistributionDetector(load_shipped_reference_features(), {})
    validation = dataset.split("validation")

    def fit_scale(kind: str, images: np.ndarray) -> OodScoreScale:
        features = [c.extract_features(images)[0] for c in classifiers if isinstance(c, TorchClassifier)]
        distances = detector.compute_distances(features)
        mean, spread = distances.mean(axis=0), distances.std(axis=0)
        sums = sum_standardized_distances(distances, mean.tolist(), spread.tolist())
        limit = float(np.quantile(sums, 1 - OOD_FALSE_ALARM_RATES[kind]))
        return OodScoreScale(tuple(mean.round(5).tolist()), tuple(spread.round(5).tolist()), round(limit, 4))

    images_by_kind = {"sample": validation.images, "shop": validation.images}
    images_by_kind |= _render_as({"photo": imitate_photographs, "drawing": imitate_drawings}, validation)
    return {kind: fit_scale(kind, images) for kind, images in images_by_kind.items()}


def _render_as(
    imitations: "dict[str, Callable[[torch.Tensor, torch.Tensor, torch.Generator], torch.Tensor]]", split: Split
) -> dict[str, np.ndarray]:
    """The split's images uint8 [n, 28, 28] rendered by each of ``imitations``."""
    import torch

    generator = torch.Generator().manual_seed(SCORE_SCALE_SEED)
    pixels = torch.from_numpy(np.array(split.images)).unsqueeze(1).float() / 255
    batches = list(zip(pixels.split(500), torch.from_numpy(split.labels.astype(np.int64)).split(500), strict=True))
    rendered = {}
    for kind, imitate in imitations.items():
        images = torch.cat([imitate(x, y, generator) for x, y in batches])
        rendered[kind] = (images[:, 0] * 255).round().byte().numpy()
    return rendered


def main() -> None:
    """Fit the scales and write them."""
    dataset = load_dataset()
    if dataset.is_sample_data:
        raise DataError("The scales are fitted on Fashion-MNIST. Set FASHION_MNIST_DIR, or run `fetch` first.")
    scales = {kind: dataclasses.asdict(scale) for kind, scale in fit_score_scales(dataset).items()}
    update_recognizer_settings("scales", scales)
    n = len(dataset.split("validation"))
    print(f"scales of {' and '.join(ENSEMBLE_RUN_IDS)} on validation, n = {n:,}, seed {SCORE_SCALE_SEED}:")
    print(json.dumps(scales))


if __name__ == "__main__":
    main()
