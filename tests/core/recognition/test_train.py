"""The command that trains the recognition networks."""

import dataclasses

import pytest

from fashion_core.data import load_dataset
from fashion_core.errors import ConfigError, RunError
from fashion_core.recognition.train import recognition_config, train_network
from fashion_core.runs.execute import new_run_record
from fashion_core.runs.store import RunStore


def test_a_run_with_other_pictures_is_not_taken_for_the_same(tmp_path) -> None:
    store = RunStore(tmp_path)
    config = recognition_config(0, "some-pictures")
    store.create_run(new_run_record(config, load_dataset(), run_id="recognition-9"))
    with pytest.raises(RunError, match="other settings or pictures"):
        train_network("recognition-9", dataclasses.replace(config, pictures="other-pictures"), store)


@pytest.mark.parametrize("name", ["../elsewhere", "a/b", "x" * 81])
def test_pictures_are_named_without_a_path(name: str) -> None:
    with pytest.raises(ConfigError, match="pictures cannot be"):
        recognition_config(0, name)
