"""The poster's failure as an experiment: its MLP and CNN, with and without a ReLU on the outputs, on several seeds."""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fashion_core.analysis import history
from fashion_core.config.train_config import OutputActivation, TrainConfig
from fashion_core.data.labels import NAMES
from fashion_core.data.poster import REPORTED
from fashion_core.models import registry
from fashion_core.runs.record import RunRecord

MODELS = ("mlp", "cnn")
OUTPUTS: tuple[OutputActivation, ...] = ("none", "relu")
SEEDS = 5
TAG = "poster-"  # what the tags of these runs begin with


def configs(epochs: int) -> list[TrainConfig]:
    """The runs of one experiment, seed by seed, so that the first figures of all four come early."""
    return [
        dataclasses.replace(
            registry.MODELS[model].presets["poster"], epochs=epochs, seed=seed, output_activation=output
        )
        for seed in range(SEEDS)
        for model in MODELS
        for output in OUTPUTS
    ]


@dataclass(frozen=True)
class Outcome:
    """One run: macro ``precision`` and ``recall`` on test and the classes it never predicts, None until it is
    finished; ``deaths``: the epoch since when an output unit is 0 for every validation image, by class."""

    seed: int
    precision: float | None
    recall: float | None
    lost: tuple[int, ...] | None
    deaths: dict[int, int]


@dataclass(frozen=True)
class Arm:
    """One network with one kind of output over the seeds. ``poster``: the poster's precision and recall, percent."""

    model: str
    output: OutputActivation
    poster: tuple[int, int]
    outcomes: tuple[Outcome, ...]

    @property
    def title(self) -> str:
        """Network and output in words."""
        output = "ReLU on the outputs" if self.output == "relu" else "no output activation"
        return f"{registry.spec(self.model).title}, {output}"

    @property
    def finished(self) -> tuple[Outcome, ...]:
        """The outcomes that are known."""
        return tuple(outcome for outcome in self.outcomes if outcome.lost is not None)

    def mean_and_deviation(self, figure: str) -> tuple[float, float]:
        """Mean and standard deviation (n - 1) over the finished seeds of ``precision`` or ``recall``, as shares."""
        values = np.array([getattr(outcome, figure) for outcome in self.finished])
        return float(values.mean()), float(values.std(ddof=1)) if len(values) > 1 else 0.0


def arms(runs: Iterable[tuple[RunRecord, pd.DataFrame]]) -> list[Arm]:
    """The four arms of one experiment, from its runs' records and epochs (the columns of ``EpochResult``)."""
    by_arm: dict[tuple[str, str], list[Outcome]] = {}
    for record, epochs in sorted(runs, key=lambda run: run[0].config.seed):
        known = record.state == "finished"
        outcome = Outcome(
            record.config.seed,
            record.metrics["macro_precision"] if known else None,
            record.metrics["macro_recall"] if known else None,
            record.never_predicted if known else None,
            history.deaths(epochs),
        )
        by_arm.setdefault((record.model, record.config.output_activation), []).append(outcome)
    return [
        Arm(model, output, REPORTED[model], tuple(by_arm.get((model, output), ())))
        for model in MODELS
        for output in OUTPUTS
    ]


def finding(found: list[Arm]) -> str:
    """What the finished runs say, in a sentence; empty while one kind of output is without any."""
    counts = {}
    for output in OUTPUTS:
        outcomes = [outcome for arm in found if arm.output == output for outcome in arm.finished]
        if not outcomes:
            return ""
        counts[output] = sum(bool(outcome.lost) for outcome in outcomes), len(outcomes)
    (sound, n_sound), (relu, n_relu) = counts["none"], counts["relu"]
    return f"With a ReLU on the outputs {relu} of {n_relu} runs lose a class; without it, {sound} of {n_sound}."


def told(outcome: Outcome) -> str:
    """The classes that a run lost, each with the epoch since when its unit is dead, as far as known."""
    classes = sorted({*(outcome.lost or ()), *outcome.deaths})
    return ", ".join(f"{NAMES[c]} (epoch {outcome.deaths[c]})" if c in outcome.deaths else NAMES[c] for c in classes)
