"""What is known of the speed of a run before it starts."""

import dataclasses
from typing import Any

import pytest

from fashion_core.config.train_config import TrainConfig
from fashion_core.runs import estimate
from fashion_core.runs.execute import machine_name, new_run_record
from fashion_core.runs.record import RunRecord
from fashion_core.training.probe import Probe
from tests.core.datasets import ToyDataset

CONFIG = TrainConfig("mlp", 4)


def finished(run_id: str, config: TrainConfig = CONFIG, **changes: Any) -> RunRecord:
    record = new_run_record(config, ToyDataset(), run_id=run_id)
    given = {"state": "finished", "seconds": 8.0, "hardware": f"{machine_name()}, cpu"} | changes
    return dataclasses.replace(record, **given)


def test_the_latest_run_alike_is_taken() -> None:
    other_rate = dataclasses.replace(CONFIG, learning_rate=0.5, epochs=2)
    records = [finished("old", created="2025-01-01T00:00:00+00:00", seconds=99.0), finished("new", other_rate)]
    assert estimate.estimate_epoch(CONFIG, ToyDataset(), records) == estimate.EpochEstimate(4.0, run_id="new")


@pytest.mark.parametrize(
    "run",
    [
        {"state": "cancelled"},
        {"seconds": 0.0},
        {"hardware": "m68k, 1 cores, cpu"},
        {"config": dataclasses.replace(CONFIG, batch_size=64)},
        {"config": dataclasses.replace(CONFIG, model="cnn")},
        {"data": dataclasses.replace(new_run_record(CONFIG, ToyDataset()).data, fingerprint="f" * 16)},
    ],
)
def test_a_run_that_was_another_thing_tells_nothing(run: dict[str, Any]) -> None:
    assert estimate.estimate_epoch(CONFIG, ToyDataset(), [finished("other", **run)]) is None
    elsewhere = estimate.estimate_epoch(CONFIG, ToyDataset(), [finished("other", **run)], anywhere=True)
    assert (elsewhere is not None) == ("hardware" in run)


def test_a_probe_is_kept_for_what_is_as_fast_alone() -> None:
    assert estimate.of_probe(CONFIG, ToyDataset()) is None
    estimate.keep(estimate.place(CONFIG, ToyDataset()), Probe(8, 0.5, 2.5))
    assert estimate.of_probe(dataclasses.replace(CONFIG, epochs=9), ToyDataset()) == estimate.EpochEstimate(
        2.5, count=8, seconds=0.5
    )
    assert estimate.of_probe(dataclasses.replace(CONFIG, batch_size=9), ToyDataset()) is None


@pytest.mark.parametrize("content", ["", "[]", '{"count": 8}', '{"count": "x", "seconds": 1, "epoch": 1}', "\udcff"])
def test_a_damaged_probe_is_none(content: str) -> None:
    path = estimate.place(CONFIG, ToyDataset())
    path.parent.mkdir(parents=True)
    path.write_bytes(content.encode(errors="surrogateescape"))
    assert estimate.of_probe(CONFIG, ToyDataset()) is None
