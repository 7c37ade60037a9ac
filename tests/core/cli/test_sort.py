"""Sorting from the command line: the promise, where the threshold comes from, and what is refused."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pyarrow import parquet

from fashion_core.__main__ import main
from fashion_core.analysis.feasibility import choose_threshold_for_target
from fashion_core.data.classes import CLASS_FOLDER_NAMES
from fashion_core.data.sample_data import generate_sample_images
from fashion_core.recognition.promises import load_reference_predictions
from fashion_core.runs.store import RunStore
from fashion_core.sorting.known_folders import list_sorted_folders
from tests.core.sorting.folders import files_below, read_table
from tests.ui.catalogues import train_run, write_catalogue


def write_labelled(folder: Path, n_per_class: int, seed: int) -> Path:
    """Sample pictures in one folder for each class."""
    for number, (image, label) in enumerate(zip(*generate_sample_images(n_per_class, seed), strict=True)):
        place = folder / CLASS_FOLDER_NAMES[label]
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(place / f"{number}.png")
    return folder


def sort(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    assert main(["sort", *map(str, arguments), "--json"]) == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return answer


def test_the_recognition_networks_sort_by_the_promise_of_their_validation_images(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, output = write_labelled(tmp_path / "in", 2, 1), tmp_path / "out"
    answer = sort(capsys, source, "--out", output, "--target", 98, "--parquet")
    reference = load_reference_predictions(RunStore())
    threshold = choose_threshold_for_target(reference.risk_coverage_curve, 0.98, guaranteed=True)
    assert (answer["promise"]["threshold"], answer["promise"]["temperature"]) == (threshold, reference.temperature)
    assert sum(answer["decisions"].values()) == answer["n"] == 20
    assert len(files_below(output)) == len(read_table(output)) == 20
    assert (output / "sorted.parquet").exists()
    assert {float(row["threshold"]) for row in read_table(output)} == {threshold}
    assert sort(capsys, source, "--out", output)["known"] == 20
    assert sort(capsys, "--undo", output)["n_restored"] == 20
    assert not output.exists()


def test_a_run_can_decide_and_says_its_promise(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write_labelled(tmp_path / "in", 1, 1)
    assert main(["sort", str(source), "--out", str(tmp_path / "out"), "--run", "mlp"]) == 0
    output = capsys.readouterr().out
    assert "At least 99.0% of the automatically sorted pictures are correct" in output
    assert "5,000 pictures (the validation images of Fashion-MNIST)" in output
    assert {row["run"] for row in read_table(tmp_path / "out")} == {"mlp"}


def test_where_a_target_cannot_be_assured_everything_is_to_be_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write_labelled(tmp_path / "in", 1, 1)
    assert main(["sort", str(source), "--out", str(tmp_path / "out"), "--run", "mlp", "--target", "99.99"]) == 0
    assert "can't assure 100.0% correct" in capsys.readouterr().out
    assert {row["decision"] for row in read_table(tmp_path / "out")} == {"check"}


def test_a_run_of_a_catalogue_sorts_into_its_own_classes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    train_run(write_catalogue("shop", 3, names=("Mug", "Check", "Süßes")), "own")
    source = write_labelled(tmp_path / "in", 1, 1)
    answer = sort(capsys, source, "--out", tmp_path / "out", "--run", "own", "--target", 20)
    rows = read_table(tmp_path / "out")
    assert answer["n"] == len(rows) == 10
    assert {row["predicted"] for row in rows} <= {"Mug", "Check", "Süßes"}
    assert list_sorted_folders() == [tmp_path / "out"]


@pytest.mark.slow
def test_a_labelled_folder_chooses_the_threshold_for_pictures_like_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    labelled, source = write_labelled(tmp_path / "labelled", 40, 1), write_labelled(tmp_path / "in", 40, 2)
    arguments = ["--mode", "table", "--target", 80, "--run", "improved_cnn", "--calibrate", labelled]
    answer = sort(capsys, source, "--out", tmp_path / "out", *arguments)
    promise = answer["promise"]
    assert (promise["n"], promise["reference"]) == (400, "those of labelled")
    assert promise["threshold"] is not None
    automatic = [row for row in read_table(tmp_path / "out") if row["decision"] == "automatic"]
    right = [CLASS_FOLDER_NAMES.index(Path(row["path"]).parent.name) for row in automatic]
    predicted = [CLASS_FOLDER_NAMES.index(row["class"].split("/")[0].lower().replace(" ", "-")) for row in automatic]
    assert sum(a == b for a, b in zip(right, predicted, strict=True)) / len(automatic) >= 0.8


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["SOURCE"], "Give the folder to sort"),
        (["SOURCE", "--out", "OUT", "--run", "none"], "none"),
        (["SOURCE", "--out", "OUT", "--run", "kmeans"], "doesn't say how sure it is"),
        (["SOURCE", "--out", "OUT", "--target", "100"], "below 100%"),
        (["SOURCE", "--out", "SOURCE"], "the folder that they lie in"),
        (["SOURCE", "--out", "OUT", "--calibrate", "OTHER"], "No readable picture of --calibrate"),
        (["--undo", "OUT"], "nothing to undo"),
    ],
)
def test_bad_arguments_are_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], reason: str
) -> None:
    folders = {"SOURCE": write_labelled(tmp_path / "in", 1, 1), "OUT": tmp_path / "out", "OTHER": tmp_path / "other"}
    folders["OTHER"].mkdir()
    (folders["OTHER"] / "bad.png").write_bytes(b"nothing")
    assert main(["sort", *(str(folders.get(a, a)) for a in arguments)]) == 1
    error = capsys.readouterr().err
    assert reason in error
    assert len(error.strip().splitlines()) == 1
    assert not folders["OUT"].exists()


def test_a_store_is_sorted_into_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, output = write_labelled(tmp_path / "in", 1, 1), tmp_path / "out"
    answer = sort(capsys, source.as_uri(), "--out", output)
    assert sum(answer["decisions"].values()) == answer["n"] == 10
    assert len(parquet.read_table(output / "table")) == 10
    assert sort(capsys, source.as_uri(), "--out", output.as_uri(), "--mode", "table")["known"] == 10
    assert main(["sort", source.as_uri(), "--out", str(output)]) == 0
    assert f"nothing new to sort. The decisions are in {output / 'table'}." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "cluster", "reason"),
    [
        (["SOURCE", "--mode", "copy"], "auto", "--mode copy is for folders on this machine"),
        (["memory://shop", "--mode", "move"], "", "--mode move is for folders on this machine"),
        (["SOURCE"], "nowhere", "set it to ray://HOST:PORT"),
        (["SOURCE"], "ray://127.0.0.1:1", "does not answer (Connection refused). Start it, or unset FASHION_CLUSTER"),
        (["nothing://shop"], "", "no store that fsspec knows"),
        (["memory://shop"], "", "There is no folder memory://shop"),
    ],
)
def test_what_cannot_be_sorted_into_a_table_is_one_sentence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    cluster: str,
    reason: str,
) -> None:
    monkeypatch.setenv("FASHION_CLUSTER", cluster)
    source = write_labelled(tmp_path / "in", 1, 1)
    arguments = [str(source) if argument == "SOURCE" else argument for argument in arguments]
    assert main(["sort", *arguments, "--out", str(tmp_path / "out")]) == 1
    error = capsys.readouterr().err
    assert reason in error
    assert len(error.strip().splitlines()) == 1
    assert not (tmp_path / "out" / "table").exists()


def test_without_ray_the_command_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FASHION_CLUSTER", "auto")
    monkeypatch.setitem(sys.modules, "ray", None)
    assert main(["sort", str(write_labelled(tmp_path / "in", 1, 1)), "--out", str(tmp_path / "out")]) == 1
    assert "pip install -r requirements-cluster.txt" in capsys.readouterr().err
