"""The verb ``feasibility``: the page's figures on the command line."""

import json
from pathlib import Path

import pytest

from fashion_core.__main__ import main
from fashion_core.analysis import feasibility
from fashion_core.computed import validation
from fashion_core.runs.store import RunStore


@pytest.fixture(autouse=True)
def _no_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FASHION_MNIST_DIR", raising=False)


def test_it_says_what_the_core_says(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["feasibility", "improved_cnn"]) == 0
    out = capsys.readouterr().out
    runs = RunStore()
    run = runs.get("improved_cnn")
    kept = validation.load_validation_predictions(run)
    assert kept is not None
    found = feasibility.assess_automation(kept, runs.load_predictions(run), title=run.title)
    assert found.sentence in out
    assert "against people alone" in out
    assert main(["feasibility", "improved_cnn", "--json"]) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert told["threshold"] == found.threshold
    assert told["test"]["automated"] == found.test.n_automated  # type: ignore[union-attr]
    assert told["saving"]["low"] < told["saving"]["value"] < told["saving"]["high"]


def test_a_target_out_of_reach_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["feasibility", "kmeans", "--json"]) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert told["threshold"] is told["test"] is told["cheapest_threshold"] is None


def test_a_run_of_one_s_own_is_asked_about_validation_now(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = ["--runs", str(tmp_path / "runs"), "--json"]
    assert main(["train", "mlp", "--epochs", "1", "--name", "mine", *runs]) == 0
    assert main(["feasibility", "mine", "--target", "90", "--even-odds", *runs]) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert told["test"]["n"] == 2000


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--target", "100"], "choose one above 0% and below 100%"),
        (["--check", "-1"], "Write a number from 0"),
        (["--people", "120"], "People cannot sort 120.0% right"),
    ],
)
def test_what_cannot_be_is_one_line(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["feasibility", "mlp", *arguments]) == 1
    assert words in capsys.readouterr().err
