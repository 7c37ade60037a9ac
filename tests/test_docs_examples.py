"""The Python code in the documentation runs."""

import importlib
import re
import sys
import types
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from streamlit.testing.v1 import AppTest

from fashion_core.computed import computation
from fashion_core.computed import store as results
from fashion_core.config.train_config import TrainConfig
from fashion_core.models import registry
from tests.conftest import PROJECT
from tests.core.datasets import ToyDataset
from tests.core.models import contract

EXAMPLE = re.compile(r"^`(?P<path>[\w/]+)\.py`:\n\n```python\n(?P<code>.*?)```", re.DOTALL | re.MULTILINE)


def read(name: str) -> str:
    return (PROJECT / name).read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_python_example_runs(fashion_mnist_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASHION_MNIST_DIR", str(fashion_mnist_folder))
    (code,) = re.findall(r"```python\n(.*?)```", read("docs/python.md"), re.DOTALL)
    assert len(code.splitlines()) <= 25
    exec(compile(code, "docs/python.md", "exec"), {})


def test_the_example_classifies_a_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    picture = Image.new("RGB", (200, 200), "white")
    ImageDraw.Draw(picture).rectangle((60, 30, 140, 180), outline="black", width=4)
    picture.save("picture.jpg")
    (code,) = re.findall(r"```python\n(.*?)```", read("docs/recognition.md"), re.DOTALL)
    exec(compile(code, "docs/recognition.md", "exec"), {})
    assert capsys.readouterr().out.startswith("[")


@pytest.fixture
def examples(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The files that CONTRIBUTING.md writes, by path; those of ``fashion_core`` can be imported."""
    monkeypatch.setattr(computation, "COMPUTATION_TYPES_BY_KIND", dict(computation.COMPUTATION_TYPES_BY_KIND))
    found = {match["path"]: match["code"] for match in EXAMPLE.finditer(read("CONTRIBUTING.md"))}
    for path, code in found.items():
        if path.startswith("fashion_core/"):
            name = path.replace("/", ".")
            module = types.ModuleType(name)
            monkeypatch.setitem(sys.modules, name, module)
            exec(compile(code, path, "exec"), module.__dict__)
    return found


def test_the_example_computation_chart_and_page_work(
    examples: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    brightness = importlib.import_module("fashion_core.computed.class_brightness").ClassBrightness()
    monkeypatch.setattr("ui.caches.current_dataset", ToyDataset)
    page = tmp_path / "brightness.py"
    page.write_text(examples["pages/brightness"], encoding="utf-8")
    test = AppTest.from_file(str(page), default_timeout=60).run()
    assert not test.exception
    assert "Compute" in [button.label for button in test.button]
    arrays = results.load_or_compute(brightness, ToyDataset(), lambda fraction, message: None)
    assert arrays["brightness"].shape == (10,)
    test.run()
    assert not test.exception
    assert len(test.get("plotly_chart")) == 1


@pytest.mark.slow
def test_the_example_model_keeps_the_contract(examples: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    (entry,) = re.findall(r"```python\n(ModelSpec\(.*?)```", read("CONTRIBUTING.md"), re.DOTALL)
    spec = eval(entry, {"TrainConfig": TrainConfig, **vars(registry)})
    monkeypatch.setattr(registry, "MODELS", {**registry.MODELS, spec.name: spec})
    contract.check_probabilities(spec.name)
    contract.check_weights_round_trip(spec.name)
    contract.check_presets_are_of_the_model(spec.name)
