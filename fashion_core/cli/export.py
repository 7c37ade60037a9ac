"""``export``: write a run as one folder that works without this program."""

import argparse
from pathlib import Path
from typing import Any

from fashion_core.analysis.feasibility import (
    DEFAULT_TARGET_SELECTIVE_ACCURACY,
    assess_automation_from_calibrated,
    calibrate_predictions_on_validation,
)
from fashion_core.cli.arguments import (
    add_data_argument,
    add_json_argument,
    add_runs_argument,
    add_target_argument,
    find_run,
)
from fashion_core.cli.feasibility import find_validation_predictions
from fashion_core.cli.predict import read_run_options
from fashion_core.export import card as cards
from fashion_core.export import folder as folders
from fashion_core.runs.store import RunEntry, RunStore
from fashion_core.wording.model_card import describe_preparation_cost, format_model_card


def add_parser(subparsers: Any) -> None:
    """Add the command and its arguments."""
    parser = subparsers.add_parser("export", help="write a run as one folder that works without this program")
    parser.add_argument("run_name", metavar="RUN", help="a run's name, or the path of its folder")
    parser.add_argument("--out", type=Path, metavar="DIR", required=True, help="the new folder")
    add_target_argument(parser, "the automated pictures")
    add_data_argument(parser)
    add_runs_argument(parser)
    add_json_argument(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Write the folder and print its path."""
    folders.check_is_new(args.out)  # before anything is computed
    store = RunStore(args.runs)
    entry = find_run(store, args.run_name)
    files = export_files(store, entry, args.target / 100, args.data)
    folders.save_folder(args.out, files)
    if not args.json:
        print(args.out)
    return {"run": entry.id, "folder": str(args.out), "files": {name: len(content) for name, content in files.items()}}


def export_files(
    store: RunStore, entry: RunEntry, target: float = DEFAULT_TARGET_SELECTIVE_ACCURACY, data: str = ""
) -> dict[str, bytes]:
    """The files of the folder by name. ``target``: 0 to 1; ``data``: the data set, as for ``find_run_dataset``.

    Raises ``RunError`` for a run that can't be exported, ``DataError`` when its data set is needed and gone.
    """
    network = cards.load_network(store, entry)
    predictions = store.load_predictions(entry)
    stored = find_validation_predictions(store, entry, predictions, data)
    calibrated = calibrate_predictions_on_validation(stored, predictions)
    assessment = assess_automation_from_calibrated(*calibrated, target, title=entry.title)
    _, options = read_run_options(entry, "auto")
    card = cards.build_card(entry, network, options.kind, calibrated, assessment)
    cost = describe_preparation_cost(*cards.load_preparation_costs())
    return folders.make_files(network, card, model_card=format_model_card(card, cost), preparation_cost=cost)
