"""``advise``: what to do next so that more can be automated."""

import argparse
import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from fashion_core.analysis.advice import suggest_improvements
from fashion_core.analysis.automation_gain import AutomationGoal
from fashion_core.analysis.compare import ConfidenceInterval
from fashion_core.analysis.exchangeability import FALSE_ALARM_RATE, N_TO_LABEL, compare_with_reference
from fashion_core.analysis.feasibility import (
    calibrate_predictions_on_validation,
)
from fashion_core.analysis.label_shift import estimate_automation_with_labels
from fashion_core.analysis.predictions import Predictions
from fashion_core.analysis.suggestions import LearningCurvePoints, ShiftEvidence, Suggestion
from fashion_core.cli.arguments import (
    add_data_argument,
    add_json_argument,
    add_runs_argument,
    add_target_argument,
    find_run,
)
from fashion_core.cli.drift import predict_readable_pictures
from fashion_core.computed import learning_curve
from fashion_core.computed import store as results
from fashion_core.computed.advice import load_advice_inputs
from fashion_core.computed.validation import find_validation_predictions
from fashion_core.data import Dataset
from fashion_core.data.classes import ClassList
from fashion_core.errors import RunError
from fashion_core.recognition.promises import calibrate_results
from fashion_core.recognition.recognizer import Recognizer
from fashion_core.runs.run_data import find_run_dataset
from fashion_core.runs.store import RunEntry, RunStore
from fashion_core.wording.advice import (
    ADVICE_METHOD_TEXT,
    describe_no_advice,
    describe_suggestion,
    format_suggestion,
)


def add_parser(subparsers: Any) -> None:
    """Add the command and its arguments."""
    parser = subparsers.add_parser("advise", help="what to do next so that more can be automated, best first")
    parser.add_argument("run_name", metavar="RUN", help="a run's name, or the path of its folder")
    add_target_argument(parser, "the automated garments")
    parser.add_argument(
        "--even-odds", action="store_true", help="no safety margin: just meet the target on the validation images"
    )
    parser.add_argument(
        "--learning-curve",
        action="store_true",
        help="first train on a quarter and on half of the pictures of the classes with few, to tell what more bring",
    )
    parser.add_argument(
        "--pictures",
        nargs="+",
        type=Path,
        default=[],
        metavar="PATH",
        help="pictures of yours: whether the promise holds for them (files, folders or zips; without labels)",
    )
    add_data_argument(parser)
    add_runs_argument(parser)
    add_json_argument(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Suggest, from the run's predictions."""
    store = RunStore(args.runs)
    entry = find_run(store, args.run_name)
    predictions = store.load_predictions(entry)
    assert entry.record is not None
    on_validation = find_validation_predictions(store, entry, predictions, args.data)
    dataset = find_run_dataset(entry, args.data)
    points = _learning_curve(store, entry, dataset, measure=args.learning_curve)
    inputs = load_advice_inputs(store, entry, dataset, on_validation, predictions, points=points)
    goal = AutomationGoal(args.target / 100, not args.even_odds)
    if args.pictures:
        inputs = dataclasses.replace(inputs, shift=_find_shift(store, entry, inputs.validation, args.pictures, goal))
    suggestions, classes = suggest_improvements(inputs, goal), entry.record.data.class_list
    if not args.json:
        for number, suggestion in enumerate(suggestions, 1):
            print(f"{number}. {describe_suggestion(suggestion, classes)}")
        print(ADVICE_METHOD_TEXT if suggestions else describe_no_advice(goal))
    return {
        "run": entry.id,
        "target": goal.target,
        "assured": goal.guaranteed,
        "n_validation": len(inputs.validation.labels),
        "n_test": len(inputs.test.labels),
        "suggestions": [_suggestion_to_json(suggestion, classes) for suggestion in suggestions],
    }


def _find_shift(
    store: RunStore, entry: RunEntry, validation: Predictions, paths: Sequence[Path], goal: AutomationGoal
) -> ShiftEvidence | None:
    """How the pictures differ from the validation images; None where nothing shows that they do."""
    results, classes = predict_readable_pictures(Recognizer([store.load_classifier(entry)]), entry, paths)
    reference, _ = calibrate_predictions_on_validation(validation, validation)
    pictures = calibrate_results(results, classes, reference.temperature)
    test = compare_with_reference(reference, pictures, len(classes))
    if test is None or not test.is_rejected:
        return None
    n_labels, expected = min(N_TO_LABEL, len(results)), None
    if test.p_confidence >= FALSE_ALARM_RATE:  # where more than the mix of the classes differs, only labels can tell
        probabilities = np.stack([r.prediction.probabilities for r in results if r.prediction is not None])
        expected = estimate_automation_with_labels(validation, probabilities, n_labels, goal)
    return ShiftEvidence(test.p_value, len(results), n_labels, expected)


def _learning_curve(store: RunStore, entry: RunEntry, dataset: Dataset, *, measure: bool) -> LearningCurvePoints | None:
    """The run's learning curve, measured now if it is to be and wasn't yet."""
    assert entry.record is not None
    if dataset.fingerprint != entry.record.data.fingerprint:
        if measure:
            raise RunError(f"{entry.id} was trained on other pictures than these. Pass them with --data.")
        return None
    points = learning_curve.load_learning_curve(entry, dataset)
    if points is not None or not measure:
        return points

    def report(fraction: float, step: str) -> None:
        print(f"\r{fraction:.0%}: {step} ", end="", file=sys.stderr)

    arrays = learning_curve.measure_learning_curve(store, entry.record, dataset, report)
    print(file=sys.stderr)
    results.save_result(learning_curve.learning_curve_computation(entry), dataset.fingerprint, arrays)
    return LearningCurvePoints(**arrays)


def _suggestion_to_json(suggestion: Suggestion, classes: ClassList) -> dict[str, Any]:
    return {
        "kind": suggestion.kind,
        "what": format_suggestion(suggestion, classes),
        "classes": [classes[c].name for c in suggestion.classes],
        "evidence": {name: None if value != value else value for name, value in suggestion.evidence.items()},
        "expected_gain": _interval_to_json(suggestion.gain),
        "measured_gain": suggestion.measured,
    }


def _interval_to_json(interval: ConfidenceInterval | None) -> dict[str, float] | None:
    return None if interval is None else {"value": interval.estimate, "low": interval.low, "high": interval.high}
