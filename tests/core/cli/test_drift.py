"""Whether a promise holds for other pictures, from the command line."""

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from fashion_core.__main__ import main
from fashion_core.computed.store import find_result
from fashion_core.computed.validation import validation_computation
from fashion_core.data.catalogue_edits import split_again
from fashion_core.data.classes import CLASS_FOLDER_NAMES
from fashion_core.data.sample_data import generate_sample_images
from tests.conftest import REAL_DATA_MISSING, real_data_folder
from tests.ui.catalogues import save_run, write_catalogue


def write_pictures(folder: Path, images: Any, labels: Any) -> Path:
    for number, (image, label) in enumerate(zip(images, labels, strict=True)):
        place = folder / CLASS_FOLDER_NAMES[label]
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(place / f"{number}.png")
    return folder


def drift(folder: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert main(["drift", str(folder), "--json", *arguments]) == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return answer


def test_other_pictures_are_told_apart_and_some_of_them_are_to_be_labelled(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = drift(write_pictures(tmp_path, *generate_sample_images(12, 3)), capsys, "--run", "improved_cnn")
    assert found["n"] == 120
    assert found["differs"]
    assert found["p_value"] < 0.05
    assert "look different" in found["sentence"]
    assert len(set(found["to_label"])) == 60
    assert all(Path(name).exists() for name in found["to_label"])


@pytest.mark.skipif(real_data_folder() is None, reason=REAL_DATA_MISSING)
def test_pictures_of_the_same_kind_pass(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from fashion_core.data import load_dataset

    test = load_dataset().split("test")
    folder = write_pictures(tmp_path, test.images[:100], test.labels[:100])
    found = drift(folder, capsys, "--run", "improved_cnn")
    assert not found["differs"]
    assert found["n_reference"] == 5000
    assert "Nothing speaks against" in found["sentence"]


def test_too_few_pictures_say_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = drift(write_pictures(tmp_path, *generate_sample_images(1, 3)), capsys)
    assert found["p_value"] is None
    assert not found["differs"]
    assert "too few" in found["sentence"]


@pytest.mark.parametrize(("is_cross_validated", "n_reference"), [(False, 20), (True, 72)])
def test_the_reference_is_computed_or_comes_from_the_folds(
    is_cross_validated: bool, n_reference: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    catalogue = write_catalogue("mine", 2, repeats=10)
    if is_cross_validated:
        catalogue = split_again(catalogue, 0)
    run = save_run(catalogue, "run-of-mine", 0.9)
    stored = find_result(validation_computation(run), catalogue.fingerprint)
    assert stored is not None
    stored.unlink()
    found = drift(write_pictures(tmp_path / "in", *generate_sample_images(2, 3)), capsys, "--run", "run-of-mine")
    assert (found["n"], found["n_reference"]) == (20, n_reference)


def test_unreadable_pictures_are_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "broken.png").write_bytes(b"not a picture")
    assert main(["drift", str(tmp_path)]) == 1
    assert "None of these pictures can be read" in capsys.readouterr().err
