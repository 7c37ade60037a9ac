"""When a picture is strange: ``python -m fashion_core.recognition.build``. Run by the authors; writes settings.json.

Limits are quantiles over the validation images, seen as each kind of picture would show them; no picture from outside
is looked at.
"""

import json
from collections.abc import Callable

import numpy as np

from fashion_core.data import Dataset, load
from fashion_core.errors import DataError, RunError
from fashion_core.models.base import TorchClassifier
from fashion_core.recognition.recognizer import SETTINGS, TOGETHER, energy
from fashion_core.runs.store import RunStore

WARNED = 0.05  # share of garments that are taken for strangers
SEED = 0


def limits(classifier: TorchClassifier, dataset: Dataset) -> dict[str, float]:
    """Energy by kind of picture above which ``WARNED`` of the validation images lie, and ``zero``, their least."""
    import torch

    from fashion_core.training.robust import as_drawings, as_photographs

    validation = dataset.split("validation")
    generator = torch.Generator().manual_seed(SEED)
    pixels = torch.from_numpy(np.array(validation.images)).unsqueeze(1).float() / 255
    labels = torch.from_numpy(validation.labels.astype(np.int64))

    def seen(change: Callable[[torch.Tensor, torch.Tensor, torch.Generator], torch.Tensor]) -> np.ndarray:
        parts = zip(pixels.split(500), labels.split(500), strict=True)
        changed = torch.cat([change(x, y, generator) for x, y in parts])
        return (changed[:, 0] * 255).round().byte().numpy()

    published = energy(classifier.logits(validation.images))
    plain = float(np.quantile(published, 1 - WARNED))
    return {
        "zero": float(published.min()),
        "sample": plain,
        "shop": plain,
        "photo": float(np.quantile(energy(classifier.logits(seen(as_photographs))), 1 - WARNED)),
        "drawing": float(np.quantile(energy(classifier.logits(seen(as_drawings))), 1 - WARNED)),
    }


def main() -> None:
    """Write the limits; corrections that are there stay."""
    dataset = load()
    if dataset.is_stand_in:
        raise DataError("Limits are of Fashion-MNIST. Set FASHION_MNIST_DIR, or run `fetch` first.")
    store = RunStore()
    classifier = store.classifier(store.get(TOGETHER[0]))
    if not isinstance(classifier, TorchClassifier):
        raise RunError(f"{TOGETHER[0]} has no logits to judge by.")
    values = json.loads(SETTINGS.read_text(encoding="utf-8")) if SETTINGS.is_file() else {"corrections": {}}
    values["limits"] = {kind: round(value, 4) for kind, value in limits(classifier, dataset).items()}
    SETTINGS.write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")
    print(f"limits of {TOGETHER[0]} on validation, n = {len(dataset.split('validation')):,}, seed {SEED}:")
    print(json.dumps(values["limits"]))


if __name__ == "__main__":
    main()
