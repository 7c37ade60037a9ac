"""The part of a training that runs on a cluster's node, without the cluster."""

import dataclasses
import json
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import torch

from fashion_core.config.train_config import TrainConfig
from fashion_core.data.dataset import PartName
from fashion_core.data.sample_data import SampleDataset
from fashion_core.runs import checkpoint, worker
from fashion_core.runs.execute import new_run_record
from fashion_core.runs.node import NodeTraining, TransferredDataset
from fashion_core.runs.store import RunEntry, RunStore
from tests.core.datasets import ToyDataset
from tests.core.waiting import wait_until

CONFIG = TrainConfig("mlp", 3, batch_size=55, ema_decay=0.9)


@pytest.fixture
def entry(tmp_path: Path) -> RunEntry:
    return RunStore(tmp_path / "runs").create_run(new_run_record(CONFIG, ToyDataset(), run_id="mine"))


@contextmanager
def training(entry: RunEntry, checkpoint_bytes: bytes = b"") -> Iterator[NodeTraining]:
    files = {"mine/run.json": (entry.path / "run.json").read_bytes()}
    given = {
        "run": "mine",
        "files": files,
        "data": TransferredDataset.pack(ToyDataset()),
        "threads": torch.get_num_threads(),
    }
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        running = NodeTraining(Path(folder), given, checkpoint_bytes, "here")
        yield running
        running.stop()


def last_report(running: NodeTraining) -> dict[str, Any]:
    """Everything until the end."""
    report = running.collect_reports(60)
    assert "end" in report
    return report


def first_checkpoint(entry: RunEntry) -> bytes:
    """The file that a training leaves which ends after its first epoch."""

    def stop(result: object) -> None:
        raise KeyboardInterrupt

    worker.train_in_foreground(entry, ToyDataset(), on_epoch=stop)
    return checkpoint.read_checkpoint_bytes(entry.path)


def test_the_data_that_were_sent_are_the_data() -> None:
    one, other = SampleDataset(), TransferredDataset(TransferredDataset.pack(SampleDataset()))
    assert (other.fingerprint, other.source, other.title) == (one.fingerprint, one.source, one.title)
    for name in ("train", "validation", "test"):
        np.testing.assert_array_equal(other.split(name).images, one.split(name).images)
        np.testing.assert_array_equal(other.split(name).indices, one.split(name).indices)


def test_every_view_of_a_garment_is_sent() -> None:
    class TwoViews(ToyDataset):
        def views(self, part: PartName) -> np.ndarray:
            images = super().views(part)
            return np.concatenate([images, images[..., ::-1]], axis=1)

    for dataset in (TwoViews(12, 7), ToyDataset(12, 7)):
        sent = TransferredDataset(TransferredDataset.pack(dataset))
        for part in get_args(PartName):
            np.testing.assert_array_equal(sent.views(part), dataset.views(part))


def test_it_tells_what_a_run_on_this_machine_writes(entry: RunEntry, tmp_path: Path) -> None:
    local = RunStore(tmp_path / "local").create_run(new_run_record(CONFIG, ToyDataset(), run_id="mine"))
    record = worker.train_in_foreground(local, ToyDataset())  # sets the number of threads, which the other then has too
    with training(entry) as running:
        report = last_report(running)
    assert report["end"]["state"] == "finished"
    assert report["end"]["record"]["metrics"] == record.metrics
    assert report["record"] == {
        "hardware": record.hardware,
        "versions": record.versions,
        "n_parameters": record.n_parameters,
    }
    assert report["end"]["files"].keys() == {"weights.safetensors", "history.csv", "test.npz"}
    for name in ("weights.safetensors", "test.npz"):
        assert report["end"]["files"][name] == (local.path / name).read_bytes()
    assert [result.epoch for result in checkpoint.parse_checkpoint(report["checkpoint"]).epoch_results] == [1, 2, 3]


def test_it_goes_on_from_a_checkpoint(entry: RunEntry) -> None:
    with training(entry) as running:
        whole = last_report(running)["end"]["files"]["weights.safetensors"]
    content = first_checkpoint(entry)
    with training(entry, content) as running:
        report = last_report(running)
    assert report["end"]["files"]["weights.safetensors"] == whole
    old, new = (
        checkpoint.parse_checkpoint(content).epoch_results,
        checkpoint.parse_checkpoint(report["checkpoint"]).epoch_results,
    )
    assert new[: len(old)] == old


def test_a_diverging_training_sends_its_last_good_weights(entry: RunEntry) -> None:
    last = checkpoint.parse_checkpoint(first_checkpoint(entry))
    poisoned = {n: a * np.nan if n.endswith("exp_avg") else a for n, a in last.snapshot.arrays.items()}
    checkpoint.save_checkpoint(
        entry.path, dataclasses.replace(last, snapshot=dataclasses.replace(last.snapshot, arrays=poisoned))
    )
    with training(entry, checkpoint.read_checkpoint_bytes(entry.path)) as running:
        end = last_report(running)["end"]
    assert end["state"] == "diverged"
    assert "in epoch 2" in end["reason"]
    assert end["files"].keys() == {"weights.safetensors", "history.csv"}


def test_a_failure_is_a_sentence_and_an_unexpected_one_has_its_traceback(
    entry: RunEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    with training(entry, b"nothing") as running:
        end = last_report(running)["end"]
    assert (end["state"], "damaged" in end["reason"], "traceback" in end) == ("failed", True, False)

    def broken(*arguments: object) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr("fashion_core.runs.execute.score_on_test", broken)
    with training(entry) as running:
        end = last_report(running)["end"]
    assert (end["state"], "see its log" in end["reason"], "ZeroDivisionError" in end["traceback"]) == (
        "failed",
        True,
        True,
    )
    json.dumps({name: value for name, value in end.items() if name != "files"})  # plain values


def test_a_training_stops_at_its_next_step(entry: RunEntry) -> None:
    long = dataclasses.replace(entry.record, config=dataclasses.replace(CONFIG, epochs=1000))  # type: ignore[type-var]
    RunStore.save_record(entry.path, long)
    before = set(threading.enumerate())
    with training(entry) as running:
        wait_until(lambda: "step" in running.collect_reports(0.05))
        running.stop()
        assert set(threading.enumerate()) <= before
        assert "end" not in running.collect_reports(0)
