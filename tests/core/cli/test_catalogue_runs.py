"""Commands about runs on a catalogue: its classes come from the run."""

import dataclasses
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fashion_core.__main__ import main
from fashion_core.data.catalogue import IMAGES_FILE, Catalogue, catalogues_folder, picture_file_name, save_labels
from fashion_core.data.catalogue_labels import TEST, TRAIN
from fashion_core.runs.store import RunStore
from tests.ui.catalogues import train_run, write_catalogue

N_CLASSES = 7


@pytest.fixture
def catalogue() -> Catalogue:
    catalogue = write_catalogue("mine", N_CLASSES, repeats=3)
    train_run(catalogue, "run")
    return catalogue


def run_command(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert main([*arguments, "--json"]) == 0
    printed: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return printed


def test_evaluate_finds_the_data_set_of_the_run(catalogue: Catalogue, capsys: pytest.CaptureFixture[str]) -> None:
    printed = run_command(capsys, "evaluate", "run")
    assert (printed["n"], printed["data"]) == (len(catalogue.split("test")), "mine")
    assert set(printed["never_predicted"]) <= set(catalogue.classes.names)


def test_evaluate_takes_the_path_of_a_run_s_folder(catalogue: Catalogue, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(capsys, "evaluate", str(RunStore().get("run").path))["run"] == "run"


def test_evaluate_says_that_there_are_no_test_pictures(
    catalogue: Catalogue, capsys: pytest.CaptureFixture[str]
) -> None:
    labels = catalogue.labels
    splits = np.where(labels.splits == TEST, TRAIN, labels.splits).astype(np.uint8)
    version = dataclasses.replace(labels, splits=splits)
    save_labels(catalogue.folder, np.load(catalogue.folder / IMAGES_FILE), version, catalogue.values)
    assert main(["evaluate", "run"]) == 1
    assert "The run run has no test pictures. Split the data set again" in capsys.readouterr().err


def test_evaluate_refuses_test_pictures_that_have_changed_since_training(
    catalogue: Catalogue, capsys: pytest.CaptureFixture[str]
) -> None:
    labels = catalogue.labels
    splits = labels.splits[::-1].copy()  # tests others
    other_labels = np.where(labels.splits == TEST, (labels.labels + 1) % N_CLASSES, labels.labels).astype(np.uint8)
    images = np.load(catalogue.folder / IMAGES_FILE)
    for change in ({"splits": splits}, {"labels": other_labels}):
        save_labels(catalogue.folder, images, dataclasses.replace(labels, **change), catalogue.values)
        assert main(["evaluate", "run"]) == 1
        assert "or their labels have changed since the run was trained" in capsys.readouterr().err
    save_labels(catalogue.folder, images, labels, catalogue.values)
    assert run_command(capsys, "evaluate", "run")["n"] == len(catalogue.split("test"))


def test_feasibility_says_how_many_pictures_are_missing(
    catalogue: Catalogue, capsys: pytest.CaptureFixture[str]
) -> None:
    printed = run_command(capsys, "feasibility", "run")
    assert printed["sentence"].startswith("Too few pictures to assure 99.0% correct")
    assert printed["saving"] is None
    assert main(["feasibility", "run"]) == 0
    out = capsys.readouterr().out
    assert "Costs are left out" in out
    assert "The test images" not in out
    assert main(["feasibility", "run", "--prices", "Same shelf 0.2"]) != 0
    assert "other classes" in capsys.readouterr().err


def test_folders_are_scored_against_the_classes_of_the_run(
    catalogue: Catalogue, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number, label in enumerate(catalogue.labels.labels[:18]):
        folder = tmp_path / "sorted" / catalogue.classes[int(label)].name
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(catalogue.folder / "pictures" / picture_file_name(number), folder)
    shown = run_command(capsys, "predict", str(tmp_path / "sorted"), "--run", "run")
    assert {c["label"] for picture in shown["pictures"] for c in picture["classes"]} <= set(catalogue.classes.names)
    scores = run_command(capsys, "predict", str(tmp_path / "sorted"), "--run", "run", "--labelled")
    assert (scores["n"], scores["n_unknown"], list(scores["per_class"])) == (18, 0, ["kind-0"])


def test_a_report_on_a_catalogue_is_written(
    catalogue: Catalogue, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    printed = run_command(capsys, "report", "--data", str(catalogue.folder), "--out", str(tmp_path / "report.html"))
    assert printed["remarks"] == []
    assert catalogue.title in (tmp_path / "report.html").read_text()


def test_a_report_and_a_resumed_run_find_the_data_set_of_the_run(
    catalogue: Catalogue, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page, settings = tmp_path / "report.html", tmp_path / "settings.json"
    run_command(capsys, "report", "--run", "run", "--section", "data", "--out", str(settings))
    for chosen in (["--run", "run", "--section", "data"], ["--settings", str(settings)]):
        assert run_command(capsys, "report", *chosen, "--out", str(page))["remarks"] == []
        assert "A picture of each class" in page.read_text()
    RunStore().update_record(RunStore().get("run").path, state="failed")
    resumed = run_command(capsys, "train", "--resume", "run")
    assert (resumed["state"], resumed["data"]) == ("finished", "mine")


def test_without_its_data_set_a_run_still_answers_and_says_what_is_missing(
    catalogue: Catalogue, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = shutil.copy(catalogue.folder / "pictures" / picture_file_name(0), tmp_path)
    shutil.rmtree(catalogues_folder() / "mine")
    assert len(run_command(capsys, "predict", str(picture), "--run", "run")["pictures"]) == 1
    assert main(["evaluate", "run"]) != 0
    assert "no data set named 'mine'" in capsys.readouterr().err
