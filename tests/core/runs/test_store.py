"""Run folders, sound and spoilt. The tiny run of these tests is really trained."""

import dataclasses
import json
import pickle
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest

from fashion_core.config.train_config import TrainConfig
from fashion_core.errors import RunError, StorageError
from fashion_core.models.registry import build_classifier
from fashion_core.runs.execute import (
    load_start_weights,
    match_start_architecture,
    new_run_record,
    train_and_score_run,
)
from fashion_core.runs.history_file import HISTORY_COLUMNS
from fashion_core.runs.store import RunEntry, RunStore
from tests.core.datasets import ToyDataset


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of runs holding one, named tiny."""
    root = tmp_path_factory.mktemp("runs")
    dataset = ToyDataset()
    entry = RunStore(root).create_run(new_run_record(TrainConfig("mlp", 2, batch_size=44), dataset, run_id="tiny"))
    train_and_score_run(entry, dataset)
    return root


@pytest.fixture
def store(finished: Path, tmp_path: Path) -> RunStore:
    """A store whose runs may be spoilt, with an empty zoo."""
    shutil.copytree(finished, tmp_path / "runs")
    (tmp_path / "zoo").mkdir()
    return RunStore(tmp_path / "runs", zoo=tmp_path / "zoo")


def only(store: RunStore) -> RunEntry:
    (entry,) = store.entries()
    return entry


def test_a_finished_run_gives_back_what_was_trained(store: RunStore) -> None:
    entry = store.get("tiny")
    assert entry.record is not None
    assert entry.record.state == "finished"
    images, labels = ToyDataset().published_test_arrays
    predictions = store.load_predictions(entry)
    np.testing.assert_array_equal(predictions.labels, labels)
    np.testing.assert_allclose(predictions.probabilities, store.load_classifier(entry).predict_proba(images), atol=1e-3)
    accuracy = (predictions.probabilities.argmax(axis=1) == labels).mean()
    assert entry.record.metrics["accuracy"] == pytest.approx(accuracy)
    assert list(store.load_history(entry).columns) == HISTORY_COLUMNS
    assert len(store.load_history(entry)) == 2


def test_a_network_of_an_earlier_version_answers_and_can_be_started_from(tmp_path: Path) -> None:
    data, store = ToyDataset(), RunStore(tmp_path, zoo=tmp_path / "none")
    config = TrainConfig("improved_cnn", 1, batch_size=44, pooling="max")
    entry = store.create_run(new_run_record(config, data, run_id="old"))
    record = train_and_score_run(entry, data)
    values = json.loads(record.to_json())
    del values["config"]["pooling"]
    (entry.path / "run.json").write_text(json.dumps(values))
    old = store.get("old")
    probabilities = store.load_classifier(old).predict_proba(data.published_test_arrays[0])
    np.testing.assert_allclose(store.load_predictions(old).probabilities, probabilities, atol=1e-3)
    started = dataclasses.replace(config, pooling="average", start_from="old")
    matched = match_start_architecture(started, store)
    assert matched == dataclasses.replace(config, start_from="old")
    assert set(load_start_weights(store, "old", data)) == set(build_classifier(matched, 10).state_dict())
    with pytest.raises(RunError, match="no run"):
        match_start_architecture(dataclasses.replace(started, start_from="gone"), store)


@pytest.mark.parametrize("name", ["run.json", "weights.safetensors", "history.csv", "test.npz"])
def test_a_missing_file_makes_the_run_damaged_and_named(store: RunStore, name: str) -> None:
    (store.runs_folder / "tiny" / name).unlink()
    entry = only(store)
    assert entry.record is None
    assert entry.damage is not None
    assert name in entry.damage


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "not readable JSON"),
        ('{"schema": 1', "not readable JSON"),
        ("[" * 100_000, "not readable JSON"),
        ("[1, 2]", "does not describe a run"),
        ('{"schema": 99}', "update the program"),
        ('{"schema": 1, "id": "x"}', "missing or invalid"),
    ],
)
def test_a_damaged_run_json_is_listed_with_the_reason(store: RunStore, content: str, reason: str) -> None:
    shutil.copytree(store.runs_folder / "tiny", store.runs_folder / "sound")
    (store.runs_folder / "tiny" / "run.json").write_text(content)
    damaged = {entry.id: entry.damage for entry in store.entries()}
    assert reason in (damaged["tiny"] or "")
    assert damaged["sound"] is None
    with pytest.raises(RunError, match="damaged"):
        store.load_predictions(store.get("tiny"))


@pytest.mark.parametrize(
    "change",
    [
        {"config": {"model": "resnet", "epochs": 2}},
        {"config": {"model": "mlp", "epochs": 0}},
        {"config": {"model": "mlp", "epochs": 2, "newer": 1}},
        {"state": "dancing"},
        {"id": "../../etc"},
        {"seconds": "long"},
        {"metrics": {"accuracy": "high"}},
        {"unknown": 1},
        {"created": "yesterday"},
        {"created": "2026-01-01T00:00:00"},
        {"created": 5},
        {"never_predicted": [99]},
        {"seconds": 1e400},
        {"title": 5},
        {"metrics": {}},
        {"data": {"source": "moon", "fingerprint": "0", "n_train": 1, "n_validation": 1, "n_test": 1}},
        {"data": {"source": "stand-in", "fingerprint": "0", "n_train": 1, "n_validation": 1, "n_test": -1}},
    ],
)
def test_a_foreign_value_in_run_json_makes_the_run_damaged(store: RunStore, change: dict[str, object]) -> None:
    path = store.runs_folder / "tiny" / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    assert only(store).damage


class Explosive:
    """Unpickling this writes a file, so a test can tell that nothing was unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("name", ["weights.safetensors", "test.npz"])
def test_a_pickle_is_refused_and_never_opened(store: RunStore, name: str, tmp_path: Path) -> None:
    trace = tmp_path / "executed"
    path = store.runs_folder / "tiny" / name
    if name == "test.npz":
        np.savez(path, probabilities=np.array([Explosive(trace)], dtype=object), labels=np.zeros(40, np.uint8))
    else:
        path.write_bytes(pickle.dumps(Explosive(trace)))
    with pytest.raises(RunError):
        (store.load_predictions if name == "test.npz" else store.load_classifier)(store.get("tiny"))
    assert not trace.exists()


@pytest.mark.parametrize("keep", [0, 20, 300])
def test_truncated_files_are_refused(store: RunStore, keep: int) -> None:
    for name, read in (("weights.safetensors", store.load_classifier), ("test.npz", store.load_predictions)):
        path = store.runs_folder / "tiny" / name
        path.write_bytes(path.read_bytes()[:keep])
        with pytest.raises(RunError, match=r"tiny|weights"):
            read(store.get("tiny"))


@pytest.mark.parametrize(
    ("probabilities", "labels"),
    [
        (np.zeros((39, 10), np.float16), np.zeros(39, np.uint8)),
        (np.zeros((40, 9), np.float16), np.zeros(40, np.uint8)),
        (np.full((40, 10), np.nan, np.float16), np.zeros(40, np.uint8)),
        (np.full((40, 10), -0.1, np.float16), np.zeros(40, np.uint8)),
        (np.zeros((40, 10), np.float16), np.full(40, 10, np.uint8)),
    ],
)
def test_predictions_that_do_not_fit_are_refused(
    store: RunStore, probabilities: np.ndarray, labels: np.ndarray
) -> None:
    np.savez(store.runs_folder / "tiny" / "test.npz", probabilities=probabilities, labels=labels)
    with pytest.raises(RunError, match="do not fit"):
        store.load_predictions(store.get("tiny"))


@pytest.mark.parametrize("dtype", [np.complex64, "U3"])
def test_predictions_that_are_no_real_numbers_are_refused(store: RunStore, dtype: str) -> None:
    probabilities = np.zeros((40, 10)).astype(dtype)
    np.savez(store.runs_folder / "tiny" / "test.npz", probabilities=probabilities, labels=np.zeros(40, np.uint8))
    with pytest.raises(RunError, match="cannot be read"):
        store.load_predictions(store.get("tiny"))


def test_the_name_of_an_existing_run_is_refused(store: RunStore) -> None:
    record = new_run_record(TrainConfig("mlp", 1), ToyDataset(), run_id="tiny")
    with pytest.raises(RunError, match="already"):
        store.create_run(record)


@pytest.mark.parametrize("name", ["", "..", "a/b", "<b>x</b>", "a" * 81, ".hidden", "ends."])
def test_a_name_that_is_no_name_is_refused(store: RunStore, name: str) -> None:
    from fashion_core.runs.record import check_run_id

    with pytest.raises(RunError, match="cannot name a run"):
        check_run_id(name)


def test_a_root_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    store = RunStore(tmp_path / "file" / "runs")
    assert [entry.origin for entry in store.entries()].count("mine") == 0
    with pytest.raises(StorageError, match="FASHION_HOME"):
        store.create_run(new_run_record(TrainConfig("mlp", 1), ToyDataset()))


def test_a_full_disk_leaves_the_old_file(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (store.runs_folder / "tiny" / "run.json").read_bytes()
    entry = store.get("tiny")
    assert entry.record is not None

    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(StorageError, match="No space left"):
        store.save_record(entry.path, entry.record)
    assert (store.runs_folder / "tiny" / "run.json").read_bytes() == before
    assert not list(entry.path.glob(".run.json*"))


def test_the_shipped_runs_stay(store: RunStore) -> None:
    zoo = RunStore()
    with pytest.raises(RunError, match="shipped"):
        zoo.delete_entry(zoo.get("kmeans"))


def test_a_deleted_run_is_gone(store: RunStore) -> None:
    store.delete_entry(store.get("tiny"))
    assert store.entries() == []
    with pytest.raises(RunError, match="no run named"):
        store.get("tiny")


@pytest.mark.parametrize("name", ["job.json", "end.json", "log.txt"])
def test_what_is_left_of_a_run_can_be_deleted(store: RunStore, name: str) -> None:
    rest = store.runs_folder / "rest"
    rest.mkdir()
    (rest / name).touch()
    store.delete_entry(store.get("rest"))
    assert not rest.exists()


def test_a_folder_that_is_no_run_is_never_deleted(store: RunStore, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious.txt").write_text("keep")
    shutil.copytree(outside, store.runs_folder / "inside")
    shutil.copytree(store.runs_folder / "tiny", tmp_path / "elsewhere")
    (store.runs_folder / "linked").symlink_to(tmp_path / "elsewhere")
    folders = (outside, store.runs_folder / "inside", tmp_path / "elsewhere", store.runs_folder / "linked")
    for folder in folders:
        with pytest.raises(RunError, match="not deleted"):
            store.delete_entry(store.read_entry(folder, "mine"))
    assert (outside / "precious.txt").exists()
    assert (store.runs_folder / "inside" / "precious.txt").exists()
    assert (tmp_path / "elsewhere" / "run.json").exists()


def test_a_shipped_run_is_not_deleted_by_its_path_either() -> None:
    zoo = RunStore()
    with pytest.raises(RunError, match="shipped"):
        zoo.delete_entry(zoo.read_entry(zoo.zoo_folder / "kmeans", "mine"))


def test_a_path_is_no_run_s_name(store: RunStore) -> None:
    for name in (str(store.runs_folder / "tiny"), "../runs/tiny", "..", "", "tiny/"):
        with pytest.raises(RunError, match="cannot name a run"):
            store.get(name)


def test_a_user_s_run_cannot_pass_for_a_shipped_one(store: RunStore) -> None:
    shutil.copytree(store.runs_folder / "tiny", store.zoo_folder / "tiny")
    assert store.get("tiny").origin == "zoo"
    assert [(e.id, e.damage is None) for e in store.entries()] == [("tiny", True), ("tiny (yours)", False)]
    with pytest.raises(RunError, match="shipped run"):
        store.create_run(new_run_record(TrainConfig("mlp", 1), ToyDataset(), run_id="tiny"))


def test_damage_to_a_shipped_run_is_found_while_the_program_runs(store: RunStore) -> None:
    shipped = store.zoo_folder / "tiny"
    shutil.copytree(store.runs_folder / "tiny", shipped)
    assert store.entries()[0].damage is None
    weights = (shipped / "weights.safetensors").rename(store.zoo_folder / "weights.safetensors")
    assert store.entries()[0].damage == "Its weights.safetensors is missing."
    weights.rename(shipped / "weights.safetensors")
    assert store.entries()[0].damage is None
    (shipped / "run.json").write_text("{}")
    assert store.entries()[0].damage is not None


def test_a_npz_that_holds_something_else_is_refused(store: RunStore) -> None:
    with zipfile.ZipFile(store.runs_folder / "tiny" / "test.npz", "w") as archive:
        archive.writestr("probabilities", b"text")
        archive.writestr("labels", b"text")
    with pytest.raises(RunError, match="cannot be read"):
        store.load_predictions(store.get("tiny"))
