"""The command that trains the recognition networks."""

import dataclasses

import numpy as np
import pytest

from fashion_core.config.train_config import TrainConfig
from fashion_core.data import load_dataset
from fashion_core.errors import ConfigError, RunError
from fashion_core.recognition import train
from fashion_core.recognition.train import recognition_config, train_network
from fashion_core.runs.execute import new_run_record
from fashion_core.runs.store import RunStore
from fashion_core.runs.summary import RECOGNITION_RUN_IDS
from fashion_core.training.extra_pictures import ExtraPictures


def test_a_run_with_other_pictures_is_not_taken_for_the_same(tmp_path) -> None:
    store = RunStore(tmp_path)
    config = recognition_config(0, "some-pictures")
    store.create_run(new_run_record(config, load_dataset(), run_id="recognition-9"))
    with pytest.raises(RunError, match="other settings or pictures"):
        train_network("recognition-9", dataclasses.replace(config, pictures="other-pictures"), store)


def test_new_networks_are_trained_under_the_names_of_the_shipped_ones(tmp_path, monkeypatch) -> None:
    pictures = ExtraPictures(np.zeros((2, 28, 28), np.uint8), np.zeros(2, np.int64), np.ones(2))
    monkeypatch.setattr(train, "prepare_training_pictures", lambda *args: pictures)
    monkeypatch.setattr(
        train,
        "train_and_score_run",
        lambda entry, *args, **kwargs: dataclasses.replace(entry.record, metrics={"accuracy": 0.5}),
    )
    monkeypatch.setattr("sys.argv", ["train", "photographs", "strokes", "--runs", str(tmp_path / "runs")])
    train.main()
    assert {path.name for path in (tmp_path / "runs").iterdir()} == set(RECOGNITION_RUN_IDS)


@pytest.mark.parametrize(("fraction", "message"), [("2", "between 0 and 1"), ("0", "between 0"), ("0.2", "who took")])
def test_people_who_cannot_be_held_out_are_an_error(tmp_path, monkeypatch, capsys, fraction: str, message: str) -> None:
    monkeypatch.setattr("sys.argv", ["train", str(tmp_path), "strokes", "--hold-out", fraction])
    with pytest.raises(SystemExit):
        train.main()
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("name", ["../elsewhere", "a/b", "x" * 81])
def test_pictures_are_named_without_a_path(name: str) -> None:
    with pytest.raises(ConfigError, match="pictures cannot be"):
        recognition_config(0, name)


def test_networks_of_some_people_only_are_not_shipped(tmp_path, monkeypatch, capsys) -> None:
    arguments = [str(tmp_path), "strokes", "--hold-out", "0.2", "--ship", str(tmp_path)]
    monkeypatch.setattr("sys.argv", ["train", *arguments])
    with pytest.raises(SystemExit):
        train.main()
    assert "leave out --hold-out or --ship" in capsys.readouterr().err


def test_networks_that_started_from_an_earlier_improved_cnn_are_refused_before_anything_is_shipped(
    tmp_path, monkeypatch
) -> None:
    store, data = RunStore(tmp_path, zoo=tmp_path / "none"), load_dataset()
    for run_id in (RECOGNITION_RUN_IDS[0], "best-0"):
        store.create_run(new_run_record(TrainConfig("improved_cnn", 1), data, run_id=run_id))
    shipped: list[object] = []
    monkeypatch.setattr(train, "ship_run", lambda *args: shipped.append(args))
    arguments = ["photographs", "strokes", "--runs", str(tmp_path), "--improved-cnn", "best-0", "--ship", "folder"]
    monkeypatch.setattr("sys.argv", ["train", *arguments])
    with pytest.raises(RunError, match="did not start from best-0"):
        train.main()
    assert shipped == []


def test_an_improved_cnn_is_shipped_with_all_that_is_made_from_it_or_not_at_all(monkeypatch, capsys) -> None:
    monkeypatch.setattr("sys.argv", ["train", "photographs", "strokes", "--improved-cnn", "best-0"])
    with pytest.raises(SystemExit):
        train.main()
    assert "needs --ship" in capsys.readouterr().err
