"""The exported example gives this program's answers, with nothing but onnxruntime, Pillow and numpy."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import onnxruntime
import pytest
from PIL import Image

from fashion_core.analysis.calibration import apply_temperature
from fashion_core.analysis.feasibility import CalibratedPredictions
from fashion_core.data import FashionMNIST
from fashion_core.export.folder import save_folder
from fashion_core.export.run_files import export_files
from fashion_core.models.trained_network import TrainedNetwork
from fashion_core.runs.store import RunStore
from fashion_core.vision.letterbox import letterbox
from fashion_core.vision.preparation import PreparationOptions, prepare_picture

N_IMAGES = 500
NEEDED = ("numpy", "numpy.libs", "PIL", "pillow.libs", "onnxruntime")
RUN_WITHOUT_OTHER_PACKAGES = """
import runpy, sys
sys.path.append(sys.argv[1])
try:
    import fashion_core
except ImportError:
    pass
else:
    sys.exit("fashion_core can be imported here")
sys.argv = sys.argv[2:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exports") / "recognition-1"
    save_folder(folder, export_files(RunStore(), RunStore().get("recognition-1")))
    return folder


@pytest.fixture(scope="module")
def network() -> TrainedNetwork:
    classifier = RunStore().load_classifier(RunStore().get("recognition-1"))
    assert isinstance(classifier, TrainedNetwork)
    return classifier


@pytest.fixture(scope="module")
def example(exported: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("predict", exported / "predict.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def read_card(folder: Path) -> dict[str, Any]:
    card: dict[str, Any] = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    return card


def test_the_example_is_short_and_says_what_its_preparation_costs(exported: Path, example: ModuleType) -> None:
    lines = (exported / "predict.py").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 60
    assert max(map(len, lines)) <= 120
    assert "of 80 shop pictures" in " ".join(example.__doc__.split())
    assert "PREPARATION_COST" not in example.__doc__


@pytest.mark.parametrize("mirror", [True, False])
def test_all_probabilities_are_those_of_this_program(
    exported: Path, example: ModuleType, network: TrainedNetwork, mirror: bool
) -> None:
    images = np.random.default_rng(0).integers(0, 256, (30, 28, 28), dtype=np.uint8)
    images[:, :, :7] = images[:, :9] = 0
    card = read_card(exported)
    card["test_time_augmentation"] |= {"mirror": mirror}
    alike = network.without_augmentation()
    alike.augmentation = type(network.augmentation)(mirror)
    assert alike.count_views(images).max() == 1 + mirror
    session = onnxruntime.InferenceSession(exported / "model.onnx")
    ours = apply_temperature(alike.predict_proba(images), card["temperature"])
    np.testing.assert_allclose(example.predict(images, session, card), ours, atol=1e-5)


@pytest.mark.parametrize("suffix", ["png", "webp"])
def test_a_garment_on_a_plain_ground_is_prepared_nearly_as_here(
    example: ModuleType, tmp_path: Path, suffix: str
) -> None:
    picture = np.full((300, 200, 3), 250, np.uint8)
    picture[40:240, 70:130] = (120, 40, 60)  # a garment with sleeves
    picture[50:90, 20:180] = (20, 20, 20)
    Image.fromarray(picture).save(tmp_path / f"garment.{suffix}", **({"lossless": True} if suffix == "webp" else {}))
    image = example.prepare(tmp_path / f"garment.{suffix}", "auto")
    ours = prepare_picture(picture, PreparationOptions("shop")).image
    assert image.shape == (28, 28)
    assert np.abs(image.astype(int) - ours).mean() < 8


def test_transparency_counts_as_white(example: ModuleType, tmp_path: Path) -> None:
    picture = np.zeros((100, 100, 4), np.uint8)
    picture[20:80, 30:70] = (90, 90, 90, 255)
    Image.fromarray(picture).save(tmp_path / "cut-out.png")
    image = example.prepare(tmp_path / "cut-out.png", "auto")
    assert image[14, 14] == 165
    assert image[14, 0] == 0


def test_a_letterbox_is_the_whole_picture_as_here(example: ModuleType, tmp_path: Path) -> None:
    for number, (low, high) in enumerate([(0, 100), (156, 256)]):
        picture = np.random.default_rng(number).integers(low, high, (144, 90, 3), dtype=np.uint8)
        Image.fromarray(picture).save(tmp_path / "picture.png")
        np.testing.assert_allclose(example.prepare(tmp_path / "picture.png", "letterbox"), letterbox(picture), atol=1)


def test_a_picture_of_one_colour_is_no_error(example: ModuleType, tmp_path: Path) -> None:
    Image.new("RGB", (50, 80), "red").save(tmp_path / "red.png")
    assert example.prepare(tmp_path / "red.png", "auto").max() == 0


@pytest.mark.slow
def test_the_example_answers_without_this_program_as_this_program_does(
    exported: Path, network: TrainedNetwork, fashion_mnist: FashionMNIST, tmp_path: Path
) -> None:
    indices = np.random.default_rng(0).choice(10_000, N_IMAGES, replace=False)
    images = fashion_mnist.split("test").images[indices]
    assert network.count_views(images).max() == 2
    for number, image in enumerate(images):
        Image.fromarray(image).save(tmp_path / f"{number}.png")
    packages = tmp_path / "packages"
    packages.mkdir()
    for name in NEEDED:
        if (source := Path(np.__file__).parent.parent / name).exists():  # wheels of some systems have no libraries
            (packages / name).symlink_to(source)
    command = [
        sys.executable,
        "-I",
        "-S",
        "-c",
        RUN_WITHOUT_OTHER_PACKAGES,
        str(packages),
        str(exported / "predict.py"),
    ]
    files = [f"{number}.png" for number in range(N_IMAGES)]
    done = subprocess.run([*command, *files], cwd=tmp_path, env={}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    card = read_card(exported)
    probabilities = network.predict_proba(images)
    ours = apply_temperature(probabilities, card["temperature"])
    assert [row[:2] for row in rows] == [
        [file, card["classes"][label]] for file, label in zip(files, ours.argmax(axis=1), strict=True)
    ]
    np.testing.assert_allclose([float(row[2]) for row in rows], ours.max(axis=1), atol=1e-4)
    calibrated = CalibratedPredictions.from_probabilities(probabilities, np.zeros(N_IMAGES), card["temperature"])
    clear = np.abs(calibrated.confidence - card["threshold"]) > 1e-4
    assert clear.mean() > 0.9
    decisions = np.where(calibrated.confidence >= card["threshold"], "automatic", "check")
    assert set(decisions) == {"automatic", "check"}
    np.testing.assert_array_equal(np.array([row[3] for row in rows])[clear], decisions[clear])
