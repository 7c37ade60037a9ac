"""What a run says while it goes on."""

from pathlib import Path

import pandas as pd
import pytest

from fashion_core.config.train_config import TrainConfig
from fashion_core.runs.execute import new_run_record
from fashion_core.runs.queue import RunProgress
from fashion_core.runs.store import RunEntry
from fashion_core.wording.run_phases import describe_epochs_done
from tests.core.datasets import ToyDataset


@pytest.mark.parametrize(
    ("model", "words"),
    [("mlp", "0 of 2 epochs done, step 30 of 90"), ("pretrained", "Features of 30 of 90 pictures computed")],
)
def test_progress_counts_what_the_model_works_through(model: str, words: str) -> None:
    record = new_run_record(TrainConfig(model, 2 if model == "mlp" else 1), ToyDataset())
    entry = RunEntry("run", Path("run"), "mine", record)
    assert describe_epochs_done(entry, RunProgress("running", 1 / 3, None, pd.DataFrame(), 30, 90)) == words
