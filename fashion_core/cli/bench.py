"""``bench``: measure on this machine what the documentation claims."""

import argparse
import dataclasses
import platform
from typing import Any

from fashion_core.cli.arguments import add_data_argument, add_json_argument
from fashion_core.data import load_dataset
from fashion_core.jobs.process import count_cores
from fashion_core.training import benchmark


def add(verbs: Any) -> None:
    """Add the verb's arguments."""
    parser = verbs.add_parser("bench", help="measure speed on this machine")
    actions = parser.add_subparsers(dest="action", required=True, metavar="WHAT")
    training = actions.add_parser("training", help="our training loop against the tutorials', images per second")
    training.add_argument("--rounds", type=int, default=5, choices=range(1, 101), metavar="N", help="1 to 100 (5)")
    add_data_argument(training)
    add_json_argument(training)
    training.set_defaults(run=_training)


def _training(args: argparse.Namespace) -> dict[str, Any]:
    """Measure every network that has a round."""
    import torch

    dataset = load_dataset(args.data)
    found = {
        model: benchmark.measure_training_speed(model, dataset, rounds=args.rounds)
        for model in benchmark.IMAGES_PER_ROUND
    }
    machine = {
        "processor": platform.machine(),
        "cores": count_cores(),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "data": dataset.title,
        "rounds": args.rounds,
    }
    if not args.json:
        print(", ".join(f"{key} {value}" for key, value in machine.items()))
        print("images a second, medians     ours  tutorial  ratio (rounds)           own recipe  share of matmul peak")
        for model, speed in found.items():
            rounds = f"{min(speed.ratios):.2f} to {max(speed.ratios):.2f}"
            print(
                f"{model:<25}{speed.own_loop:>8,.0f}{speed.tutorial_loop:>10,.0f}{speed.ratio:>7.2f} ({rounds})"
                f"{speed.own_loop_with_preset:>14,.0f}{speed.peak_fraction:>13.1%} {speed.dtype}"
            )
    return {"machine": machine, **{model: dataclasses.asdict(speed) for model, speed in found.items()}}
