"""``feasibility``: how much of the sorting a run can automate, and what that costs."""

import argparse
from typing import Any

from fashion_core.analysis.class_promises import (
    automate_by_class,
    errors_by_true_class,
    plan_by_class,
    promise_by_class,
)
from fashion_core.analysis.class_sets import calibrate_class_sets, score_class_sets
from fashion_core.analysis.compare import ConfidenceInterval
from fashion_core.analysis.feasibility import (
    CalibratedPredictions,
    OperatingPoint,
    assess_automation_from_calibrated,
    calibrate_predictions_on_validation,
    split_for_threshold,
)
from fashion_core.analysis.feasibility_costs import (
    DEFAULT_MANUAL_CHECK_COST,
    FASHION_MISTAKE_COST_PRESETS,
    CostModel,
    DeferralPolicy,
    can_estimate_costs,
    choose_deferral_policy,
    default_human_accuracy,
    mistake_cost_presets,
)
from fashion_core.analysis.predictions import Predictions
from fashion_core.cli.arguments import (
    add_data_argument,
    add_json_argument,
    add_runs_argument,
    add_target_argument,
    find_run,
)
from fashion_core.computed.validation import find_validation_predictions
from fashion_core.data.classes import FASHION_CLASSES, ClassList
from fashion_core.errors import ConfigError
from fashion_core.runs.store import RunEntry, RunStore
from fashion_core.wording import promises as wording
from fashion_core.wording.feasibility import describe_assessment, describe_target_check, describe_threshold_folds
from fashion_core.wording.feasibility_costs import TOO_FEW_FOR_COSTS_TEXT, describe_saving


def add_parser(subparsers: Any) -> None:
    """Add the command and its arguments."""
    parser = subparsers.add_parser(
        "feasibility", help="how much of the sorting a run can automate, and what that costs"
    )
    parser.add_argument("run_name", metavar="RUN", help="a run's name, or the path of its folder")
    percent = {"type": float, "metavar": "PERCENT"}
    add_target_argument(parser, "the automated garments")
    parser.add_argument(
        "--even-odds", action="store_true", help="no safety margin: just meet the target on the validation images"
    )
    parser.add_argument(
        "--prices",
        choices=FASHION_MISTAKE_COST_PRESETS,
        default=next(iter(FASHION_MISTAKE_COST_PRESETS)),
        help="what mistakes cost",
    )
    parser.add_argument(
        "--check", type=float, default=DEFAULT_MANUAL_CHECK_COST, metavar="PRICE",
        help=f"cost of one manual check ({DEFAULT_MANUAL_CHECK_COST})",
    )  # fmt: skip
    parser.add_argument(
        "--people",
        help="how many garments people sort correctly (83.5, measured on Fashion-MNIST; 100 on other data sets)",
        **percent,
    )
    parser.add_argument(
        "--per-class", action="store_true", help="also promise the target for each predicted class, and class sets"
    )
    add_data_argument(parser)
    add_runs_argument(parser)
    add_json_argument(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Choose thresholds on validation and measure them on test."""
    store = RunStore(args.runs)
    entry = find_run(store, args.run_name)
    predictions = store.load_predictions(entry)
    stored = find_validation_predictions(store, entry, predictions, args.data)
    on_validation, on_test = calibrate_predictions_on_validation(stored, predictions)
    assessment = assess_automation_from_calibrated(
        on_validation, on_test, args.target / 100, guaranteed=not args.even_odds, title=entry.title
    )
    cost_model = _cost_model(entry, args)
    sizes = len(on_validation), len(on_test)
    policy = None
    if can_estimate_costs(*sizes):
        policy = choose_deferral_policy(entry.title, on_validation, on_test, cost_model)
    sentence = describe_assessment(assessment, *sizes)
    classes = entry.record.data.class_list if entry.record is not None else FASHION_CLASSES
    by_class = {}
    if args.per_class:
        parts = split_for_threshold(stored, predictions)
        by_class = _promise_by_class((on_validation, on_test), parts, assessment.target, classes, quiet=args.json)
    if not args.json:
        print(sentence, describe_target_check(assessment))
        if predictions.folds is not None:
            print(describe_threshold_folds(predictions.n_folds, *sizes))
        print(TOO_FEW_FOR_COSTS_TEXT if policy is None else describe_saving(policy))
    return {
        "run": entry.id,
        "sentence": sentence,
        "target": assessment.target,
        "assured": assessment.guaranteed,
        "temperature": assessment.temperature,
        "threshold": assessment.threshold,
        "test": None if assessment.test is None else _point_to_json(assessment.test),
        **_policy_to_json(policy),
        **by_class,
    }


def _promise_by_class(
    calibrated: tuple[CalibratedPredictions, CalibratedPredictions],
    parts: tuple[Predictions, Predictions],
    target: float,
    classes: ClassList,
    *,
    quiet: bool,
) -> dict[str, Any]:
    """The promise of each class and the class sets; both pairs are predictions on validation and test."""
    promises = promise_by_class(*calibrated, target, len(classes))
    plan = plan_by_class(promises)
    automated = automate_by_class(calibrated[1], promises)
    by_true_class = errors_by_true_class(calibrated[1], automated, len(classes))
    scores = score_class_sets(calibrate_class_sets(parts[0], target), parts[1])
    sentence = wording.describe_plan(plan, target, classes)
    if not quiet:
        print("\n".join([*(wording.format_promise(p, classes) for p in promises), sentence]))
        print(wording.describe_all_class_sets(scores, target))
    return {
        "plan": sentence,
        "plan_coverage": plan.coverage,
        "classes": [
            {
                "class": classes[p.class_index].name,
                "threshold": p.threshold,
                "missing": p.n_missing,
                "kept": p.is_kept,
                "test": _point_to_json(p.test),
                "of_true_class": _point_to_json(true),
            }
            for p, true in zip(promises, by_true_class, strict=True)
        ],
        "class_sets": {"coverage": scores.mean_coverage, "mean_size": scores.mean_size},
    }


def _cost_model(entry: RunEntry, args: argparse.Namespace) -> CostModel:
    assert entry.record is not None
    data = entry.record.data
    presets = mistake_cost_presets(data.class_list)
    if args.prices not in presets:
        raise ConfigError(f"The prices {args.prices!r} are about other classes. Choose {', '.join(presets)}.")
    human_accuracy = default_human_accuracy(data.source) if args.people is None else args.people / 100
    return CostModel(presets[args.prices], args.check, human_accuracy, data.class_list)


def _point_to_json(point: OperatingPoint) -> dict[str, int]:
    return {"n": point.n, "automated": point.n_automated, "right": point.n_correct}


def _policy_to_json(policy: DeferralPolicy | None) -> dict[str, Any]:
    """The costs; None each where there are too few pictures."""
    if policy is None:
        return dict.fromkeys(("cheapest_threshold", "cheapest_coverage", "cost", "people", "saving"))
    return {
        "cheapest_threshold": policy.threshold if policy.coverage else None,
        "cheapest_coverage": policy.coverage,
        "cost": _interval_to_json(policy.cost),
        "people": _interval_to_json(policy.manual_cost),
        "saving": _interval_to_json(policy.saving),
    }


def _interval_to_json(interval: ConfidenceInterval) -> dict[str, float]:
    return {"value": interval.estimate, "low": interval.low, "high": interval.high}
