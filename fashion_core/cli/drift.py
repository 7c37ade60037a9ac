"""``drift``: whether a promise holds for other pictures, and which to label to get one that does."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fashion_core.analysis.exchangeability import N_TO_LABEL, choose_pictures_to_label, compare_with_reference
from fashion_core.cli.arguments import (
    add_data_argument,
    add_json_argument,
    add_run_argument,
    add_runs_argument,
    find_chosen_run,
)
from fashion_core.data.classes import ClassList
from fashion_core.errors import PictureError
from fashion_core.recognition.batch import PictureResult, predict_sources
from fashion_core.recognition.promises import calibrate_results, load_reference_predictions
from fashion_core.recognition.recognizer import Recognizer
from fashion_core.recognition.shipped_recognizer import load_recognizer
from fashion_core.runs.run_data import read_run_options
from fashion_core.runs.store import RunEntry, RunStore
from fashion_core.runs.summary import RECOGNITION_RUN_IDS
from fashion_core.vision.picture_sources import open_picture_sources
from fashion_core.wording.promises import describe_exchangeability, describe_labelling_request, format_reference


def add_parser(subparsers: Any) -> None:
    """Add the command and its arguments."""
    parser = subparsers.add_parser(
        "drift", help="whether pictures look like those on which a promise was made; labels are not needed"
    )
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="picture files, folders of them, or zips")
    add_run_argument(parser, "made the promise")
    add_data_argument(parser)
    add_runs_argument(parser)
    add_json_argument(parser)
    parser.set_defaults(run=run_drift)


def run_drift(args: argparse.Namespace) -> dict[str, Any]:
    """Predict the pictures and compare with the predictions on which the promise was made."""
    store = RunStore(args.runs)
    run = find_chosen_run(store, args)
    entry = run or store.get(RECOGNITION_RUN_IDS[0])
    reference = load_reference_predictions(store, run, args.data)
    results, classes = predict_readable_pictures(load_recognizer(store, run), entry, args.paths)
    pictures = calibrate_results(results, classes, reference.temperature)
    test = compare_with_reference(reference, pictures, len(classes))
    assert entry.record is not None  # its model could be loaded
    sentence = describe_exchangeability(test, format_reference(entry.record.data.title))
    chosen = choose_pictures_to_label(pictures.confidence, N_TO_LABEL)
    names = [results[row].name for row in chosen]
    is_rejected = test is not None and test.is_rejected
    if not args.json:
        print(sentence)
        if is_rejected:
            print(describe_labelling_request(len(names)), *names, sep="\n")
    return {
        "n": len(pictures),
        "n_reference": len(reference),
        "p_value": None if test is None else test.p_value,
        "p_confidence": None if test is None else test.p_confidence,
        "p_classes": None if test is None else test.p_classes,
        "differs": is_rejected,
        "sentence": sentence,
        "to_label": names,
    }


def predict_readable_pictures(
    recognizer: Recognizer, entry: RunEntry, paths: Sequence[Path]
) -> tuple[list[PictureResult], ClassList]:
    """The results of the pictures that can be read, prepared as for the run ``entry``, and its classes.

    Raises ``PictureError`` when none can be read.
    """
    classes, options = read_run_options(entry, "auto")
    with open_picture_sources(paths) as sources:
        results = [r for r in predict_sources(recognizer, sources, options) if r.prediction is not None]
    if not results:
        raise PictureError("None of these pictures can be read. Give other files, folders or zips.")
    return results, classes
