import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fashion_core.__main__ import main
from fashion_core.data.stand_in import sample
from fashion_core.labels import NAMES


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Ten stand-in pictures, one a class, in a folder with one in a sub-folder."""
    images, labels = sample(1, 8)
    (tmp_path / "in" / "deeper").mkdir(parents=True)
    for image, label in zip(images, labels, strict=True):
        place = tmp_path / "in" / ("deeper" if label == 9 else "")
        Image.fromarray(image).save(place / f"{label}.png")
    return tmp_path / "in"


def answers(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return json.loads(capsys.readouterr().out.splitlines()[-1])["pictures"]


@pytest.mark.parametrize("model", ["kmeans", "mlp", "cnn", "improved_cnn"])
def test_a_folder_is_answered_picture_by_picture(folder: Path, model: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", str(folder), "--model", model, "--json"]) == 0
    found = answers(capsys)
    assert len(found) == 10
    for answer in found:
        assert answer["kind"] == "sample"
        probabilities = [c["probability"] for c in answer["classes"]]
        assert len(probabilities) == 3
        assert probabilities == sorted(probabilities, reverse=True)
        assert {c["label"] for c in answer["classes"]} <= set(NAMES)


def test_the_best_model_names_most_garments(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", str(folder), "--json"]) == 0
    right = [NAMES[int(Path(a["path"]).stem)] == a["classes"][0]["label"] for a in answers(capsys)]
    assert sum(right) >= 8


def test_a_bad_file_becomes_a_line_and_the_others_go_on(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "bad.png").write_bytes(b"nothing")
    assert main(["predict", str(folder / "bad.png"), str(folder / "0.png"), str(folder / "gone.png"), "--json"]) == 0
    bad, good, gone = answers(capsys)
    assert "no picture" in bad["error"]
    assert "classes" in good
    assert "cannot be read" in gone["error"]


def test_only_bad_files_are_a_failure_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad.png").write_bytes(b"nothing")
    assert main(["predict", str(tmp_path / "bad.png"), "--json"]) == 1
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
    assert main(["predict", str(tmp_path / "none")]) == 1


def test_an_empty_folder_is_a_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", str(tmp_path)]) == 1
    assert "no pictures" in capsys.readouterr().err


def test_steps_are_saved_on_request(tmp_path: Path) -> None:
    pixels = np.full((90, 80, 3), 255, np.uint8)
    pixels[20:70, 20:60] = 40
    Image.fromarray(pixels).save(tmp_path / "box.png")
    out = tmp_path / "steps"
    assert main(["predict", str(tmp_path / "box.png"), "--kind", "photo", "--save-steps", str(out)]) == 0
    assert sorted(p.name for p in (out / "box").iterdir()) == ["1.png", "2.png", "3.png", "4.png"]
    with Image.open(out / "box" / "4.png") as last:
        assert last.size == (28, 28)
