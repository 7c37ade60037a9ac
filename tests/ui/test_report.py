"""The Report page without a browser: its settings, its files, and input that cannot be."""

import json
import shutil
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from fashion_core.config.train_config import TrainConfig
from fashion_core.data.sample_data import SampleDataset
from fashion_core.report import pdf
from fashion_core.report.content import SECTION_TITLES
from fashion_core.report.settings import ReportSettings
from fashion_core.runs.execute import new_run_record, train_and_score_run
from fashion_core.runs.store import RunStore
from tests.conftest import PROJECT
from tests.core.report.reports import noise_picture
from ui.report import settings_form

SETTINGS_KEY = f"{settings_form.SETTINGS_KEY}-fashion-mnist"


@pytest.fixture
def page() -> Callable[..., AppTest]:
    """Runs the page, with ``settings`` as this visitor left them."""

    def opened(settings: ReportSettings | None = None) -> AppTest:
        test = AppTest.from_file(str(PROJECT / "pages" / "report.py"), default_timeout=120)
        if settings is not None:
            test.session_state[SETTINGS_KEY] = settings
        test.run()
        assert not test.exception
        return test

    return opened


def press(test: AppTest, label: str) -> None:
    next(button for button in test.button if button.label == label).click().run()


def errors(test: AppTest) -> list[str]:
    return [error.value.replace("\\", "") for error in test.error]


def warnings(test: AppTest) -> list[str]:
    return [warning.value.replace("\\", "") for warning in test.warning]


def test_all_settings_are_applied_together(page: Callable[..., AppTest]) -> None:
    test = page(ReportSettings(sections=("question", "results")))
    test.text_input[0].set_value("Ours")
    test.text_input[1].set_value("Me")
    test.multiselect[0].set_value(["cnn", "kmeans"])
    test.multiselect[1].set_value(["results"])
    press(test, "Build the report")
    assert errors(test) == []
    assert test.session_state[SETTINGS_KEY] == ReportSettings("Ours", "Me", ("cnn", "kmeans"), ("results",))


def test_a_run_that_ends_meanwhile_does_not_undo_the_choice(page: Callable[..., AppTest]) -> None:
    test = page(ReportSettings(sections=("results",)))
    test.multiselect[0].set_value(["cnn", "kmeans"])
    folder = RunStore().runs_folder / "copy"
    shutil.copytree(RunStore().get("mlp").path, folder)
    RunStore.update_record(folder, id="copy")
    press(test, "Build the report")
    assert test.session_state[SETTINGS_KEY].runs == ("cnn", "kmeans")


def test_invalid_settings_give_an_error_and_change_nothing(page: Callable[..., AppTest]) -> None:
    before = ReportSettings(sections=("results",))
    test = page(before)
    test.text_input[0].set_value("  ")
    press(test, "Build the report")
    assert ["title" in error for error in errors(test)] == [True]
    assert test.session_state[SETTINGS_KEY] == before
    test.multiselect[0].set_value([])
    test.text_input[0].set_value("Ours")
    press(test, "Build the report")
    assert ["1 to 12" in error for error in errors(test)] == [True]
    assert test.session_state[SETTINGS_KEY] == before


def test_an_invalid_logo_gives_an_error(page: Callable[..., AppTest]) -> None:
    test = page(ReportSettings(sections=("results",)))
    test.file_uploader[0].set_value(("logo.png", b"<svg/>", "image/png"))
    press(test, "Build the report")
    assert ["logo" in error for error in errors(test)] == [True]
    test.file_uploader[0].set_value(("logo.png", noise_picture(), "image/png"))
    press(test, "Build the report")
    assert errors(test) == []
    assert test.session_state[SETTINGS_KEY].logo.startswith(b"\x89PNG")


def test_saved_settings_are_opened_and_newer_ones_are_refused(page: Callable[..., AppTest]) -> None:
    wanted = ReportSettings("Saved", "Them", ("mlp",), ("results", "provenance"))
    test = page(ReportSettings(sections=("results",)))
    test.file_uploader[1].set_value(("newer.json", json.dumps({"schema": 9}).encode(), "application/json")).run()
    assert ["format 9" in error for error in errors(test)] == [True]
    test.file_uploader[1].set_value(("report.json", wanted.to_json().encode(), "application/json")).run()
    assert errors(test) == []
    assert test.session_state[SETTINGS_KEY] == wanted
    test.text_input[0].set_value("Changed")
    press(test, "Build the report")
    assert test.session_state[SETTINGS_KEY].title == "Changed"  # the file, still chosen, is not opened again


def test_a_deleted_run_is_named_and_the_others_are_shown(page: Callable[..., AppTest]) -> None:
    test = page(ReportSettings(runs=("cnn", "gone"), sections=("results",)))
    assert errors(test) == []
    assert ["gone" in warning for warning in warnings(test)] == [True]


def test_runs_on_different_data_give_an_error_and_can_be_changed(page: Callable[..., AppTest]) -> None:
    dataset = SampleDataset()
    train_and_score_run(RunStore().create_run(new_run_record(TrainConfig("mlp", 1), dataset, run_id="mine")), dataset)
    test = page(ReportSettings(runs=("mlp", "mine"), sections=("results",)))
    assert ["different data" in error for error in errors(test)] == [True]
    test.multiselect[0].set_value(["mine"])
    press(test, "Build the report")
    assert errors(test) == []


def test_the_report_is_built_again_when_a_run_changes(page: Callable[..., AppTest]) -> None:
    folder = RunStore().runs_folder / "mine"
    shutil.copytree(RunStore().get("cnn").path, folder)
    record = json.loads((folder / "run.json").read_text()) | {"id": "mine"}
    (folder / "run.json").write_text(json.dumps(record))
    test = page(ReportSettings(runs=("mine",), sections=("results",)))
    assert warnings(test) == []
    (folder / "test.npz").write_bytes(b"")
    test.run()
    assert ["None of the chosen runs" in error for error in errors(test)] == [True]


def test_without_chromium_the_page_explains_how_to_print(
    page: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "find_chromium", lambda: None)
    test = page(ReportSettings(sections=("results",)))
    disabled = {button.label: button.proto.help for button in test.get("download_button") if button.proto.disabled}
    assert disabled == dict.fromkeys(("PDF", "A1 poster"), pdf.CHROMIUM_MISSING_MESSAGE)


def test_every_section_can_be_chosen(page: Callable[..., AppTest]) -> None:
    test = page(ReportSettings(sections=("results",)))
    assert test.multiselect[1].options == list(SECTION_TITLES.values())
