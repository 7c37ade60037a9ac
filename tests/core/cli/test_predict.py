import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from fashion_core.__main__ import main
from fashion_core.data.classes import CLASS_FOLDER_NAMES, CLASS_NAMES
from fashion_core.data.sample_data import generate_sample_images
from fashion_core.recognition.recognizer import Recognizer
from fashion_core.recognition.shipped_recognizer import load_shipped_recognizer
from fashion_core.runs.store import RunStore


@pytest.fixture(scope="module")
def recognizer() -> Recognizer:
    return load_shipped_recognizer(RunStore())


@pytest.fixture(autouse=True)
def _load_recognizer_once(recognizer: Recognizer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fashion_core.recognition.shipped_recognizer.load_shipped_recognizer", lambda store: recognizer)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Ten stand-in pictures, one a class, in a folder with one in a sub-folder."""
    images, labels = generate_sample_images(1, 8)
    (tmp_path / "in" / "deeper").mkdir(parents=True)
    for image, label in zip(images, labels, strict=True):
        place = tmp_path / "in" / ("deeper" if label == 9 else "")
        Image.fromarray(image).save(place / f"{label}.png")
    return tmp_path / "in"


def answers(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return json.loads(capsys.readouterr().out.splitlines()[-1])["pictures"]


@pytest.mark.parametrize("model", ["kmeans", "mlp", "cnn", "improved_cnn"])
def test_each_picture_of_a_folder_is_predicted(folder: Path, model: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", str(folder), "--model", model, "--json"]) == 0
    found = answers(capsys)
    assert len(found) == 10
    for answer in found:
        assert answer["kind"] == "sample"
        probabilities = [c["probability"] for c in answer["classes"]]
        assert len(probabilities) == 3
        assert probabilities == sorted(probabilities, reverse=True)
        assert {c["label"] for c in answer["classes"]} <= set(CLASS_NAMES)


def test_the_default_predicts_most_garments_correctly(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", str(folder), "--json"]) == 0
    right = [CLASS_NAMES[int(Path(a["path"]).stem)] == a["classes"][0]["label"] for a in answers(capsys)]
    assert sum(right) >= 8


def test_a_bad_file_becomes_a_line_and_the_others_are_predicted(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "bad.png").write_bytes(b"nothing")
    assert main(["predict", str(folder / "bad.png"), str(folder / "0.png"), str(folder / "gone.png"), "--json"]) == 0
    bad, good, gone = answers(capsys)
    assert "not a picture" in bad["error"]
    assert "classes" in good
    assert "cannot be read" in gone["error"]


def test_only_bad_files_are_a_failure_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad.png").write_bytes(b"nothing")
    assert main(["predict", str(tmp_path / "bad.png"), "--json"]) == 1
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
    assert main(["predict", str(tmp_path / "none")]) == 1


def test_a_folder_of_bad_files_gives_a_line_for_each(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("1.png", "2.png"):
        (tmp_path / name).write_bytes(b"nothing")
    assert main(["predict", str(tmp_path), "--json"]) == 0
    assert all("not a picture" in answer["error"] for answer in answers(capsys))


def test_without_a_prediction_people_get_a_line_for_each_picture_and_a_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("1.png", "2.png"):
        (tmp_path / name).write_bytes(b"nothing")
    assert main(["predict", str(tmp_path)]) == 1
    printed = capsys.readouterr()
    assert ["not a picture" in line for line in printed.out.splitlines()] == [True, True]
    assert "None of these pictures can be read" in printed.err


def test_an_empty_folder_is_a_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", str(tmp_path)]) == 1
    assert "no pictures" in capsys.readouterr().err


@pytest.fixture
def sorted_folder(tmp_path: Path) -> Path:
    """Stand-in pictures, four a class, in a folder a class; two of a class's folder are no class, one is broken."""
    images, labels = generate_sample_images(4, 9)
    for i, (image, label) in enumerate(zip(images, labels, strict=True)):
        place = tmp_path / "in" / CLASS_FOLDER_NAMES[label]
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(place / f"{i}.png")
    rng = np.random.default_rng(0)
    for name in ("none-of-these", "hats"):
        (tmp_path / "in" / name).mkdir()
        Image.fromarray(rng.integers(0, 256, (28, 28), dtype=np.uint8)).save(tmp_path / "in" / name / "1.png")
    (tmp_path / "in" / "coat" / "bad.png").write_bytes(b"nothing")
    return tmp_path / "in"


def test_sorted_pictures_are_scored(sorted_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", str(sorted_folder), "--labelled", "--json"]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (found["n"], found["n_unknown"], found["unreadable"]) == (41, 2, 1)
    assert 0.6 < found["top1"] <= found["top3"] <= 40 / 41
    assert list(found["per_class"]) == list(CLASS_FOLDER_NAMES)
    assert found["per_class"]["coat"]["n"] == 5
    assert found["interval"][0] < found["top1"] < found["interval"][1]
    for name in ("warned_known", "warned_unknown", "auroc_unknown"):
        assert 0 <= found[name] <= 1
    assert found["kinds"]["sample"] >= 40


def test_scores_of_a_single_run_have_no_warning_rates(sorted_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", str(sorted_folder), "--labelled", "--run", "mlp", "--json"]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (found["warned_known"], found["warned_unknown"], found["auroc_unknown"]) == (None, None, None)


def test_scores_are_a_table_for_people(sorted_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", str(sorted_folder), "--labelled"]) == 0
    out = capsys.readouterr().out
    assert [line.split()[0] for line in out.splitlines()[1:12]] == [*CLASS_FOLDER_NAMES, "all"]
    for part in ("95% interval", "1 could not be read", "False alarms", "AUROC"):
        assert part in out


def test_pictures_outside_class_folders_cannot_be_scored(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", str(folder), "--labelled"]) == 1
    assert "No picture lies in a folder named after a class" in capsys.readouterr().err


def test_a_zip_is_predicted_like_its_folder(
    sorted_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    packed = shutil.make_archive(str(tmp_path / "packed"), "zip", sorted_folder.parent, sorted_folder.name)
    results = []
    for path in (str(sorted_folder), packed):
        assert main(["predict", path, "--labelled", "--json"]) == 0
        found = json.loads(capsys.readouterr().out.splitlines()[-1])
        results.append({name: value for name, value in found.items() if name != "seconds"})
    assert results[0] == results[1]


def test_warnings_and_duplicates_are_reported(sorted_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = str(sorted_folder / "hats" / "1.png")
    assert main(["predict", picture, picture, "--json"]) == 0
    first, second = answers(capsys)
    assert isinstance(first["warned"], bool)
    assert isinstance(first["strangeness"], float)
    assert (first.get("same_as"), second["same_as"]) == (None, picture)


def test_errors_before_the_first_answer_are_printed_too(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "bad.png").write_bytes(b"nothing")
    assert main(["predict", str(folder / "bad.png"), str(folder / "0.png")]) == 0
    bad, good = capsys.readouterr().out.splitlines()
    assert "not a picture" in bad
    assert "%" in good


def test_steps_are_saved_on_request(tmp_path: Path) -> None:
    pixels = np.full((90, 80, 3), 255, np.uint8)
    pixels[20:70, 20:60] = 40
    Image.fromarray(pixels).save(tmp_path / "box.png")
    out = tmp_path / "steps"
    assert main(["predict", str(tmp_path / "box.png"), "--kind", "photo", "--save-steps", str(out)]) == 0
    assert sorted(p.name for p in (out / "box").iterdir()) == ["1.png", "2.png", "3.png", "4.png"]
    with Image.open(out / "box" / "4.png") as last:
        assert last.size == (28, 28)


def test_steps_of_pictures_with_one_name_are_kept_apart_and_stay_inside_the_folder(
    folder: Path, tmp_path: Path
) -> None:
    shutil.copy(folder / "0.png", folder / "deeper" / "0.png")
    shutil.copy(folder / "0.png", folder / "0.jpg")
    (tmp_path / "two").mkdir()
    shutil.copy(folder / "1.png", tmp_path / "two" / "0.png")
    shutil.copy(folder / "1.png", tmp_path / "...png")
    out = tmp_path / "parent" / "steps"
    inputs = [folder, tmp_path / "two" / "0.png", tmp_path / "...png"]
    assert main(["predict", *map(str, inputs), "--run", "mlp", "--save-steps", str(out)]) == 0
    assert sorted(p.name for p in (tmp_path / "parent").iterdir()) == ["steps"]
    saved = {p.parent.relative_to(out).as_posix() for p in out.rglob("1.png")}
    assert {"0", "0-2", "0-3", "deeper/0", "picture"} <= saved
    assert len(saved) == 14  # the ten of the folder and four more
