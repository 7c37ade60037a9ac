"""The verb ``export``: one folder that works without this program."""

import dataclasses
import errno
import json
import shutil
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import yaml

from fashion_core.__main__ import main
from fashion_core.analysis.feasibility import assess_automation
from fashion_core.computed.validation import load_validation_predictions
from fashion_core.data.catalogue_edits import split_again
from fashion_core.data.catalogue_values import save_dataset_values
from fashion_core.models.trained_network import TrainedNetwork
from fashion_core.runs.ensemble import create_ensemble
from fashion_core.runs.store import RunStore
from tests.ui.catalogues import save_run, train_run, write_catalogue

FILES = {"model.onnx", "card.json", "README.md", "predict.py"}
HOSTILE_TITLE = "<img src=x onerror=alert(1)> \"'{card}: #*_`---` {0}"
NAMES = ("Kleid: rot", "夏の服 👗", 'a "b" \\ c', "- [x](y)", "فستان", "---")


def export(*arguments: str) -> int:
    return main(["export", *arguments])


@pytest.fixture(autouse=True)
def _no_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FASHION_MNIST_DIR", raising=False)


def read_metadata(folder: Path) -> dict:
    _, front_matter, _ = (folder / "README.md").read_text(encoding="utf-8").split("---\n", 2)
    return yaml.safe_load(front_matter)


def test_the_card_holds_the_figures_of_the_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert export("cnn", "--out", str(tmp_path / "new" / "cnn"), "--target", "98", "--json") == 0
    assert set(json.loads(capsys.readouterr().out)["files"]) == FILES
    assert {path.name for path in (tmp_path / "new" / "cnn").iterdir()} == FILES
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["cnn"]
    card = json.loads((tmp_path / "new" / "cnn" / "card.json").read_text(encoding="utf-8"))
    store = RunStore()
    run = store.get("cnn")
    expected = assess_automation(load_validation_predictions(run), store.load_predictions(run), 0.98)
    assert (card["threshold"], card["temperature"]) == (expected.threshold, expected.temperature)
    assert card["promise"]["target"] == 0.98
    assert card["promise"]["test"]["coverage"] == expected.test.coverage
    assert card["promise"]["test"]["accuracy_interval"] == list(expected.test.selective_accuracy_interval)
    assert card["evaluation"]["accuracy"] == run.record.metrics["accuracy"]
    assert card["classes"] == list(run.record.data.classes)
    assert card["licence"] == "MIT"


def test_the_model_card_has_the_form_of_the_hugging_face_hub(tmp_path: Path) -> None:
    assert export("improved_cnn", "--out", str(tmp_path / "out")) == 0
    metadata, record = read_metadata(tmp_path / "out"), RunStore().get("improved_cnn").record
    assert metadata["license"] == "mit"
    assert metadata["datasets"] == ["zalando-datasets/fashion_mnist"]
    (result,) = metadata["model-index"][0]["results"]
    assert result["task"]["type"] == "image-classification"
    values = {metric["type"]: metric["value"] for metric in result["metrics"]}
    assert values["accuracy"] == pytest.approx(record.metrics["accuracy"], abs=1e-6)
    assert values["f1"] == pytest.approx(record.metrics["macro_f1"], abs=1e-6)
    text = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    for section in ("Intended use", "Training data", "Evaluation", "Limitations"):
        assert f"\n## {section}\n" in text


def test_a_run_of_a_catalogue_is_exported_with_its_own_classes(tmp_path: Path) -> None:
    catalogue = write_catalogue("mine", len(NAMES), names=NAMES, title=HOSTILE_TITLE)
    train_run(catalogue, "run")
    RunStore.update_record(RunStore().get("run").path, title=HOSTILE_TITLE)
    out = tmp_path / "out"
    assert export("run", "--out", str(out)) == 0
    card = json.loads((out / "card.json").read_text(encoding="utf-8"))
    assert card["classes"] == list(NAMES)
    assert card["threshold"] is None  # six pictures can't assure anything
    assert card["licence"] is card["data"]["licence"] is None
    assert card["run"]["title"] == HOSTILE_TITLE
    metadata = read_metadata(out)
    assert metadata["license"] == "unknown"
    assert "datasets" not in metadata
    assert metadata["model-index"][0]["name"] == HOSTILE_TITLE
    assert metadata["model-index"][0]["results"][0]["dataset"]["name"] == HOSTILE_TITLE
    text = (out / "README.md").read_text(encoding="utf-8").split("---\n", 2)[2]
    assert "<img" not in text.replace("\\<", "")
    assert "a person should check every picture" in text
    session = onnxruntime.InferenceSession(out / "model.onnx")
    images = catalogue.split("test").images
    (logits,) = session.run(["logits"], {"images": images})
    network = RunStore().load_classifier(RunStore().get("run"))
    assert isinstance(network, TrainedNetwork)
    np.testing.assert_allclose(logits, network.logits(images), atol=1e-4)


def test_thresholds_of_a_cross_validated_run_come_from_its_folds(tmp_path: Path) -> None:
    catalogue = split_again(write_catalogue("mine", 4, repeats=10), 0)
    save_run(catalogue, "run", 0.99)
    assert export("run", "--out", str(tmp_path / "out"), "--target", "90") == 0
    card = json.loads((tmp_path / "out" / "card.json").read_text(encoding="utf-8"))
    assert card["threshold"] is not None
    assert (card["promise"]["n_validation"], card["promise"]["n_test"]) == (144, 96)
    assert (card["evaluation"]["n"], card["evaluation"]["n_folds"]) == (240, 5)
    text = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert "5-fold cross-validation on 240 pictures" in text


def test_a_run_without_test_pictures_is_not_exported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = train_run(write_catalogue("mine"), "run").record
    RunStore.update_record(RunStore().get("run").path, data=dataclasses.replace(record.data, n_test=0))
    assert export("run", "--out", str(tmp_path / "out")) == 1
    assert "The run run has no test pictures. Split the data set again" in capsys.readouterr().err


def test_the_preparation_is_that_of_the_catalogue(tmp_path: Path) -> None:
    catalogue = write_catalogue("mine")
    save_dataset_values(catalogue.folder, {**catalogue.values, "kind": "letterbox"})
    train_run(catalogue, "run")
    assert export("run", "--out", str(tmp_path / "out")) == 0
    card = json.loads((tmp_path / "out" / "card.json").read_text(encoding="utf-8"))
    assert card["preparation"]["kind"] == "letterbox"


def test_a_run_whose_data_set_is_gone_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    catalogue = write_catalogue("mine")
    train_run(catalogue, "run")
    shutil.rmtree(catalogue.folder)
    assert export("run", "--out", str(tmp_path / "out")) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_runs_that_are_no_network_say_what_to_export_instead(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = RunStore()
    create_ensemble(store, [store.get("cnn"), store.get("mlp")], run_id="both")
    for name, words in (
        ("kmeans", "such as a run of Improved CNN"),
        ("both", "Export one of its members instead: cnn"),
    ):
        assert export(name, "--out", str(tmp_path / name)) == 1
        assert words in capsys.readouterr().err
        assert not (tmp_path / name).exists()


@pytest.mark.parametrize("damage", ["weights.safetensors", "test.npz", "run.json"])
def test_a_damaged_run_is_one_sentence(damage: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = RunStore().runs_folder / "copy"
    shutil.copytree(RunStore().get("mlp").path, folder)
    (folder / damage).write_bytes(b"damaged")
    assert export(str(folder), "--out", str(tmp_path / "out")) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_nothing_is_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("folder", "file", "link"):
        assert export("mlp", "--out", str(tmp_path / name)) == 1
        assert f"{name} is there already. Choose a new folder." in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "home") == ["file", "folder", "link"]


def test_a_full_disk_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write = Path.write_bytes

    def fail(path: Path, content: bytes) -> int:
        if path.name == "README.md":
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", fail)
    assert export("mlp", "--out", str(tmp_path / "parent" / "out")) == 1
    assert "No space left on device). Free some space" in capsys.readouterr().err
    assert list((tmp_path / "parent").iterdir()) == []


@pytest.mark.parametrize("target", ["100", "0", "-3", "nan"])
def test_an_impossible_target_is_one_sentence(target: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert export("mlp", "--out", str(tmp_path / "out"), f"--target={target}") == 1
    assert "choose one above 0% and below 100%" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
