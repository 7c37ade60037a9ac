"""The poster's failure as an experiment: ``python -m benchmarks.poster_failure [--epochs 3] [--model cnn]``.

Trains the poster's MLP and CNN with and without a ReLU on the outputs on five seeds, as the button on the page Train
does, and prints the page's table: precision and recall on test (mean ± standard deviation over the seeds, percent),
classes lost by each seed, and the epochs in which output units died. Needs Fashion-MNIST.
"""

import argparse
import dataclasses
import tempfile
from pathlib import Path

import pandas as pd

from fashion_core.data import load_dataset
from fashion_core.runs import poster_experiment
from fashion_core.runs.execute import new_run_record, train_run
from fashion_core.runs.store import RunStore
from fashion_core.training.trainer import EpochResult
from fashion_core.wording import training as wording


def main() -> None:
    """Print a row for each network and kind of output, and the finding."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--model", choices=poster_experiment.EXPERIMENT_MODELS, action="append", help="both by default")
    args = parser.parse_args()
    dataset = load_dataset()
    if dataset.is_sample_data:
        raise SystemExit("Fashion-MNIST was not found. Set FASHION_MNIST_DIR, or run python -m fashion_core fetch.")
    models = args.model or poster_experiment.EXPERIMENT_MODELS
    with tempfile.TemporaryDirectory() as folder:
        store = RunStore(Path(folder))
        runs = []
        for config in poster_experiment.make_experiment_configs(args.epochs):
            if config.model in models:
                entry = store.create_run(new_run_record(config, dataset))
                epochs: list[EpochResult] = []
                record = train_run(entry, dataset, on_epoch=epochs.append)
                runs.append((record, pd.DataFrame([dataclasses.asdict(each) for each in epochs])))
        arms = [arm for arm in poster_experiment.group_into_arms(runs) if arm.model in models]
    print(f"{args.epochs} epochs, {poster_experiment.EXPERIMENT_SEEDS} seeds, test n = {runs[0][0].data.n_test:,}")
    for arm in arms:
        figures = []
        for name in ("precision", "recall"):
            mean, deviation = arm.mean_and_deviation(name)
            figures.append(f"{name} {100 * mean:.1f} ± {100 * deviation:.1f}")
        lost = ", ".join(str(len(outcome.lost_classes or ())) for outcome in arm.finished_outcomes)
        deaths = ", ".join(str(epoch) for outcome in arm.outcomes for epoch in sorted(outcome.dead_since.values()))
        print(
            f"{wording.format_arm(arm)} (poster {arm.poster[0]} / {arm.poster[1]}): {', '.join(figures)}; classes lost by seed "
            f"{lost}; units died in epoch {deaths or 'none'}"
        )
    print(wording.describe_experiment(arms))


if __name__ == "__main__":
    main()
