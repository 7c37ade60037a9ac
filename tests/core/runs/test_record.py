import dataclasses

import pandas as pd
import pytest

from fashion_core.config.train_config import TrainConfig
from fashion_core.runs.execute import new_run_record
from fashion_core.runs.record import RunRecord
from tests.core.datasets import ToyDataset

EPOCHS = pd.DataFrame({"epoch": [1, 2, 3, 4], "val_accuracy": [0.5, 0.7, 0.7, 0.6], "train_loss": [4, 3, 3, 5]})


def unfinished(model: str, *, one_cycle: bool = True) -> RunRecord:
    return new_run_record(TrainConfig(model, 4, one_cycle=one_cycle), ToyDataset())


@pytest.mark.parametrize(
    ("record", "kept"),
    [
        pytest.param(unfinished("mlp"), 4, id="last, of the one-cycle schedule"),
        pytest.param(unfinished("mlp", one_cycle=False), 3, id="last of the best on validation"),
        pytest.param(unfinished("kmeans"), 2, id="restart with the lowest loss"),
    ],
)
def test_the_epoch_that_is_kept(record: RunRecord, kept: int) -> None:
    assert record.find_kept_epoch(EPOCHS) == kept
    assert record.find_kept_epoch(EPOCHS[:0]) == 0


def test_a_finished_run_of_an_earlier_version_kept_the_best_epoch() -> None:
    record = dataclasses.replace(unfinished("mlp"), best_epoch=3)
    assert record.find_kept_epoch(EPOCHS) == 3
