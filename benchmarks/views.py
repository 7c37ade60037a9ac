"""What does a second view gain? ``python -m benchmarks.views [--run improved_cnn] [--halves 40]``.

Compares rules of averaging an image with its mirror image, on the validation images alone: accuracy, views an image,
and the images automated at 99% correct, assured with 95%, when the threshold is chosen on one random half and measured
on the other (seeds 0 to 39). Needs Fashion-MNIST.
"""

import argparse

import numpy as np
from scipy.special import softmax

from fashion_core.analysis.feasibility import assess_automation
from fashion_core.analysis.predictions import Predictions
from fashion_core.data import load_dataset
from fashion_core.models.network_classifier import NetworkClassifier
from fashion_core.runs.store import RunStore

LIMITS = (0.0, 0.9, 0.95, 0.97, 0.98, 0.985, 1.0)  # of the most probable class against the second; 0: one view
TARGET = 0.99


def main() -> None:
    """Print a line for each limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", default="improved_cnn")
    parser.add_argument("--halves", type=int, default=40)
    args = parser.parse_args()
    store = RunStore()
    classifier = store.load_classifier(store.get(args.run))
    assert isinstance(classifier, NetworkClassifier)
    validation = load_dataset().split("validation")
    first, mirrored = (classifier.engine.compute(x)[0] for x in (validation.images, validation.images[:, :, ::-1]))
    second_best, best = np.partition(first, -2, axis=1)[:, -2:].T
    confidence = 1 / (1 + np.exp(second_best - best))
    for limit in LIMITS:
        unsure = confidence <= limit
        logits = np.where(unsure[:, None], (first + mirrored) / 2, first)
        predictions = Predictions(softmax(logits, axis=1), validation.labels)
        automated = [automate(predictions, np.random.default_rng(seed)) for seed in range(args.halves)]
        print(
            f"mirrored up to {limit:g}: {100 * predictions.is_correct.mean():.2f}% correct, "
            f"{1 + unsure.mean():.2f} views, {100 * np.mean(automated):.1f}% automated",
            flush=True,
        )


def automate(predictions: Predictions, rng: np.random.Generator) -> float:
    """The fraction of one half that is automated with a threshold from the other."""
    order = rng.permutation(len(predictions.labels))
    chosen_on, measured_on = (predictions.select(half) for half in np.array_split(order, 2))
    point = assess_automation(chosen_on, measured_on, TARGET).test
    return point.coverage if point is not None else 0.0


if __name__ == "__main__":
    main()
