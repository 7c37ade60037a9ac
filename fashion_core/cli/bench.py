"""``bench``: measure the speed of training on this machine."""

import argparse
import platform
from typing import Any

from fashion_core.cli.arguments import add_data_argument, add_json_argument, whole_number
from fashion_core.data import find_dataset
from fashion_core.jobs.process import count_cores
from fashion_core.training import benchmark


def add_parser(subparsers: Any) -> None:
    """Add the command and its arguments."""
    parser = subparsers.add_parser("bench", help="measure speed on this machine")
    actions = parser.add_subparsers(dest="action", required=True, metavar="WHAT")
    training = actions.add_parser("training", help="this training loop against the tutorials', images per second")
    training.add_argument(
        "--rounds", type=whole_number(1, 100), default=5, metavar="N", help="how often each is measured, 1 to 100 (5)"
    )
    add_data_argument(training)
    add_json_argument(training)
    training.set_defaults(run=_training)


def _training(args: argparse.Namespace) -> dict[str, Any]:
    """Measure the networks of ``IMAGES_PER_ROUND``."""
    import torch

    dataset = find_dataset(args.data)
    speeds = {
        model: benchmark.compare_training_speed_to_tutorial(model, dataset, rounds=args.rounds)
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
        print("images per second, medians    own  tutorial  ratio (rounds)           own preset     of matmul peak")
        for model, speed in speeds.items():
            rounds = f"{min(speed.ratios):.2f} to {max(speed.ratios):.2f}"
            print(
                f"{model:<25}{speed.own_loop:>8,.0f}{speed.tutorial_loop:>10,.0f}{speed.ratio:>7.2f} ({rounds})"
                f"{speed.own_loop_with_preset:>14,.0f}{speed.peak_fraction:>13.1%} {speed.dtype}"
            )
    return {"machine": machine, **{model: _to_json(speed) for model, speed in speeds.items()}}


def _to_json(speed: benchmark.TrainingSpeedComparison) -> dict[str, Any]:
    """The names that scripts know from earlier versions."""
    return {
        "ours": speed.own_loop,
        "tutorial": speed.tutorial_loop,
        "preset": speed.own_loop_with_preset,
        "ratio": speed.ratio,
        "ratios": speed.ratios,
        "peak_share": speed.peak_fraction,
        "dtype": speed.dtype,
    }
