"""Compare, Feasibility and Report on catalogues of few and of many classes."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fashion_core.computed.store import results_folder
from fashion_core.computed.validation import ValidationPredictions
from fashion_core.data.catalogue import Catalogue
from fashion_core.data.catalogue_edits import split_again
from fashion_core.data.catalogue_list import find_catalogue
from fashion_core.runs.label_errors import find_label_errors_of_runs
from fashion_core.runs.store import RunStore
from tests.ui.catalogues import home_at, save_run, write_catalogue
from tests.ui.test_pages import assert_sound, run, texts
from ui.compare.view import COMPARE_SECTIONS
from ui.feasibility import automation
from ui.feasibility.view import DETAIL_VIEWS

N_CLASSES = (150, *(pytest.param(n, marks=pytest.mark.exhaustive) for n in (2, 7)))
pytestmark = pytest.mark.usefixtures("nothing_is_queued")


@pytest.fixture(scope="module", params=N_CLASSES)
def home(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A per-user folder with a catalogue and three finished runs, which no test changes."""
    with home_at(tmp_path_factory.mktemp("home")) as folder:
        catalogue = write_catalogue("coats", request.param, repeats={2: 25, 150: 2}.get(request.param, 12))
        for seed, (run_id, accuracy) in enumerate((("worst", 0.6), ("best", 0.95), ("second", 0.8))):
            save_run(catalogue, run_id, accuracy, seed=seed)
    return folder


@pytest.fixture
def catalogue(home: Path) -> Iterator[Catalogue]:
    """A catalogue with three finished runs."""
    with home_at(home):
        catalogue = find_catalogue("coats")
        assert isinstance(catalogue, Catalogue)
        yield catalogue


def open_page(name: str, **query: str) -> AppTest:
    test = run(name, data="coats", **query)
    assert_sound(test, name)
    return test


def plain(test: AppTest) -> str:
    return texts(test).replace("\\", "")


def warnings(test: AppTest) -> list[str]:
    return [warning.value.replace("\\", "") for warning in test.warning]


# ------------------------------------------------------------------ Compare


def test_compare_starts_with_the_two_most_accurate_runs(catalogue: Catalogue) -> None:
    test = open_page("compare")
    assert warnings(test) == []
    boxes = {box.label: box.value for box in test.selectbox}
    assert (boxes["Run A"], boxes["Run B"]) == ("second", "best")
    assert "best fixes" in plain(test)
    test = open_page("compare", look="By class")
    [table] = [frame.value for frame in test.dataframe]
    assert list(table["Class"]) == list(catalogue.classes.names)
    assert f"correction over {len(catalogue.classes)} classes" in plain(test)


@pytest.mark.parametrize("look", COMPARE_SECTIONS)
def test_every_section_of_compare_works(catalogue: Catalogue, look: str) -> None:
    last = len(catalogue.classes) - 1
    test = open_page("compare", look=look, pick=f"A.{last}.{last - 1}", leave="Contested", order="By similarity")
    assert warnings(test) == []
    if look == "Matrices":
        assert f"of class {catalogue.classes[last].name} that A predicts as" in plain(test)


@pytest.mark.parametrize("home", [2, 150], indirect=True)
def test_only_many_classes_are_collapsed(catalogue: Catalogue) -> None:
    n = len(catalogue.classes)
    test = open_page("compare")
    assert ("Other: all the rest" in plain(test)) == (n > 15)
    assert ("Most confused classes" in [box.label for box in test.number_input]) == (n > 15)
    if n > 15:
        chosen = open_page("compare", classes="3,149,77", pick="B.-1.149")
        assert "The 3 classes you chose of 150" in plain(chosen)
        assert "of another class that B predicts as Kind 149" in plain(chosen)


def test_a_class_that_the_data_set_lacks_cannot_be_selected(catalogue: Catalogue) -> None:
    test = open_page("compare", pick=f"A.{len(catalogue.classes)}.0")
    assert ["a class that this data set doesn't have" in warning for warning in warnings(test)] == [True]
    assert "pick" not in test.query_params


def test_one_run_cannot_be_compared() -> None:
    save_run(write_catalogue("coats", 2), "single", 0.8)
    test = open_page("compare")
    assert ["two finished runs" in info.value for info in test.info] == [True]
    assert not test.dataframe


def test_a_run_that_is_named_by_its_time_is_shown_without_its_id() -> None:
    catalogue = write_catalogue("coats", 2)
    save_run(catalogue, "mlp-s0-1", 0.8, title="MLP 27 Nov 04:09:27")
    save_run(catalogue, "mlp-s0-2", 0.6, title="Mine")
    box = next(box for box in open_page("compare").selectbox if box.label == "Run A")
    assert sorted(box.options) == ["A: MLP 27 Nov 04:09:27", "A: Mine (mlp-s0-2)"]


def test_runs_on_former_test_pictures_are_not_compared_with_later_ones() -> None:
    save_run(write_catalogue("coats", 7, repeats=2), "new", 0.8)
    save_run(write_catalogue("others", 7, repeats=3), "other", 0.8)
    test = open_page("compare", a="new", b="other")
    assert ["two finished runs" in info.value for info in test.info] == [True]


def test_labels_that_runs_doubt_are_shown() -> None:
    catalogue = write_catalogue("coats", 7, repeats=12)
    runs = [save_run(catalogue, name, 0.95, seed=1) for name in ("one", "two")]
    found = find_label_errors_of_runs(runs, RunStore().load_predictions)
    assert found is not None
    assert len(found.errors) > 0
    test = open_page("compare", look="Data health")
    assert f"{len(found.errors)} of {len(found.labels)} test labels may be wrong" in plain(test)


@pytest.mark.parametrize("name", ["compare", "feasibility"])
def test_a_page_that_was_open_before_training_shows_the_runs_after_it(name: str) -> None:
    catalogue = write_catalogue("coats", 2, repeats=12)
    test = open_page(name)
    for seed, (run_id, accuracy) in enumerate((("good", 0.8), ("better", 0.95))):
        save_run(catalogue, run_id, accuracy, seed=seed)
    test.run()
    assert_sound(test, name)
    assert warnings(test) == []
    assert set(test.query_params) == {"data"}


# ------------------------------------------------------------------ Feasibility


@pytest.mark.parametrize("look", DETAIL_VIEWS)
def test_every_detail_of_feasibility_works(catalogue: Catalogue, look: str) -> None:
    test = open_page("feasibility", look=look, target="60")
    assert warnings(test) == []
    assert {box.label: box.value for box in test.selectbox}["Run"] == "best"
    assert "Your catalogue" not in [look for group in test.button_group for look in group.options]
    costs = test.dataframe[0].value
    assert set(costs["Sorted by"]) == {"best (best)", "second (second)", "worst (worst)", "Manual sorting"}
    assert "People are assumed to sort 100.0% correctly. Nobody has measured that" in plain(test)
    assert "Cost of mistakes" not in [box.label for box in test.selectbox]  # there is one preset


def test_too_few_pictures_are_said_to_be_too_few() -> None:
    save_run(write_catalogue("coats", 7, repeats=4), "mine", 0.9)  # 28 for validation, 56 to test
    text = plain(open_page("feasibility", target="90"))
    assert (
        "Too few pictures to assure 90.0% correct with 95% certainty: it takes at least 23 more in validation" in text
    )
    assert "Add pictures, or lower the target to 82.0%." in text
    assert "need no manual check (95%" not in text


@pytest.mark.parametrize("look", ["Prices", "By run"])
def test_costs_are_left_out_where_too_few_test_pictures_can_show_them(look: str) -> None:
    save_run(write_catalogue("coats", 7, repeats=4), "mine", 0.9)  # 56 to test
    test = open_page("feasibility", look=look, target="80")
    assert_sound(test, "feasibility")
    assert ["Costs are left out" in info.value for info in test.info] == [True]
    assert not [frame for frame in test.dataframe if automation.COST in frame.value or automation.SAVING in frame.value]


def test_nothing_is_computed_from_a_handful_of_pictures() -> None:
    save_run(write_catalogue("coats", 2), "mine", 0.9)  # 2 for validation, 4 to test
    test = open_page("feasibility")
    assert "Too few pictures to assure 99.0% correct with 95% certainty: it takes at least 541 more" in plain(test)
    assert "saves" not in plain(test)
    assert not test.dataframe


def test_costs_are_set_by_pair_where_a_matrix_would_be_too_large() -> None:
    catalogue = write_catalogue("coats", 150)
    save_run(catalogue, "mine", 0.9)
    test = open_page("feasibility", prices="12.103:0.5")
    [table] = [frame.value for frame in test.dataframe if "Sorted as" in frame.value]
    assert table.to_numpy().tolist() == [["Kind 12", "Kind 103", 0.5]]
    true, predicted = (box for box in test.multiselect if box.label in ("True class", "Sorted as"))
    true.set_value([7, 8])
    predicted.set_value([7, 140])
    next(box for box in test.number_input if box.label == "Cost of these mistakes").set_value(0.25)
    next(button for button in test.button if button.label == "Set").click().run()
    assert_sound(test, "feasibility")
    assert test.query_params["prices"] in (value := "7.140:0.25,87:0.25,8.140:0.25,12.103:0.5", [value])


def test_costs_of_two_classes_are_a_matrix() -> None:
    save_run(write_catalogue("coats", 2, repeats=25), "mine", 0.9)
    test = open_page("feasibility", prices="01:5", preset="Same shelf 0.2")
    assert ["doesn't have the costs" in warning for warning in warnings(test)] == [True]
    assert "edited" in plain(test)
    assert np.isfinite(test.dataframe[0].value[automation.COST]).all()


def test_feasibility_without_a_run_leads_to_train() -> None:
    write_catalogue("coats", 2)
    assert ["no finished run to assess" in info.value for info in open_page("feasibility").info] == [True]


# ------------------------------------------------------------------ Report


def test_the_report_is_about_the_catalogue_s_best_runs(catalogue: Catalogue) -> None:
    test = open_page("report")
    assert warnings(test) == []
    title, _ = test.text_input
    assert title.value == f"Can the pictures of {catalogue.title} be sorted automatically?"
    runs, sections = test.multiselect
    assert runs.value == ["best", "second", "worst"]
    assert "What failed on the poster, and a possible reason" not in sections.options
    assert {"HTML", "PowerPoint", "Save these settings"} <= {button.label for button in test.get("download_button")}


def test_each_data_set_has_report_settings_of_its_own() -> None:
    save_run(write_catalogue("coats", 2, repeats=2), "mine", 0.9)
    test = open_page("report")
    test.text_input[0].set_value("Our coats")
    test.multiselect[1].set_value(["results"])
    next(button for button in test.button if button.label == "Build the report").click().run()
    assert_sound(test, "report")
    assert test.text_input[0].value == "Our coats"
    test.sidebar.selectbox[0].set_value("fashion-mnist").run()
    assert test.text_input[0].value == "Can clothing pictures be sorted automatically?"
    test.sidebar.selectbox[0].set_value("coats").run()
    assert test.text_input[0].value == "Our coats"


def test_report_without_a_run_leads_to_train() -> None:
    write_catalogue("coats", 2)
    assert ["no finished run to report" in info.value for info in open_page("report").info] == [True]


def test_a_temperature_is_fitted_where_nothing_can_be_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = write_catalogue("coats", 2, repeats=2)
    for seed, run_id in enumerate(("mine", "other")):
        save_run(catalogue, run_id, 0.9, seed=seed)
    shutil.rmtree(results_folder())
    monkeypatch.setenv("FASHION_MODE", "presentation")
    predicted: list[str] = []
    compute = ValidationPredictions.compute
    monkeypatch.setattr(
        ValidationPredictions, "compute", lambda self, *args: (predicted.append(self.run_id), compute(self, *args))[1]
    )
    test = open_page("compare", look="Confidence", tempered="yes").run()
    assert plain(test).count("fitted on validation") == 2
    assert sorted(predicted) == ["mine", "other"]  # once, though the page was drawn twice
    assert not results_folder().exists()


# ------------------------------------------------------------------ cross-validation


@pytest.fixture(scope="module")
def folded_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A per-user folder with a catalogue of 240 pictures in folds and two runs on it, which no test changes."""
    with home_at(tmp_path_factory.mktemp("home")) as folder:
        catalogue = split_again(write_catalogue("coats", 4, repeats=10), 0)
        assert catalogue.split_sizes["test"] == 240
        for seed, (run_id, accuracy) in enumerate((("best", 0.95), ("second", 0.8))):
            save_run(catalogue, run_id, accuracy, seed=seed)
    return folder


@pytest.fixture
def _folded(folded_home: Path) -> Iterator[None]:
    with home_at(folded_home):
        yield


@pytest.mark.usefixtures("_folded")
@pytest.mark.parametrize("page", ["overview", "data", "compare", "feasibility", "garments", "clusters", "train"])
def test_pages_say_that_runs_were_cross_validated(page: str) -> None:
    test = open_page(page)
    if page not in ("clusters", "train"):
        assert "5-fold cross-validation on 240 pictures" in plain(test)


@pytest.mark.usefixtures("_folded")
def test_thresholds_and_temperatures_come_from_other_folds() -> None:
    test = open_page("feasibility", look="Garments", target="90")
    assert warnings(test) == []
    assert "3 of 5 folds (validation, n = 144) and tested on the others (test, n = 96)" in plain(test)
    scaled = open_page("compare", look="Confidence", tempered="yes")
    assert plain(scaled).count("test, n = 96") == 2
    assert plain(open_page("compare", look="Confidence")).count("test, n = 240") == 2
