"""What past runs say about the time of an epoch."""

import dataclasses
from typing import Any

import pytest

from fashion_core.config.train_config import TrainConfig
from fashion_core.runs.estimate import EpochEstimate, estimate_epoch
from fashion_core.runs.execute import new_run_record, processor_model_and_core_count
from fashion_core.runs.record import RunRecord
from tests.core.datasets import ToyDataset

CONFIG = TrainConfig("mlp", 4)
FINGERPRINT = ToyDataset().fingerprint


def finished(run_id: str, config: TrainConfig = CONFIG, **changes: Any) -> RunRecord:
    record = new_run_record(config, ToyDataset(), run_id=run_id)
    given = {"state": "finished", "seconds": 8.0, "hardware": f"{processor_model_and_core_count()}, cpu"} | changes
    return dataclasses.replace(record, **given)


def test_the_latest_run_with_the_same_settings_is_taken() -> None:
    other_rate = dataclasses.replace(CONFIG, learning_rate=0.5)
    other_batches = dataclasses.replace(CONFIG, batch_size=64)
    records = [
        finished("old", created="2025-01-01T00:00:00+00:00", seconds=99.0),
        finished("new", other_rate),
        finished("other", other_batches),
    ]
    assert estimate_epoch(CONFIG, FINGERPRINT, records) == EpochEstimate(2.0, "new", same_settings=True)
    assert estimate_epoch(CONFIG, FINGERPRINT, records[2:]) == EpochEstimate(2.0, "other", same_settings=False)


def test_a_longer_run_says_more_than_a_later_one_of_few_epochs() -> None:
    longer = finished(
        "longer", dataclasses.replace(CONFIG, epochs=20), seconds=20.0, created="2025-01-01T00:00:00+00:00"
    )
    for first, second in ((longer, finished("short")), (finished("short"), longer)):
        assert estimate_epoch(CONFIG, FINGERPRINT, [first, second]) == EpochEstimate(1.0, "longer", same_settings=True)


@pytest.mark.parametrize(
    "run",
    [
        {"state": "cancelled"},
        {"seconds": 0.0},
        {"hardware": "m68k, 1 cores, cpu"},
        {"config": dataclasses.replace(CONFIG, model="cnn")},
        {"data": dataclasses.replace(new_run_record(CONFIG, ToyDataset()).data, fingerprint="f" * 16)},
    ],
)
def test_a_run_of_another_kind_says_nothing(run: dict[str, Any]) -> None:
    assert estimate_epoch(CONFIG, FINGERPRINT, [finished("other", **run)]) is None
    elsewhere = estimate_epoch(CONFIG, FINGERPRINT, [finished("other", **run)], any_machine=True)
    assert (elsewhere is not None) == ("hardware" in run)
