"""The page Train exports the folder of ``fashion export``."""

import shutil
from pathlib import Path

from streamlit.testing.v1 import AppTest

from fashion_core.runs.store import RunStore
from tests.ui.catalogues import save_run, write_catalogue
from tests.ui.train_page import page, pressed
from ui.train.view import RUNS


def open_copy(name: str) -> tuple[AppTest, Path]:
    """The page with a copy of an included run selected, and its folder."""
    folder = RunStore().runs_folder / "copy"
    shutil.copytree(RunStore().get(name).path, folder)
    RunStore.update_record(folder, id="copy")
    return page(RUNS, selected_runs=["copy"]).run(), folder


def labels(test: AppTest) -> list[str]:
    return [element.proto.label for element in test.get("download_button")]


def test_a_network_is_exported_for_download() -> None:
    save_run(write_catalogue("mine"), "mine", 0.9)
    test = page(RUNS, selected_runs=["mine"])
    test.query_params["data"] = "mine"
    test.run()
    assert "Download the folder" not in labels(test)
    pressed(test, "Export as ONNX")
    assert not test.exception
    assert not test.error
    assert "Download the folder" in labels(test)
    test.run()  # as every two seconds while a run trains
    assert "Download the folder" in labels(test)


def test_a_damaged_run_is_a_message() -> None:
    test, folder = open_copy("mlp")
    (folder / "weights.safetensors").write_bytes(b"damaged")
    pressed(test, "Export as ONNX")
    assert not test.exception
    assert "no whole safetensors file" in test.error[0].value
    assert "Download the folder" not in labels(test)


def test_a_run_that_is_no_network_says_why_not() -> None:
    test, _ = open_copy("kmeans")
    (button,) = (button for button in test.button if button.label == "Export as ONNX")
    assert button.disabled
    assert "such as a run of Improved CNN" in button.help
