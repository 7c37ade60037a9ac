"""When a picture is strange: ``python -m fashion_core.recognition.build``. Run by the authors; writes settings.json.

Scales are taken of the validation images, seen as each kind of picture would show them; no picture from outside is
looked at. The reference has to be there: ``python -m fashion_core.computed.build --only reference``.
"""

import dataclasses
import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from fashion_core.computed.reference import TOGETHER, Reference, weights_of
from fashion_core.computed.store import shipped_result
from fashion_core.data import Dataset, load
from fashion_core.errors import DataError
from fashion_core.models.base import TorchClassifier
from fashion_core.recognition.recognizer import SETTINGS
from fashion_core.recognition.strangers import WARNED, Scale, Strangers, standardised
from fashion_core.runs.store import RunStore

if TYPE_CHECKING:
    import torch

SEED = 0


def scales(dataset: Dataset) -> dict[str, Scale]:
    """Mean, spread and limit of strangeness over the validation images, by kind of picture; ``WARNED`` of them lie
    above the limit."""
    import torch

    from fashion_core.training.robust import as_drawings, as_photographs

    store = RunStore()
    classifiers = [store.classifier(store.get(run_id)) for run_id in TOGETHER]
    banks = tuple(shipped_result(Reference(weights_of(run_id), run_id))["features"] for run_id in TOGETHER)
    strangers = Strangers(banks, {})
    validation = dataset.split("validation")
    generator = torch.Generator().manual_seed(SEED)
    pixels = torch.from_numpy(np.array(validation.images)).unsqueeze(1).float() / 255
    labels = torch.from_numpy(validation.labels.astype(np.int64))

    def seen(change: "Callable[[torch.Tensor, torch.Tensor, torch.Generator], torch.Tensor]") -> np.ndarray:
        parts = zip(pixels.split(500), labels.split(500), strict=True)
        changed = torch.cat([change(x, y, generator) for x, y in parts])
        return (changed[:, 0] * 255).round().byte().numpy()

    def scale(kind: str, images: np.ndarray) -> Scale:
        features = [c.embed(images)[0] for c in classifiers if isinstance(c, TorchClassifier)]
        terms = strangers.terms(features)
        mean, spread = terms.mean(axis=0), terms.std(axis=0)
        limit = float(np.quantile(standardised(terms, mean.tolist(), spread.tolist()), 1 - WARNED[kind]))
        return Scale(tuple(mean.round(5).tolist()), tuple(spread.round(5).tolist()), round(limit, 4))

    shown = {
        "sample": validation.images,
        "shop": validation.images,
        "photo": seen(as_photographs),
        "drawing": seen(as_drawings),
    }
    return {kind: scale(kind, images) for kind, images in shown.items()}


def main() -> None:
    """Write the scales; corrections that are there stay."""
    dataset = load()
    if dataset.is_stand_in:
        raise DataError("Scales are of Fashion-MNIST. Set FASHION_MNIST_DIR, or run `fetch` first.")
    corrections = json.loads(SETTINGS.read_text(encoding="utf-8"))["corrections"] if SETTINGS.is_file() else {}
    found = {kind: dataclasses.asdict(scale) for kind, scale in scales(dataset).items()}
    SETTINGS.write_text(json.dumps({"scales": found, "corrections": corrections}, indent=2) + "\n", encoding="utf-8")
    print(f"scales of {' and '.join(TOGETHER)} on validation, n = {len(dataset.split('validation')):,}, seed {SEED}:")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
