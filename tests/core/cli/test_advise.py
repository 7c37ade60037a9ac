"""The verb ``advise``: suggestions on the command line, for included runs, catalogues and runs of one's own."""

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from fashion_core.__main__ import main
from fashion_core.analysis.advice import suggest_improvements
from fashion_core.analysis.automation_gain import AutomationGoal
from fashion_core.analysis.suggestions import AdviceInputs
from fashion_core.computed import validation
from fashion_core.computed.learning_curve import load_learning_curve
from fashion_core.data.catalogue_edits import split_again
from fashion_core.data.sample_data import generate_sample_images
from fashion_core.runs.history_file import HISTORY_COLUMNS
from fashion_core.runs.store import RunStore
from tests.ui.catalogues import save_run, train_run, write_catalogue


def advise(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert main(["advise", *arguments, "--json"]) == 0
    printed: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return printed


def test_the_command_prints_what_the_core_computes(capsys: pytest.CaptureFixture[str]) -> None:
    runs, printed = RunStore(), advise(capsys, "improved_cnn", "--target", "99")
    on_validation = validation.load_validation_predictions(runs.get("improved_cnn"))
    assert on_validation is not None
    inputs = AdviceInputs(on_validation, runs.load_predictions(runs.get("improved_cnn")))
    expected = suggest_improvements(inputs, AutomationGoal(0.99))
    assert [(each["kind"], each["expected_gain"]["low"]) for each in printed["suggestions"]] == [
        (each.kind, each.gain and each.gain.low) for each in expected
    ]
    assert main(["advise", "improved_cnn"]) == 0
    assert f"1. {printed['suggestions'][0]['what']}. " in capsys.readouterr().out


def test_no_suggestion_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["advise", "kmeans"]) == 0
    assert "No change" in capsys.readouterr().out


@pytest.mark.slow
def test_a_learning_curve_is_measured_once_and_gives_the_gain(capsys: pytest.CaptureFixture[str]) -> None:
    catalogue = write_catalogue("mine", 3, repeats=20)
    run = save_run(catalogue, "run", 0.8)
    arguments = ("run", "--target", "80", "--even-odds")
    before = [each for each in advise(capsys, *arguments)["suggestions"] if each["kind"] == "collect"]
    assert before
    assert all(each["expected_gain"] is None for each in before)
    after = advise(capsys, *arguments, "--learning-curve")["suggestions"]
    points = load_learning_curve(run, catalogue)
    assert points is not None
    assert points.n_train.tolist() == [[15] * 3, [30] * 3]
    assert all(
        each["expected_gain"]["low"] <= each["expected_gain"]["high"] for each in after if each["kind"] == "collect"
    )
    assert advise(capsys, *arguments)["suggestions"] == advise(capsys, *arguments, "--learning-curve")["suggestions"]


def test_a_run_on_a_catalogue_has_a_short_preset(capsys: pytest.CaptureFixture[str]) -> None:
    train_run(write_catalogue("mine", 3, repeats=12), "run")
    suggestions = advise(capsys, "run", "--target", "80")["suggestions"]
    trained = [each for each in suggestions if each["kind"] == "train"]
    assert [(each["expected_gain"], each["evidence"]["slope"]) for each in trained] == [(None, None)]


def test_a_run_without_epochs_and_few_pictures_are_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    run = save_run(write_catalogue("mine", 2), "run", 0.9)  # 2 for validation, 4 to test
    (run.path / "history.csv").write_text(",".join(HISTORY_COLUMNS) + "\n")
    assert {each["kind"] for each in advise(capsys, "run")["suggestions"]} <= {"collect"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["mlp", "--target", "100"], "choose one above 0% and below 100%"),
        (["mlp", "--learning-curve"], "has few training pictures, so there is no learning curve to measure"),
        (["nothing"], "There is no run named"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str], fashion_mnist_folder: Path
) -> None:
    assert main(["advise", *arguments]) == 1
    assert words in capsys.readouterr().err


def test_cross_validated_pictures_are_assessed_and_too_few_for_a_learning_curve(
    capsys: pytest.CaptureFixture[str],
) -> None:
    save_run(split_again(write_catalogue("mine", 3, repeats=3), 0), "run", 0.7)
    printed = advise(capsys, "run", "--target", "60", "--even-odds")
    assert printed["n_validation"] + printed["n_test"] == 54
    assert main(["advise", "run", "--learning-curve"]) == 1
    assert "has too few pictures to measure a learning curve" in capsys.readouterr().err


def test_pictures_that_look_different_are_to_be_labelled_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number, image in enumerate(generate_sample_images(5, 3)[0]):
        Image.fromarray(image).resize((112, 112)).rotate(30).save(tmp_path / f"{number}.png")
    assert main(["advise", "cnn", "--target", "90", "--pictures", str(tmp_path), "--json"]) == 0
    first = json.loads(capsys.readouterr().out.splitlines()[-1])["suggestions"][0]
    assert first["kind"] == "label"
    assert first["evidence"]["n_pictures"] == 50
    assert first["evidence"]["n_labels"] == 50
    assert first["evidence"]["p_value"] < 0.05
