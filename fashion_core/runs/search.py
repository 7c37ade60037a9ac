"""What the runs of a sweep show: the settings that came out best on validation, and how much each of them matters."""

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fashion_core.analysis import history, metrics
from fashion_core.config import sweep as search
from fashion_core.config.train_config import TrainConfig
from fashion_core.runs.record import RunRecord

VALIDATION = "validation"  # the column of the figure that is compared
FEW = 8  # different values of a setting up to which its runs are averaged value by value


@dataclass(frozen=True)
class Trial:
    """One run of a sweep. ``validation``: accuracy of the epoch whose weights are kept, as a share; None before the
    first epoch. ``phase`` as the queue tells it."""

    record: RunRecord
    phase: str
    validation: float | None

    @property
    def counts(self) -> bool:
        """Whether it has trained to its end, so that it can be compared."""
        return self.phase == "finished" and self.validation is not None


@dataclass(frozen=True)
class Point:
    """The finished trials of the same settings but for the seed, and their ``validation`` accuracies as shares."""

    config: TrainConfig
    validation: tuple[float, ...]

    @property
    def mean(self) -> float:
        """Mean over the seeds."""
        return float(np.mean(self.validation))


def trial(record: RunRecord, phase: str, epochs: pd.DataFrame) -> Trial:
    """A run of a sweep with its ``epochs`` until now, the columns of ``EpochResult``."""
    best = history.best_epoch(record.model, epochs)
    return Trial(record, phase, float(epochs.set_index("epoch")["val_accuracy"][best]) if best else None)


def tags(records: Iterable[RunRecord]) -> list[str]:
    """The tags of the sweeps among the records, in their order."""
    return list(dict.fromkeys(record.tag for record in records if record.tag.startswith(search.TAG)))


def fields(records: Sequence[RunRecord]) -> tuple[str, ...]:
    """The settings that differ among the runs; the seed only where nothing else does."""
    names = [field.name for field in dataclasses.fields(TrainConfig)]
    differ = [name for name in names if len({getattr(record.config, name) for record in records}) > 1]
    return tuple(name for name in differ if name != "seed") or tuple(differ)


def points(trials: Iterable[Trial], varied: Sequence[str]) -> list[Point]:
    """The finished trials by their settings, best first; each seed its own point where the seed is what varies."""
    by_config: dict[TrainConfig, list[float]] = {}
    for each in trials:
        if each.counts and each.validation is not None:
            config = each.record.config if "seed" in varied else dataclasses.replace(each.record.config, seed=0)
            by_config.setdefault(config, []).append(each.validation)
    found = [Point(config, tuple(values)) for config, values in by_config.items()]
    return sorted(found, key=lambda point: -point.mean)


def finding(found: Sequence[Point], varied: Sequence[str], n: int) -> str:
    """What the points say, best first, on ``n`` validation images; empty while fewer than two are known."""
    if len(found) < 2:
        return ""
    best, others = found[0], found[1:]
    low, high = metrics.wilson(round(best.mean * n), n)
    near = sum(point.mean >= low for point in others)
    seeds = f", mean of {len(best.validation)} seeds" if len(best.validation) > 1 else ""
    count = (
        f"{near} of the other {len(others)} {'is' if near == 1 else 'are'}"
        if len(others) > 1
        else ("the other is" if near else "the other is not")
    )
    return (
        f"Best on validation: {search.told(best.config, varied)}, with {best.mean:.1%} of n = {n:,}{seeds}. "
        f"The spread over the sweep is {100 * (best.mean - found[-1].mean):.1f} points, down to {found[-1].mean:.1%}; "
        f"{count} within the best one's 95% interval, {low:.1%} to {high:.1%}."
    )


def effect(found: Sequence[Point], varied: Sequence[str]) -> str:
    """Which setting moves the mean accuracy most, where each has few values and several are varied; else empty."""
    means = {field: _means(found, field) for field in varied}
    if len(varied) < 2 or len(found) < 4 or any(not 2 <= len(values) <= FEW for values in means.values()):
        return ""
    ranges = {field: max(values.values()) - min(values.values()) for field, values in means.items()}
    field = max(ranges, key=lambda name: ranges[name])
    worst, best = (pick(means[field], key=lambda value: means[field][value]) for pick in (min, max))
    return (
        f"{search.label(field)} moves the mean most: {means[field][worst]:.1%} with {search.shown(worst)}, "
        f"{means[field][best]:.1%} with {search.shown(best)}."
    )


def _means(found: Sequence[Point], field: str) -> dict[object, float]:
    by_value: dict[object, list[float]] = {}
    for point in found:
        by_value.setdefault(getattr(point.config, field), []).append(point.mean)
    return {value: float(np.mean(values)) for value, values in by_value.items()}


def frame(trials: Iterable[Trial], varied: Sequence[str]) -> pd.DataFrame:
    """A row a run: ``run``, ``state``, the ``varied`` settings, ``seed``, and ``validation`` as a share or missing."""
    rows = []
    for each in trials:
        values = {name: getattr(each.record.config, name) for name in dict.fromkeys([*varied, "seed"])}
        rows.append({"run": each.record.id, "state": each.phase, **values, VALIDATION: each.validation})
    return pd.DataFrame(rows).astype({VALIDATION: float})
