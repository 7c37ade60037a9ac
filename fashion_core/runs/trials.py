"""What the runs of a sweep show: the settings that came out best on validation, and how much each of them matters."""

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from fashion_core.analysis import metrics
from fashion_core.config import sweep
from fashion_core.config.train_config import TrainConfig
from fashion_core.runs.record import RunRecord

VALIDATION_COLUMN = "validation"
MAX_VALUES_AVERAGED_PER_SETTING = 8  # a setting with more different values is not averaged by value


@dataclass(frozen=True)
class Trial:
    """One run of a sweep. ``validation_accuracy`` is that of the epoch whose weights are kept, None before the first
    epoch; ``phase`` is the run's, as the queue has it."""

    record: RunRecord
    phase: str
    validation_accuracy: float | None

    @property
    def is_finished(self) -> bool:
        """Whether it has trained to its end, so that it can be compared."""
        return self.phase == "finished" and self.validation_accuracy is not None


@dataclass(frozen=True)
class TrialGroup:
    """The finished trials of the same settings on different seeds, and their validation accuracies."""

    config: TrainConfig
    validation_accuracies: tuple[float, ...]

    @property
    def mean_accuracy(self) -> float:
        """Mean over the seeds."""
        return float(np.mean(self.validation_accuracies))


def make_trial(record: RunRecord, phase: str, epochs: pd.DataFrame) -> Trial:
    """A run of a sweep from its ``epochs`` so far, with the columns of ``EpochResult``."""
    if epochs.empty:
        return Trial(record, phase, None)
    accuracy = epochs.set_index("epoch")["val_accuracy"].get(record.find_kept_epoch(epochs))
    return Trial(record, phase, None if accuracy is None else float(accuracy))


def list_sweep_tags(records: Iterable[RunRecord]) -> list[str]:
    """The tags of the sweeps among the records, in their order."""
    return list(dict.fromkeys(record.tag for record in records if record.tag.startswith(sweep.SWEEP_TAG_PREFIX)))


def find_varied_fields(records: Sequence[RunRecord]) -> tuple[str, ...]:
    """The settings that differ among the runs; the seed only where nothing else does."""
    names = [field.name for field in dataclasses.fields(TrainConfig)]
    differ = [name for name in names if len({getattr(record.config, name) for record in records}) > 1]
    return tuple(name for name in differ if name != "seed") or tuple(differ)


def group_trials(trials: Iterable[Trial], varied: Sequence[str]) -> list[TrialGroup]:
    """The finished trials by their settings, best first; if the seed is varied, each seed is a group of its own."""
    by_config: dict[TrainConfig, list[float]] = {}
    for each in trials:
        if each.is_finished and each.validation_accuracy is not None:
            config = each.record.config if "seed" in varied else dataclasses.replace(each.record.config, seed=0)
            by_config.setdefault(config, []).append(each.validation_accuracy)
    groups = [TrialGroup(config, tuple(values)) for config, values in by_config.items()]
    return sorted(groups, key=lambda group: -group.mean_accuracy)


@dataclass(frozen=True)
class SettingsComparison:
    """The best settings of a sweep among others, on ``n`` validation images.

    ``interval``: Wilson's 95 % interval of the best accuracy; ``n_within`` of the ``n_others`` reach it.
    """

    best: TrialGroup
    worst: TrialGroup
    n: int
    interval: tuple[float, float]
    n_within: int
    n_others: int


def compare_settings(groups: Sequence[TrialGroup], n_validation_images: int) -> SettingsComparison | None:
    """The best of ``groups``, which come best first, on ``n`` images; None if there are fewer than two."""
    if len(groups) < 2:
        return None
    best, others = groups[0], groups[1:]
    interval = metrics.wilson_interval(round(best.mean_accuracy * n_validation_images), n_validation_images)
    n_within = sum(group.mean_accuracy >= interval[0] for group in others)
    return SettingsComparison(best, others[-1], n_validation_images, interval, n_within, len(others))


@dataclass(frozen=True)
class SettingEffect:
    """How far the mean accuracy moves between two values of the setting ``field``: (value, mean accuracy) of both."""

    field: str
    worst: tuple[Any, float]
    best: tuple[Any, float]


def find_strongest_effect(groups: Sequence[TrialGroup], varied: Sequence[str]) -> SettingEffect | None:
    """The setting that moves the mean accuracy most; None unless several are varied, each with few values."""
    means = {field: _mean_accuracies(groups, field) for field in varied}
    comparable = all(2 <= len(values) <= MAX_VALUES_AVERAGED_PER_SETTING for values in means.values())
    if len(varied) < 2 or len(groups) < 4 or not comparable:
        return None
    effects = []
    for field, values in means.items():
        ranked = sorted(values.items(), key=lambda item: item[1])
        effects.append(SettingEffect(field, ranked[0], ranked[-1]))
    return max(effects, key=lambda effect: effect.best[1] - effect.worst[1])


def _mean_accuracies(groups: Sequence[TrialGroup], field: str) -> dict[Any, float]:
    by_value: dict[Any, list[float]] = {}
    for group in groups:
        by_value.setdefault(getattr(group.config, field), []).append(group.mean_accuracy)
    return {value: float(np.mean(values)) for value, values in by_value.items()}


def trials_to_frame(trials: Iterable[Trial], varied: Sequence[str]) -> pd.DataFrame:
    """A row per run: ``run``, ``state``, the ``varied`` settings, ``seed``, and ``validation`` accuracy or missing."""
    rows = []
    for each in trials:
        values = {name: getattr(each.record.config, name) for name in dict.fromkeys([*varied, "seed"])}
        rows.append({"run": each.record.id, "state": each.phase, **values, VALIDATION_COLUMN: each.validation_accuracy})
    return pd.DataFrame(rows).astype({VALIDATION_COLUMN: float})
