"""The command ``data`` as a user calls it, and ``--data NAME`` of the others."""

import json
from pathlib import Path
from typing import Any

import pytest

from fashion_core.__main__ import main
from tests.core.data.importing.picture_folders import class_files, write_files, zip_files


@pytest.fixture(name="zipped")
def _zipped(tmp_path: Path) -> Path:
    return zip_files(tmp_path / "my coats.zip", class_files({"coat": 12, "dress": 12, "shirt": 12}))


def last_line(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_import_show_change_export_and_delete(
    zipped: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["data", "import", str(zipped), "--json"]) == 0
    imported = last_line(capsys)
    assert (imported["name"], imported["title"]) == ("my-coats", "my coats")
    assert (imported["splits"], imported["n_folds"]) == ({"train": 30, "validation": 6, "test": 36}, 5)
    assert imported["report"]["n_pictures"] == 36
    assert main(["data", "show", "MY COATS"]) == 0
    shown = capsys.readouterr().out
    assert "12 pictures, 12 of them to test: dress" in shown
    assert "36 pictures of 3 classes: 5-fold cross-validation on 36 pictures." in shown
    assert main(["data", "rename-class", "my-coats", "coat", "--to", "Mantel", "--json"]) == 0
    assert last_line(capsys)["classes"] == ["Mantel", "dress", "shirt"]
    assert main(["data", "merge-classes", "my-coats", "dress", "shirt", "--to", "other", "--json"]) == 0
    assert last_line(capsys)["classes"] == ["Mantel", "other"]
    assert main(["data", "delete-class", "my-coats", "other", "--json"]) == 0
    assert last_line(capsys)["classes"] == ["Mantel"]
    for _ in range(3):
        assert main(["data", "undo", "my-coats", "--json"]) == 0
    assert last_line(capsys)["fingerprint"] == imported["fingerprint"]
    assert main(["data", "split", "my-coats", "--seed", "4", "--json"]) == 0
    split = last_line(capsys)
    assert split["fingerprint"] != imported["fingerprint"]
    assert main(["data", "export", "my-coats"]) == 0
    assert capsys.readouterr().out == "my-coats.zip\n"
    assert main(["data", "delete", "my-coats"]) == 0
    assert main(["data", "import", "my-coats.zip", "--name", "again", "--json"]) == 0
    assert last_line(capsys)["fingerprint"] == split["fingerprint"]
    capsys.readouterr()
    assert main(["data", "list", "--json"]) == 0
    assert [row["name"] for row in last_line(capsys)["catalogues"]] == ["again"]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["import", "nowhere"], "does not exist"),
        (["import", ".", "--name", "Fashion-MNIST"], "Choose another name"),
        (["import", "."], "no pictures"),
        (["show", "nothing"], "no data set named"),
        (["delete", "nothing"], "no data set named"),
    ],
)
def test_failures_are_one_line(
    arguments: list[str],
    reason: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write_files(tmp_path / "empty", {"notes.txt": b"x"})
    monkeypatch.chdir(tmp_path / "empty")
    assert main(["data", *arguments]) == 1
    error = capsys.readouterr().err
    assert error.startswith("data: ")
    assert reason in error
    assert error.count("\n") == 1


def test_without_catalogues_the_list_says_how_to_make_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "list"]) == 0
    assert "data import PATH" in capsys.readouterr().out


@pytest.mark.slow
def test_pictures_become_a_report_by_command_line_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    classes = ("coat", "dress", "shirt")
    zipped = zip_files(tmp_path / "my shop.zip", class_files(dict.fromkeys(classes, 40)))
    runs, page = ["--runs", str(tmp_path / "runs"), "--json"], tmp_path / "report.html"
    assert main(["data", "import", str(zipped)]) == 0
    for model, name, few in (("mlp", "network", ["--passes-per-epoch", "2"]), ("kmeans", "groups", [])):
        command = ["train", model, "--preset", "quick", "--epochs", "1", *few, "--name", name, "--data", "my-shop"]
        assert main([*command, *runs]) == 0  # cross-validated
    assert last_line(capsys)["data"] == "my-shop"
    assert main(["runs", "ensemble", "network", "groups", "--name", "both", *runs]) == 0
    accuracy = last_line(capsys)["accuracy"]
    for data in ([], ["--data", "my-shop"]):
        assert main(["evaluate", "both", *data, *runs]) == 0
        assert last_line(capsys)["accuracy"] == accuracy
    assert main(["feasibility", "both", "--target", "60", *runs]) == 0
    assert "60.0% correct" in last_line(capsys)["sentence"]
    assert main(["report", "--data", "my-shop", "--out", str(page), *runs]) == 0
    text = page.read_text()
    assert all(word in text for word in ("my shop", *classes, f"{accuracy:.1%}"))


@pytest.mark.slow
def test_a_model_is_cross_validated_on_a_small_catalogue_and_evaluated_there(
    zipped: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["data", "import", str(zipped), "--name", "mine"]) == 0
    runs = ["--runs", str(tmp_path / "runs"), "--json"]
    command = ["train", "mlp", "--preset", "quick", "--epochs", "1", "--passes-per-epoch", "2", "--data", "mine"]
    assert main([*command, "--name", "run", *runs]) == 0
    trained = last_line(capsys)
    assert (trained["data"], trained["n"], trained["n_folds"]) == ("mine", 36, 5)
    for arguments in (["evaluate", "run"], ["evaluate", "run", "--data", "mine"]):
        assert main([*arguments, *runs]) == 0
        printed = last_line(capsys)
        assert printed["accuracy"] == trained["accuracy"]
        assert (printed["n"], printed["split"]) == (36, "cross-validation")
    assert main(["evaluate", "run", *runs[:2]]) == 0
    shown = capsys.readouterr().out
    assert "36 pictures in 5-fold cross-validation of mine" in shown
    assert "stored predictions" in shown
    assert main(["feasibility", "run", "--target", "60", *runs[:2]]) == 0
    assert "chosen on 3 of 5 folds (validation, n = " in capsys.readouterr().out
    assert main(["report", "--run", "run", "--out", str(tmp_path / "report.html"), "--data", "mine", *runs]) == 0
    assert "5-fold cross-validation on 36 pictures" in (tmp_path / "report.html").read_text()
    assert main(["data", "split", "mine", "--seed", "3"]) == 0
    capsys.readouterr()
    assert main(["evaluate", "run", *runs]) == 0
    assert last_line(capsys)["accuracy"] == trained["accuracy"]
