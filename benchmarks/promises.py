"""Do the promises hold? ``python -m benchmarks.promises [--draws 200] [--first-seed 0] [--photographs FOLDER]``.

Each seeded draw pools the predictions of the improved CNN on validation and test and splits them again into 5,000 and
10,000. Prints how often the promise of a class is violated (an exact one-sided binomial test against the target's error
has p < 0.05) and how much is automated; how often class sets hold the class and how large they are; and how often 50
pictures from the same data set raise a false alarm. With a folder of photographs: how often 50 of them are told from
the recognition networks' validation images. Needs no data set.
"""

import argparse
from pathlib import Path

import numpy as np

from fashion_core.analysis.class_promises import plan_by_class, promise_by_class
from fashion_core.analysis.class_sets import calibrate_class_sets, score_class_sets
from fashion_core.analysis.exchangeability import compare_with_reference
from fashion_core.analysis.feasibility import calibrate_predictions_on_validation
from fashion_core.analysis.predictions import Predictions
from fashion_core.computed.validation import load_validation_predictions
from fashion_core.data.classes import FASHION_CLASSES
from fashion_core.recognition.batch import predict_sources
from fashion_core.recognition.promises import calibrate_results, load_reference_predictions
from fashion_core.recognition.shipped_recognizer import load_shipped_recognizer
from fashion_core.runs.store import RunStore
from fashion_core.vision.picture_sources import open_picture_sources

TARGETS = (0.99, 0.95)
N_PICTURES = 50


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--photographs", type=Path)
    args = parser.parse_args()
    store = RunStore()
    entry = store.get("improved_cnn")
    validation, test = load_validation_predictions(entry), store.load_predictions(entry)
    assert validation is not None  # shipped
    pool = Predictions(
        np.concatenate([validation.probabilities, test.probabilities]), np.concatenate([validation.labels, test.labels])
    )
    n_validation = len(validation.labels)
    seeds = range(args.first_seed, args.first_seed + args.draws)
    orders = [np.random.default_rng(seed).permutation(len(pool.labels)) for seed in seeds]
    draws = [(pool.select(order[:n_validation]), pool.select(order[n_validation:])) for order in orders]
    print(f"improved_cnn: {args.draws} draws of {n_validation:,} and {len(test.labels):,}, seeds from {seeds[0]} on")
    print_promises(draws)
    print_class_sets(draws)
    print_false_alarms(draws)
    if args.photographs:
        print_detections(args.photographs, store, seeds)


def print_promises(draws: list[tuple[Predictions, Predictions]]) -> None:
    """Violations by class, and how much is automated."""
    n_classes = draws[0][0].n_classes
    for target in TARGETS:
        violated, coverage = np.zeros(n_classes, np.int64), []
        for validation, test in draws:
            promises = promise_by_class(*calibrate_predictions_on_validation(validation, test), target, n_classes)
            violated += [not promise.is_kept for promise in promises]
            coverage.append(plan_by_class(promises).coverage)
        print(
            f"promise by predicted class, target {target:.0%}: violated in {violated.tolist()} of {len(draws)} draws; "
            f"{np.mean(coverage):.2%} automated (lowest {min(coverage):.1%})"
        )


def print_class_sets(draws: list[tuple[Predictions, Predictions]]) -> None:
    """Coverage and size of the class sets."""
    scores = [score_class_sets(calibrate_class_sets(validation, 0.99), test) for validation, test in draws]
    coverage = np.stack([score.coverage for score in scores])
    print(
        f"class sets by true class, target 99%: mean coverage {coverage.mean():.2%} (by class "
        f"{coverage.mean(axis=0).min():.2%} to {coverage.mean(axis=0).max():.2%}), mean size "
        f"{np.mean([score.mean_size for score in scores]):.3f}"
    )


def print_false_alarms(draws: list[tuple[Predictions, Predictions]]) -> None:
    """How often pictures of the same data set are taken for others."""
    for n in (N_PICTURES, 1000):
        alarms = 0
        for validation, test in draws:  # each is a random permutation already
            reference, pictures = calibrate_predictions_on_validation(validation, test.select(np.arange(n)))
            result = compare_with_reference(reference, pictures, validation.n_classes)
            alarms += result is not None and result.is_rejected
        print(f"exchangeability, {n} pictures of the same data set: {alarms} false alarms in {len(draws)} draws")


def print_detections(folder: Path, store: RunStore, seeds: range) -> None:
    """How often photographs are told from the validation images."""
    reference = load_reference_predictions(store)
    with open_picture_sources([folder]) as sources:
        results = [r for r in predict_sources(load_shipped_recognizer(store), sources) if r.prediction is not None]
    pictures = calibrate_results(results, FASHION_CLASSES, reference.temperature)
    detected = 0
    for seed in seeds:
        rows = np.random.default_rng(seed).choice(len(pictures), N_PICTURES, replace=False)
        result = compare_with_reference(reference, pictures.select(rows), len(FASHION_CLASSES))
        detected += result is not None and result.is_rejected
    print(
        f"exchangeability, {N_PICTURES} of {len(pictures):,} photographs: detected in {detected} of {len(seeds)} draws"
    )


if __name__ == "__main__":
    main()
