"""``evaluate``: score a run on the test split, from its weights; a cross-validated one from stored predictions."""

import argparse
import sys
from typing import Any

import numpy as np

from fashion_core.analysis import metrics
from fashion_core.analysis.predictions import Predictions
from fashion_core.cli.arguments import (
    add_data_argument,
    add_json_argument,
    add_runs_argument,
    find_run,
)
from fashion_core.computed import store as results
from fashion_core.computed.duplicates import NEAR_DUPLICATE_MAX_RMS_DIFFERENCE, NearestTrainImages
from fashion_core.data import Dataset
from fashion_core.data.label_corrections import load_label_corrections
from fashion_core.errors import RunError
from fashion_core.runs.execute import score_on_test
from fashion_core.runs.record import DataInfo
from fashion_core.runs.run_data import find_run_dataset
from fashion_core.runs.store import RunStore
from fashion_core.runs.summary import require_test_pictures
from fashion_core.wording.label_errors import format_label_choice
from fashion_core.wording.numbers import format_percent, format_percent_range
from fashion_core.wording.runs import format_tested_pictures

STORED_TEXT = (
    "These are the stored predictions of the folds' models. The weights that were kept have seen these pictures, so "
    "nothing is computed from them."
)


def add_parser(subparsers: Any) -> None:
    """Add the command and its arguments."""
    parser = subparsers.add_parser("evaluate", help="score a run on the test images, from its weights")
    parser.add_argument("run_name", metavar="RUN", help="a run's name, or the path of its folder")
    parser.add_argument(
        "--labels", choices=("original", "corrected"), default="original",
        help="corrected: with the labels that you corrected with review or in the dashboard",
    )  # fmt: skip
    add_data_argument(parser)
    add_runs_argument(parser)
    add_json_argument(parser)
    parser.set_defaults(run=run_evaluate)


def run_evaluate(args: argparse.Namespace) -> dict[str, Any]:
    """Predict the test images and compare with their labels."""
    store = RunStore(args.runs)
    entry = find_run(store, args.run_name)
    if entry.record is not None and entry.record.state != "finished":
        raise RunError(f"The run {entry.id} is not finished: it is {entry.record.state}.")
    classifier = store.load_classifier(entry)
    assert entry.record is not None  # or its model can't be loaded
    dataset = find_run_dataset(entry, args.data)
    if dataset.is_sample_data:
        print("Fashion-MNIST was not found, so this scores synthetic sample data.", file=sys.stderr)
    require_test_pictures(entry, dataset.split_sizes["test"])
    data, n_changed = entry.record.data, None
    is_stored = _is_cross_validated(data, dataset)
    predictions = store.load_predictions(entry) if is_stored else score_on_test(classifier, dataset)[0]
    split: DataInfo | Dataset = data if is_stored else dataset
    if args.labels == "corrected":
        predictions, n_changed = _correct_labels(predictions, split.test_fingerprint)
    scored = predictions.metrics
    unique = _without_duplicates(predictions.is_correct, split.fingerprint)
    never = [data.classes[c] for c in scored.never_predicted]
    low, high = _interval(predictions.is_correct)
    if not args.json:
        images = format_tested_pictures(data) if is_stored else f"{scored.n_images:,} test images"
        labels = "" if n_changed is None else f", {format_label_choice(n_changed)}"
        _print_scores(f"{entry.id} on {images} of {dataset.title}{labels}", scored, (low, high), never)
        _print_notes(unique, scored.n_images, is_stored=is_stored)
    return {
        "run": entry.id,
        "n": scored.n_images,
        "labels": args.labels,
        "n_changed_labels": n_changed or 0,
        "accuracy": scored.accuracy,
        "interval": [low, high],
        "without_copies": unique,
        "macro_precision": scored.macro_precision,
        "macro_recall": scored.macro_recall,
        "macro_f1": scored.macro_f1,
        "never_predicted": never,
        "data": dataset.name if dataset.source == "catalogue" else dataset.source,
        "split": "cross-validation" if is_stored else "test",
        "fingerprint": split.fingerprint,
    }


def _correct_labels(predictions: Predictions, test_fingerprint: str) -> tuple[Predictions, int]:
    """The predictions with corrected labels, and how many were changed."""
    corrections = load_label_corrections(test_fingerprint, len(predictions.labels), predictions.n_classes)
    n_changed = len(corrections.changed_indices(predictions.labels))
    return predictions.with_labels(corrections.apply(predictions.labels)), n_changed


def _is_cross_validated(data: DataInfo, dataset: Dataset) -> bool:
    """Whether the run's result on ``dataset`` is that of its cross-validation, as its weights have seen the pictures.

    Raises ``RunError`` for another run whose catalogue has other test pictures by now: it may have seen some of them.
    """
    if data.name != dataset.name:
        return False
    if data.n_folds:
        return True
    if dataset.source == "catalogue" and dataset.test_fingerprint != data.test_fingerprint:
        raise RunError(
            f"The test pictures of {dataset.title} or their labels have changed since the run was trained. Train it "
            "again."
        )
    return False


def _interval(correct: np.ndarray) -> tuple[float, float]:
    return metrics.wilson_interval(int(correct.sum()), len(correct))


def _print_scores(
    source: str, scored: metrics.ClassificationMetrics, interval: tuple[float, float], never: list[str]
) -> None:
    low, high = interval
    print(
        f"{source}: accuracy {format_percent(scored.accuracy, 2)} (95% interval "
        f"{format_percent_range(low, high, 2)}), macro precision {format_percent(scored.macro_precision, 2)}, "
        f"macro recall {format_percent(scored.macro_recall, 2)}, macro F1 {format_percent(scored.macro_f1, 2)}"
        + (f"; never predicted: {', '.join(never)}" if never else "")
    )


def _print_notes(unique: dict[str, Any] | None, n_images: int, *, is_stored: bool) -> None:
    if is_stored:
        print(STORED_TEXT)
    if unique is None:
        return
    low, high = unique["interval"]
    interval = format_percent_range(low, high, 2)
    print(
        f"Without the {n_images - unique['n']} that have a near duplicate among the training images: "
        f"{format_percent(unique['accuracy'], 2)} of {unique['n']:,} ({interval})"
    )


def _without_duplicates(correct: np.ndarray, fingerprint: str) -> dict[str, Any] | None:
    """Accuracy on the test images without a near duplicate among the training images; None if these are not known,
    or every image has one."""
    duplicates = results.load_result(NearestTrainImages(), fingerprint)
    if duplicates is None:
        return None
    unique = correct[duplicates["distance"] >= NEAR_DUPLICATE_MAX_RMS_DIFFERENCE]
    if not len(unique):
        return None
    return {"n": len(unique), "accuracy": float(unique.mean()), "interval": list(_interval(unique))}
