"""Repeats of the same settings on several seeds."""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from fashion_core.runs.record import RunRecord


@dataclass(frozen=True)
class RepeatedRuns:
    """Runs of the same settings on several seeds, one run per seed."""

    records: tuple[RunRecord, ...]

    def mean_and_deviation(self, name: str) -> tuple[float, float]:
        """Mean and standard deviation (n - 1) of one of ``RunRecord.metrics`` over the seeds."""
        values = np.array([record.metrics[name] for record in self.records])
        return float(values.mean()), float(values.std(ddof=1)) if len(values) > 1 else 0.0


def group_repeated_runs(records: Iterable[RunRecord], *, min_seeds: int = 2) -> list[RepeatedRuns]:
    """Finished runs grouped by model, settings but for the seed, and data; groups of ``min_seeds`` different seeds.

    Of several runs on one seed the latest counts.
    """
    groups: dict[tuple[object, ...], dict[int, RunRecord]] = {}
    for record in sorted(records, key=lambda record: record.created):
        if record.state == "finished":
            settings = dataclasses.replace(record.config, seed=0)
            groups.setdefault((settings, record.data.fingerprint), {})[record.config.seed] = record
    return [
        RepeatedRuns(tuple(group[seed] for seed in sorted(group)))
        for group in groups.values()
        if len(group) >= min_seeds
    ]
