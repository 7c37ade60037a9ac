"""``evaluate``: score a run on the test split, from its weights."""

import argparse
import sys
from typing import Any

import numpy as np

from fashion_core.analysis import metrics
from fashion_core.cli.arguments import add_data_argument, add_json_argument, add_runs_argument, find_run_dataset
from fashion_core.computed import store as results
from fashion_core.computed.duplicates import NEAR_DUPLICATE_MAX_RMS_DIFFERENCE, NearestTrainImages
from fashion_core.data import Dataset
from fashion_core.errors import RunError
from fashion_core.runs.execute import score_on_test
from fashion_core.runs.store import RunStore
from fashion_core.runs.summary import require_test_pictures


def add_parser(subparsers: Any) -> None:
    """Add the command and its arguments."""
    parser = subparsers.add_parser("evaluate", help="score a run on the test images, from its weights")
    parser.add_argument("run_name", metavar="RUN", help="a run's name, or the path of its folder")
    add_data_argument(parser)
    add_runs_argument(parser)
    add_json_argument(parser)
    parser.set_defaults(run=run_evaluate)


def run_evaluate(args: argparse.Namespace) -> dict[str, Any]:
    """Predict the test images and compare with their labels."""
    store = RunStore(args.runs)
    entry = store.get(args.run_name)
    classifier = store.load_classifier(entry)
    dataset = find_run_dataset(entry, args.data)
    if dataset.is_sample_data:
        print("Fashion-MNIST was not found, so this scores synthetic sample data.", file=sys.stderr)
    assert entry.record is not None
    if entry.record.state != "finished":
        raise RunError(f"The run {entry.id} is not finished: it is {entry.record.state}.")
    require_test_pictures(entry, dataset.split_sizes["test"])
    predictions, scored = score_on_test(classifier, dataset)
    never = [dataset.classes[c].name for c in scored.never_predicted]
    low, high = _interval(predictions.is_correct)
    unique = _without_duplicates(predictions.is_correct, dataset)
    if not args.json:
        print(
            f"{entry.id} on {scored.n_images:,} test images of {dataset.title}: accuracy {scored.accuracy:.2%} "
            f"(95% interval {low:.2%} to {high:.2%}), "
            f"macro precision {scored.macro_precision:.2%}, macro recall {scored.macro_recall:.2%}, "
            f"macro F1 {scored.macro_f1:.2%}" + (f"; never predicted: {', '.join(never)}" if never else "")
        )
        if unique:
            low, high = unique["interval"]
            print(
                f"Without the {scored.n_images - unique['n']} that have a near duplicate among the training images: "
                f"{unique['accuracy']:.2%} of {unique['n']:,} ({low:.2%} to {high:.2%})"
            )
    return {
        "run": entry.id,
        "n": scored.n_images,
        "accuracy": scored.accuracy,
        "interval": list(_interval(predictions.is_correct)),
        "without_copies": unique,
        "macro_precision": scored.macro_precision,
        "macro_recall": scored.macro_recall,
        "macro_f1": scored.macro_f1,
        "never_predicted": never,
        "data": dataset.name if dataset.source == "catalogue" else dataset.source,
        "split": "test",
        "fingerprint": dataset.fingerprint,
    }


def _interval(correct: np.ndarray) -> tuple[float, float]:
    return metrics.wilson_interval(int(correct.sum()), len(correct))


def _without_duplicates(correct: np.ndarray, dataset: Dataset) -> dict[str, Any] | None:
    """Accuracy on the test images without a near duplicate among the training images; None if these are not known,
    or every image has one."""
    duplicates = results.load_result(NearestTrainImages(), dataset.fingerprint)
    if duplicates is None:
        return None
    unique = correct[duplicates["distance"] >= NEAR_DUPLICATE_MAX_RMS_DIFFERENCE]
    if not len(unique):
        return None
    return {"n": len(unique), "accuracy": float(unique.mean()), "interval": list(_interval(unique))}
