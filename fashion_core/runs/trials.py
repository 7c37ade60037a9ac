"""What the runs of a sweep show: the settings that came out best on validation, and how much each of them matters."""

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fashion_core.analysis import history, metrics
from fashion_core.config import sweep
from fashion_core.config.train_config import TrainConfig
from fashion_core.runs.record import RunRecord

VALIDATION_COLUMN = "validation"  # the column of the figure that is compared
MAX_AVERAGED_VALUES = 8  # different values of a setting up to which its runs are averaged value by value


@dataclass(frozen=True)
class Trial:
    """One run of a sweep. ``validation``: accuracy of the epoch whose weights are kept, as a share; None before the
    first epoch. ``phase`` as the queue tells it."""

    record: RunRecord
    phase: str
    validation_accuracy: float | None

    @property
    def is_finished(self) -> bool:
        """Whether it has trained to its end, so that it can be compared."""
        return self.phase == "finished" and self.validation_accuracy is not None


@dataclass(frozen=True)
class TrialGroup:
    """The finished trials of the same settings but for the seed, and their ``validation`` accuracies as shares."""

    config: TrainConfig
    validation_accuracies: tuple[float, ...]

    @property
    def mean_accuracy(self) -> float:
        """Mean over the seeds."""
        return float(np.mean(self.validation_accuracies))


def make_trial(record: RunRecord, phase: str, epochs: pd.DataFrame) -> Trial:
    """A run of a sweep with its ``epochs`` until now, the columns of ``EpochResult``."""
    best = history.find_best_epoch(record.model, epochs)
    return Trial(record, phase, float(epochs.set_index("epoch")["val_accuracy"][best]) if best else None)


def list_sweep_tags(records: Iterable[RunRecord]) -> list[str]:
    """The tags of the sweeps among the records, in their order."""
    return list(dict.fromkeys(record.tag for record in records if record.tag.startswith(sweep.SWEEP_TAG_PREFIX)))


def find_varied_fields(records: Sequence[RunRecord]) -> tuple[str, ...]:
    """The settings that differ among the runs; the seed only where nothing else does."""
    names = [field.name for field in dataclasses.fields(TrainConfig)]
    differ = [name for name in names if len({getattr(record.config, name) for record in records}) > 1]
    return tuple(name for name in differ if name != "seed") or tuple(differ)


def group_trials(trials: Iterable[Trial], varied: Sequence[str]) -> list[TrialGroup]:
    """The finished trials by their settings, best first; each seed its own point where the seed is what varies."""
    by_config: dict[TrainConfig, list[float]] = {}
    for each in trials:
        if each.is_finished and each.validation_accuracy is not None:
            config = each.record.config if "seed" in varied else dataclasses.replace(each.record.config, seed=0)
            by_config.setdefault(config, []).append(each.validation_accuracy)
    found = [TrialGroup(config, tuple(values)) for config, values in by_config.items()]
    return sorted(found, key=lambda point: -point.mean_accuracy)


def describe_best_settings(found: Sequence[TrialGroup], varied: Sequence[str], n: int) -> str:
    """What the points say, best first, on ``n`` validation images; empty while fewer than two are known."""
    if len(found) < 2:
        return ""
    best, others = found[0], found[1:]
    low, high = metrics.wilson_interval(round(best.mean_accuracy * n), n)
    near = sum(point.mean_accuracy >= low for point in others)
    seeds = f", mean of {len(best.validation_accuracies)} seeds" if len(best.validation_accuracies) > 1 else ""
    count = (
        f"{near} of the other {len(others)} {'is' if near == 1 else 'are'}"
        if len(others) > 1
        else ("the other is" if near else "the other is not")
    )
    return (
        f"Best on validation: {sweep.format_settings(best.config, varied)}, with {best.mean_accuracy:.1%} of n = {n:,}{seeds}. "
        f"The spread over the sweep is {100 * (best.mean_accuracy - found[-1].mean_accuracy):.1f} points, down to {found[-1].mean_accuracy:.1%}; "
        f"{count} within the best one's 95% interval, {low:.1%} to {high:.1%}."
    )


def describe_strongest_effect(found: Sequence[TrialGroup], varied: Sequence[str]) -> str:
    """Which setting moves the mean accuracy most, where each has few values and several are varied; else empty."""
    means = {field: _means(found, field) for field in varied}
    if (
        len(varied) < 2
        or len(found) < 4
        or any(not 2 <= len(values) <= MAX_AVERAGED_VALUES for values in means.values())
    ):
        return ""
    ranges = {field: max(values.values()) - min(values.values()) for field, values in means.items()}
    field = max(ranges, key=lambda name: ranges[name])
    worst, best = (pick(means[field], key=lambda value: means[field][value]) for pick in (min, max))
    return (
        f"{sweep.hyperparameter_label(field)} moves the mean most: {means[field][worst]:.1%} with {sweep.format_setting_value(worst)}, "
        f"{means[field][best]:.1%} with {sweep.format_setting_value(best)}."
    )


def _means(found: Sequence[TrialGroup], field: str) -> dict[object, float]:
    by_value: dict[object, list[float]] = {}
    for point in found:
        by_value.setdefault(getattr(point.config, field), []).append(point.mean_accuracy)
    return {value: float(np.mean(values)) for value, values in by_value.items()}


def trials_to_frame(trials: Iterable[Trial], varied: Sequence[str]) -> pd.DataFrame:
    """A row a run: ``run``, ``state``, the ``varied`` settings, ``seed``, and ``validation`` as a share or missing."""
    rows = []
    for each in trials:
        values = {name: getattr(each.record.config, name) for name in dict.fromkeys([*varied, "seed"])}
        rows.append({"run": each.record.id, "state": each.phase, **values, VALIDATION_COLUMN: each.validation_accuracy})
    return pd.DataFrame(rows).astype({VALIDATION_COLUMN: float})
