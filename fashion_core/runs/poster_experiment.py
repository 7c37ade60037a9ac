"""The poster's failure as an experiment: its MLP and CNN, with and without a ReLU on the outputs, on several seeds."""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fashion_core.analysis import history
from fashion_core.config.train_config import OutputActivation, TrainConfig
from fashion_core.data.poster import POSTER_PRECISION_RECALL_PERCENT
from fashion_core.models import registry
from fashion_core.runs.record import RunRecord

EXPERIMENT_MODELS = ("mlp", "cnn")
OUTPUT_ACTIVATIONS: tuple[OutputActivation, ...] = ("none", "relu")
EXPERIMENT_SEEDS = 5
EXPERIMENT_TAG_PREFIX = "poster-"  # of the tag that the runs of an experiment share
DEMO_TAG_PREFIX = "watch-"  # of the tag of the two runs of ``make_demo_configs``
DEMO_SEED, DEMO_EPOCHS = 5, 3  # on Fashion-MNIST a unit is dead after the first epoch, and another after the second


def make_demo_configs() -> list[TrainConfig]:
    """A network of the poster without its fault and then, for comparison, the one that fails."""
    return [
        dataclasses.replace(
            registry.MODELS["mlp"].presets["poster"], epochs=DEMO_EPOCHS, seed=DEMO_SEED, output_activation=output
        )
        for output in OUTPUT_ACTIVATIONS
    ]


def make_experiment_configs(epochs: int) -> list[TrainConfig]:
    """The runs of one experiment, seed by seed, so that all four arms have results early."""
    return [
        dataclasses.replace(
            registry.MODELS[model].presets["poster"], epochs=epochs, seed=seed, output_activation=output
        )
        for seed in range(EXPERIMENT_SEEDS)
        for model in EXPERIMENT_MODELS
        for output in OUTPUT_ACTIVATIONS
    ]


@dataclass(frozen=True)
class SeedOutcome:
    """One run: macro ``precision`` and ``recall`` on test and the classes that it never predicts, None until it is
    finished. ``dead_since``: by class, the epoch since which its output unit is 0 for every validation image."""

    seed: int
    precision: float | None
    recall: float | None
    lost_classes: tuple[int, ...] | None
    dead_since: dict[int, int]


@dataclass(frozen=True)
class ExperimentArm:
    """One network with one output activation on all seeds. ``poster``: the poster's precision and recall, percent."""

    model: str
    output: OutputActivation
    poster: tuple[int, int]
    outcomes: tuple[SeedOutcome, ...]

    @property
    def finished_outcomes(self) -> tuple[SeedOutcome, ...]:
        """The outcomes that are known."""
        return tuple(outcome for outcome in self.outcomes if outcome.lost_classes is not None)

    def mean_and_deviation(self, figure: str) -> tuple[float, float]:
        """Mean and standard deviation (n - 1) over the finished seeds of ``precision`` or ``recall``, as shares."""
        values = np.array([getattr(outcome, figure) for outcome in self.finished_outcomes])
        return float(values.mean()), float(values.std(ddof=1)) if len(values) > 1 else 0.0


def group_into_arms(runs: Iterable[tuple[RunRecord, pd.DataFrame]]) -> list[ExperimentArm]:
    """The four arms of one experiment, from its runs' records and epochs (the columns of ``EpochResult``)."""
    by_arm: dict[tuple[str, str], list[SeedOutcome]] = {}
    for record, epochs in sorted(runs, key=lambda run: run[0].config.seed):
        known = record.state == "finished"
        outcome = SeedOutcome(
            record.config.seed,
            record.metrics["macro_precision"] if known else None,
            record.metrics["macro_recall"] if known else None,
            record.never_predicted if known else None,
            history.find_death_epoch_by_unit(epochs),
        )
        by_arm.setdefault((record.model, record.config.output_activation), []).append(outcome)
    return [
        ExperimentArm(model, output, POSTER_PRECISION_RECALL_PERCENT[model], tuple(by_arm.get((model, output), ())))
        for model in EXPERIMENT_MODELS
        for output in OUTPUT_ACTIVATIONS
    ]


def count_runs_losing_a_class(arms: Iterable[ExperimentArm], output: OutputActivation) -> tuple[int, int]:
    """Of the finished runs with this output activation, how many never predict some class, and how many there are."""
    outcomes = [outcome for arm in arms if arm.output == output for outcome in arm.finished_outcomes]
    return sum(bool(outcome.lost_classes) for outcome in outcomes), len(outcomes)
