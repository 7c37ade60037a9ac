"""How many wrong labels are found: ``python -m benchmarks.label_errors [--run improved_cnn] [--seeds 20]``.

Flips 2% of the labels of the 5,000 validation images, once for each seed, and prints how many of the flipped ones are
among the first 2% and 5% of images in the list of suspected label errors: the mean and the worst of the seeds. Labels
are flipped to any other class, or to classes that the run confuses with the true one, as people would.
"""

import argparse

import numpy as np

from fashion_core.analysis.label_errors import find_suspected_label_errors
from fashion_core.analysis.metrics import cross_tabulate
from fashion_core.analysis.predictions import Predictions
from fashion_core.computed.validation import load_validation_predictions
from fashion_core.errors import RunError
from fashion_core.runs.store import RunStore

FLIPPED_FRACTION = 0.02
LISTED_FRACTIONS = (0.02, 0.05)  # of all images


def flip_labels(labels: np.ndarray, rates: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The labels int64 [n] with ``FLIPPED_FRACTION`` of them flipped, and the indices int64 of those.

    ``rates`` float64 [classes, classes]: how often each class becomes each other; a row of zeros: all equally often.
    """
    rng = np.random.default_rng(seed)
    flipped = rng.choice(len(labels), round(FLIPPED_FRACTION * len(labels)), replace=False)
    off_diagonal = rates * (1 - np.eye(len(rates)))
    off_diagonal += (off_diagonal.sum(axis=1, keepdims=True) == 0) * (1 - np.eye(len(rates)))
    noisy = labels.astype(np.int64)
    for i in flipped:
        weights = off_diagonal[labels[i]]
        noisy[i] = rng.choice(len(rates), p=weights / weights.sum())
    return noisy, flipped


def measure_found_fractions(predictions: Predictions, rates: np.ndarray, seed: int) -> list[float]:
    """The fraction of flipped labels among the first ``LISTED_FRACTIONS`` of images in the list."""
    noisy, flipped = flip_labels(predictions.labels, rates, seed)
    suspected = find_suspected_label_errors(noisy, predictions.probabilities).indices
    return [float(np.isin(flipped, suspected[: round(f * len(noisy))]).mean()) for f in LISTED_FRACTIONS]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", default="improved_cnn")
    parser.add_argument("--seeds", type=int, default=20)
    args = parser.parse_args()
    predictions = load_validation_predictions(RunStore().get(args.run))
    if predictions is None:
        raise RunError(f"The validation predictions of {args.run} are not computed yet. Open it on Feasibility once.")
    n_classes = predictions.n_classes
    confusion = cross_tabulate(predictions.labels, predictions.predicted, n_classes, n_classes)
    print(f"run {args.run}, validation, n = {len(predictions.labels):,}, seeds 0 to {args.seeds - 1}")
    for text, rates in (("any other class", np.zeros_like(confusion)), ("a class it is confused with", confusion)):
        found = np.array([measure_found_fractions(predictions, rates, seed) for seed in range(args.seeds)])
        for fraction, values in zip(LISTED_FRACTIONS, found.T, strict=True):
            print(
                f"flipped to {text}: {values.mean():.1%} among the most suspicious {fraction:.0%}, "
                f"worst seed {values.min():.1%}"
            )


if __name__ == "__main__":
    main()
