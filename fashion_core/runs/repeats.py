"""Repeats of the same settings on several seeds."""

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from fashion_core.runs.record import RunRecord


@dataclass(frozen=True)
class RepeatedRuns:
    """Runs of the same settings on several seeds. Figures are test shares: mean and standard deviation (n - 1)."""

    title: str
    records: tuple[RunRecord, ...]

    def mean_and_deviation(self, name: str) -> tuple[float, float]:
        """Mean and standard deviation of one of ``RunRecord.metrics`` over the seeds."""
        values = np.array([record.metrics[name] for record in self.records])
        return float(values.mean()), float(values.std(ddof=1)) if len(values) > 1 else 0.0


def group_repeated_runs(
    records: Iterable[RunRecord], titles: dict[str, str], *, at_least: int = 2
) -> list[RepeatedRuns]:
    """Finished runs grouped by model, settings but for the seed, and data; groups of ``at_least`` different seeds.

    ``titles``: names of the models by registry name. Of several runs on one seed the latest counts.
    """
    groups: dict[tuple[object, ...], dict[int, RunRecord]] = {}
    for record in sorted(records, key=lambda record: record.created):
        if record.state == "finished":
            alike = dataclasses.replace(record.config, seed=0)
            groups.setdefault((alike, record.data.fingerprint), {})[record.config.seed] = record
    return [
        RepeatedRuns(_title(list(group.values()), titles), tuple(group[seed] for seed in sorted(group)))
        for group in groups.values()
        if len(group) >= at_least
    ]


def _title(records: Sequence[RunRecord], titles: dict[str, str]) -> str:
    config = records[0].config
    relu = " with output ReLU" if config.output_activation == "relu" else ""
    return f"{titles[config.model]}{relu}, {config.epochs} {'restarts' if config.model == 'kmeans' else 'epochs'}"
