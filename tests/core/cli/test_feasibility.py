"""The verb ``feasibility``: the page's figures on the command line."""

import json
from pathlib import Path

import pytest

from fashion_core.__main__ import main
from fashion_core.analysis import feasibility
from fashion_core.computed import validation
from fashion_core.runs.store import RunStore
from fashion_core.wording.feasibility import describe_automation


@pytest.fixture(autouse=True)
def _no_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FASHION_MNIST_DIR", raising=False)


def test_the_command_prints_what_the_core_computes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["feasibility", "improved_cnn"]) == 0
    out = capsys.readouterr().out
    runs = RunStore()
    run = runs.get("improved_cnn")
    on_validation = validation.load_validation_predictions(run)
    assert on_validation is not None
    assessment = feasibility.assess_automation(on_validation, runs.load_predictions(run), title=run.title)
    assert describe_automation(assessment) in out
    assert "manual sorting" in out
    assert main(["feasibility", "improved_cnn", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert printed["threshold"] == assessment.threshold
    assert printed["test"]["automated"] == assessment.test.n_automated  # type: ignore[union-attr]
    assert printed["saving"]["low"] < printed["saving"]["value"] < printed["saving"]["high"]


def test_an_unreachable_target_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["feasibility", "kmeans", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert printed["threshold"] is printed["test"] is printed["cheapest_threshold"] is None


def test_validation_predictions_of_a_new_run_are_computed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = ["--runs", str(tmp_path / "runs"), "--json"]
    assert main(["train", "mlp", "--epochs", "1", "--name", "mine", *runs]) == 0
    assert main(["feasibility", "mine", "--target", "90", "--even-odds", *runs]) == 0
    printed = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert printed["test"]["n"] == 2000


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--target", "100"], "choose one above 0% and below 100%"),
        (["--check", "-1"], "Enter a number from 0"),
        (["--people", "120"], "People can't sort 120.0% correctly"),
    ],
)
def test_impossible_values_are_rejected_in_one_line(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["feasibility", "mlp", *arguments]) == 1
    assert words in capsys.readouterr().err
