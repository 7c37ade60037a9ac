"""``advise``: what to do next so that more can be automated."""

import argparse
import sys
from typing import Any

from fashion_core.analysis.advice import suggest_improvements
from fashion_core.analysis.automation_gain import AutomationGoal
from fashion_core.analysis.compare import ConfidenceInterval
from fashion_core.analysis.feasibility import DEFAULT_TARGET_SELECTIVE_ACCURACY
from fashion_core.analysis.suggestions import LearningCurvePoints, Suggestion
from fashion_core.cli.arguments import (
    add_data_argument,
    add_json_argument,
    add_runs_argument,
    find_run,
    find_run_dataset,
)
from fashion_core.cli.feasibility import load_or_predict_validation
from fashion_core.computed import learning_curve
from fashion_core.computed import store as results
from fashion_core.computed.advice import load_advice_inputs
from fashion_core.data import Dataset
from fashion_core.data.classes import ClassList
from fashion_core.errors import RunError
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
    parser.add_argument(
        "--target",
        type=float,
        default=100 * DEFAULT_TARGET_SELECTIVE_ACCURACY,
        metavar="PERCENT",
        help="how many of the automated garments are correct (99)",
    )
    parser.add_argument(
        "--even-odds", action="store_true", help="no safety margin: just meet the target on the validation images"
    )
    parser.add_argument(
        "--learning-curve",
        action="store_true",
        help="first train on a quarter and on half of the pictures of the classes with few, to tell what more bring",
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
    on_validation = None if predictions.folds is not None else load_or_predict_validation(store, entry, args.data)
    dataset = find_run_dataset(entry, args.data)
    points = _learning_curve(store, entry, dataset, measure=args.learning_curve)
    inputs = load_advice_inputs(store, entry, dataset, on_validation, predictions, points=points)
    goal = AutomationGoal(args.target / 100, not args.even_odds)
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
