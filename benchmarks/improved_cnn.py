"""The improved CNN against the clock, on validation only: ``python -m benchmarks.improved_cnn [--seeds 3]``.

Trains the preset (``quick``) on each seed until the validation accuracy after an epoch reaches the target. Prints
seconds with validation, epochs, images per second of the training alone (median of the epochs at full resolution),
also as a fraction of what a large matrix product reaches here; then the medians. Imports and reading the data are not
timed. ``--set NAME=VALUE`` changes a setting, ``--target 100`` trains every epoch. ``--tutorial N`` also trains the
same network for at most N epochs like the tutorials. Needs Fashion-MNIST.
"""

import argparse
import dataclasses
import statistics
import time

import numpy as np

from fashion_core.config.train_config import HYPERPARAMETERS, TrainConfig
from fashion_core.data import load_dataset
from fashion_core.models import registry
from fashion_core.models.torch_classifier import TorchClassifier
from fashion_core.training import benchmark
from fashion_core.training.loop import create_trainer
from fashion_core.training.trainer import EpochResult


def main() -> None:
    """Print a line a seed, the medians and, when asked, the tutorials' loop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preset", default="quick")
    parser.add_argument("--target", type=float, default=93.5, help="validation accuracy in percent")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--tutorial", type=int, default=0, metavar="N", help="epochs of the tutorials' loop (0)")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="another setting")
    args = parser.parse_args()
    dataset = load_dataset()
    if dataset.is_sample_data:
        raise SystemExit("Fashion-MNIST was not found. Set FASHION_MNIST_DIR, or run python -m fashion_core fetch.")
    given = [text.partition("=") for text in args.set]
    settings = {name: HYPERPARAMETERS[name].parse_without_range_check(value) for name, _, value in given}
    base = dataclasses.replace(registry.get_model_spec("improved_cnn").presets[args.preset], **settings)
    print(f"preset {args.preset} {' '.join(args.set)}: {base.epochs} epochs; target {args.target}% of validation")
    seconds_to_target, last = [], []
    for seed in range(args.seeds):
        start = time.perf_counter()
        epochs = []
        for result in create_trainer(dataclasses.replace(base, seed=seed), dataset).train_epochs():
            epochs.append(result)
            if 100 * result.val_accuracy >= args.target:
                break
        seconds = time.perf_counter() - start
        reached = 100 * epochs[-1].val_accuracy >= args.target
        print(
            f"seed {seed}: {epochs[-1].val_accuracy:.2%} after {len(epochs)} epochs and {seconds:.0f} s"
            f"{'' if reached else ' (target missed)'}{_speed(base, epochs)}",
            flush=True,
        )
        seconds_to_target.append(seconds if reached else float("inf"))
        last.append(epochs[-1].val_accuracy)
    spread = f" ± {100 * statistics.stdev(last):.2f}" if len(last) > 1 else ""
    print(
        f"median of {args.seeds}: {statistics.median(seconds_to_target):.0f} s; validation {np.mean(last):.2%}{spread}"
    )
    if args.tutorial:
        _tutorial(base, args.target, args.tutorial)


def _speed(base: TrainConfig, epochs: list[EpochResult]) -> str:
    """Images per second, and that as a fraction of the peak; only epochs at full resolution count."""
    full = [result.images_per_second for result in epochs if result.epoch > base.low_resolution_share * base.epochs]
    if not full:
        return ""
    speed = statistics.median(full)
    fraction, dtype = benchmark.fraction_of_matmul_peak(base, speed, 10)
    return f", {speed:,.0f} images a second, {fraction:.0%} of the {dtype} peak"


def _tutorial(base: TrainConfig, target: float, epochs: int) -> None:
    dataset = load_dataset()
    config = TrainConfig(base.model, epochs, batch_size=base.batch_size, pooling=base.pooling)
    classifier = registry.build_classifier(config, 10)
    assert isinstance(classifier, TorchClassifier)
    validation = dataset.split("validation")
    start = time.perf_counter()
    for epoch, speed in enumerate(
        benchmark.tutorial_loop_images_per_second(classifier, config, dataset.split("train")), 1
    ):
        right = (classifier.predict_proba(validation.images).argmax(axis=1) == validation.labels).mean()
        print(
            f"tutorials' loop: {right:.2%} after {epoch} epochs and {time.perf_counter() - start:.0f} s, "
            f"{speed:,.0f} images a second",
            flush=True,
        )
        if epoch == epochs or 100 * right >= target:
            return


if __name__ == "__main__":
    main()
