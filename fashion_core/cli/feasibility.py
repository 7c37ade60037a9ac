"""``feasibility``: how much a run can take over, and what that costs."""

import argparse
import dataclasses
from pathlib import Path
from typing import Any

from fashion_core.analysis import feasibility, feasibility_costs
from fashion_core.analysis.feasibility_costs import (
    DEFAULT_MANUAL_CHECK_COST,
    HUMAN_ACCURACY,
    MISTAKE_COST_PRESETS,
    CostModel,
)
from fashion_core.analysis.predictions import Predictions
from fashion_core.cli.arguments import add_data_argument, add_json_argument, add_runs_argument
from fashion_core.computed import validation
from fashion_core.data import load_dataset
from fashion_core.errors import RunError
from fashion_core.runs.store import RunEntry, RunStore


def add(verbs: Any) -> None:
    """Add the verb's arguments."""
    parser = verbs.add_parser("feasibility", help="how much of the sorting a run can take over, and what that costs")
    parser.add_argument("run_name", metavar="RUN", help="a run's name, or the path of its folder")
    parser.add_argument(
        "--target", type=float, default=100 * feasibility.DEFAULT_TARGET, metavar="PERCENT", help="right at least (99)"
    )
    parser.add_argument(
        "--even-odds", action="store_true", help="choose the threshold that just meets the target on validation"
    )
    parser.add_argument(
        "--prices", choices=MISTAKE_COST_PRESETS, default=next(iter(MISTAKE_COST_PRESETS)), help="what mistakes cost"
    )
    parser.add_argument(
        "--check",
        type=float,
        default=DEFAULT_MANUAL_CHECK_COST,
        metavar="PRICE",
        help=f"a look by a person ({DEFAULT_MANUAL_CHECK_COST})",
    )
    parser.add_argument(
        "--people", type=float, default=100 * HUMAN_ACCURACY, metavar="PERCENT", help="people sort right (83.5)"
    )
    add_data_argument(parser)
    add_runs_argument(parser)
    add_json_argument(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Choose thresholds on validation and say what they are worth on test."""
    store = RunStore(args.runs)
    entry = store.get(args.run_name)
    test, kept = store.load_predictions(entry), _validation(store, entry, args.data)
    prices = CostModel(MISTAKE_COST_PRESETS[args.prices], args.check, args.people / 100)
    found = feasibility.assess_automation(
        kept, test, args.target / 100, guaranteed=not args.even_odds, title=entry.title
    )
    chosen_on, tried_on, _ = feasibility.calibrate_predictions(kept, test)
    plan = feasibility_costs.choose_deferral_policy(entry.title, chosen_on, tried_on, prices)
    if not args.json:
        print(found.sentence, found.verdict)
        print(feasibility_costs.describe_saving(plan))
    point = None if found.test is None else dataclasses.asdict(found.test)
    return {
        "run": entry.id,
        "sentence": found.sentence,
        "target": found.target,
        "assured": found.guaranteed,
        "temperature": found.temperature,
        "threshold": found.threshold,
        "test": point,
        "cheapest_threshold": plan.threshold if plan.coverage else None,
        "cheapest_coverage": plan.coverage,
        **{name: dataclasses.asdict(getattr(plan, name)) for name in ("cost", "people", "saving")},
    }


def _validation(store: RunStore, entry: RunEntry, data: Path | None) -> Predictions:
    """The run's answers on validation, as kept, or else asked for now."""
    kept = validation.load_validation_predictions(entry)
    if kept is not None:
        return kept
    dataset = load_dataset(data)
    assert entry.record is not None
    if dataset.fingerprint != entry.record.data.fingerprint:
        raise RunError(
            f"{entry.id} was trained on other pictures, and thresholds are chosen on those. Name them with --data."
        )
    return validation.predict_validation(store.load_classifier(entry), dataset, lambda share, doing: None)
