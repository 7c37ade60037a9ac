"""Which newer run followed a suggestion."""

import dataclasses
from pathlib import Path

import pytest

from fashion_core.config.train_config import TrainConfig
from fashion_core.runs.execute import new_run_record
from fashion_core.runs.followed_advice import find_followed_advice
from fashion_core.runs.record import RunRecord
from fashion_core.runs.store import RunEntry
from tests.core.datasets import ToyDataset

OLD = dataclasses.replace(
    new_run_record(TrainConfig("mlp", 5), ToyDataset(), run_id="old"),
    state="finished",
    created="2026-01-01T00:00:00+00:00",
)
MORE_PICTURES = dataclasses.replace(OLD.data, n_train=OLD.data.n_train + 90, fingerprint="1" * 16)
FEWER_CLASSES = dataclasses.replace(OLD.data, classes=OLD.data.classes[:-1], fingerprint="2" * 16)


def entry(day: int = 1, **fields: object) -> RunEntry:
    created = f"2026-01-{day:02d}T00:00:00+00:00"
    record: RunRecord = dataclasses.replace(OLD, id=f"run-{day}", created=created, **fields)  # type: ignore[arg-type]
    return RunEntry(record.id, Path(record.id), "mine", record)


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"config": TrainConfig("mlp", 20)}, "train"),
        ({"config": TrainConfig("mlp", 5, passes_per_epoch=3)}, "train"),
        ({"data": MORE_PICTURES}, "collect"),
        ({"data": FEWER_CLASSES}, "merge"),
    ],
)
def test_a_newer_run_followed_what_it_changed(fields: dict[str, object], kind: str) -> None:
    followed = find_followed_advice(entry(), [entry(), entry(2, **fields)])
    assert followed is not None
    assert (followed[0], followed[1].id) == (kind, "run-2")


@pytest.mark.parametrize(
    "fields",
    [
        {"config": TrainConfig("cnn", 20)},
        {"config": TrainConfig("mlp", 5, seed=4)},
        {"config": TrainConfig("mlp", 2)},
        {"data": dataclasses.replace(MORE_PICTURES, name="another")},
        {"data": MORE_PICTURES, "state": "running"},
    ],
)
def test_other_runs_did_not(fields: dict[str, object]) -> None:
    assert find_followed_advice(entry(), [entry(2, **fields)]) is None


def test_the_newest_counts_and_an_older_one_never() -> None:
    runs = [entry(day, config=TrainConfig("mlp", 20)) for day in (2, 9, 4)]
    followed = find_followed_advice(entry(3), runs)
    assert followed is not None
    assert followed[1].id == "run-9"
    assert find_followed_advice(entry(10), runs) is None
