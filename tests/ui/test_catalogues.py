"""The pages on catalogues of few and many classes, and on one without classes."""

import dataclasses
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from fashion_core.data.catalogue import Catalogue
from fashion_core.data.catalogue_edits import split_again
from fashion_core.data.catalogue_labels import TRAIN, VALIDATION
from fashion_core.data.catalogue_list import find_catalogue
from fashion_core.errors import RunError
from fashion_core.models.pretrained import missing_requirement
from fashion_core.report.settings import default_report_settings
from fashion_core.runs.store import RunStore
from tests.conftest import PROJECT
from tests.ui.catalogues import home_at, train_run, write_catalogue
from ui.shell import PAGE_TITLES

EXHAUSTIVE = pytest.mark.exhaustive
# how many classes (one: unlabelled), and the run beside them
WITHOUT_RUNS = [(1, ""), (150, ""), *(pytest.param((n, ""), marks=EXHAUSTIVE) for n in (2, 7))]
WITH_A_RUN = [(150, "mine"), pytest.param((2, "mine"), marks=EXHAUSTIVE)]
PAGES = ("overview", "garments", "clusters", "train", "try_it")
pytestmark = pytest.mark.usefixtures("nothing_is_queued")


@pytest.fixture(scope="module")
def home(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A per-user folder with a catalogue of so many classes and perhaps a run, which no test changes."""
    n_classes, run_id = request.param
    with home_at(tmp_path_factory.mktemp("home")) as folder:
        catalogue = write_catalogue("things", n_classes)
        if run_id:
            train_run(catalogue, run_id)
    return folder


@pytest.fixture
def things(home: Path) -> Iterator[Catalogue]:
    with home_at(home):
        catalogue = find_catalogue("things")
        assert isinstance(catalogue, Catalogue)
        yield catalogue


def open_page(name: str, **query: str) -> AppTest:
    test = AppTest.from_file(str(PROJECT / "pages" / f"{name}.py"), default_timeout=120)
    test.query_params.update(query)
    return test.run()


def shown_text(test: AppTest) -> str:
    elements = [*test.header, *test.markdown, *test.caption, *test.info, *test.warning]
    return "\n".join(element.value for element in elements).replace("\\", "")


def assert_sound(test: AppTest, name: str) -> None:
    assert not test.exception
    assert [error.value for error in test.error] == []
    assert test.title[0].value == PAGE_TITLES[name]


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("home", WITHOUT_RUNS, indirect=True, ids=str)
def test_a_page_shows_a_catalogue_without_runs(name: str, things: Catalogue) -> None:
    test = open_page(name, data="things")
    assert_sound(test, name)
    if name == "train":
        return  # it shows an included run on Fashion-MNIST, as an example
    for word in ("poster", "the ten", "ten classes", "Fashion-MNIST", "synthetic"):
        assert word not in shown_text(test)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("home", WITH_A_RUN, indirect=True, ids=str)
def test_a_page_shows_a_run_on_a_catalogue(name: str, things: Catalogue) -> None:
    test = open_page(name, data="things")
    assert_sound(test, name)
    assert_sound(open_page(name), name)


def test_a_run_on_a_catalogue_is_listed_there_only() -> None:
    train_run(write_catalogue("things", 2), "mine")
    write_catalogue("others", 2)
    listed = {
        name: len(open_page("train", data=name, tab="Runs").dataframe) for name in ("things", "others", "fashion-mnist")
    }
    assert listed == {"things": 1, "others": 0, "fashion-mnist": 0}


def test_overview_names_the_next_step() -> None:
    write_catalogue("nameless", 1)
    catalogue = write_catalogue("things", 2)
    assert "no classes yet" in shown_text(open_page("overview", data="nameless"))
    assert "12 pictures of 2 classes" in shown_text(open_page("overview", data="things"))
    assert "Train a model" in shown_text(open_page("overview", data="things"))
    train_run(catalogue, "mine")
    assert "of 4 test pictures correctly" in open_page("overview", data="things").header[0].value


def test_garments_shows_pictures_or_what_the_models_see() -> None:
    write_catalogue("things", 2)
    test = open_page("garments", data="things")
    assert "images differ most from the mean image of their class" in shown_text(test)
    test.button_group(key="garments-show").set_value(["What the models see"]).run()
    assert_sound(test, "garments")


def test_many_classes_are_chosen_in_a_box() -> None:
    write_catalogue("things", 150)
    test = open_page("garments", data="things")
    test.multiselect[0].set_value(["Kind 149"]).run()
    assert "2 pictures of the chosen classes" in shown_text(test)


def test_an_unlabelled_catalogue_is_not_trained_on() -> None:
    write_catalogue("nameless", 1)
    test = open_page("train", data="nameless")
    assert "these pictures have none yet" in shown_text(test)
    assert "start" not in [button.key for button in test.button]


def test_a_data_set_without_test_pictures_says_so_where_models_are_trained() -> None:
    write_catalogue("things", 2, splits_of_a_class=(TRAIN, TRAIN, VALIDATION))
    test = open_page("train", data="things")
    assert_sound(test, "train")
    assert ["no test pictures" in warning.value for warning in test.warning] == [True]


@pytest.mark.slow
def test_a_run_without_test_pictures_is_neither_compared_nor_reported() -> None:
    catalogue = write_catalogue("things", 2)
    run = train_run(catalogue, "mine")  # as an earlier version left it
    assert run.record is not None
    RunStore().update_record(run.path, data=dataclasses.replace(run.record.data, n_test=0))
    for name in ("overview", "compare", "feasibility", "report", "train"):
        assert_sound(open_page(name, data="things"), name)
    assert "no finished run" in shown_text(open_page("feasibility", data="things"))
    with pytest.raises(RunError, match="no finished run"):
        default_report_settings(RunStore(), catalogue)


def test_a_catalogue_is_answered_by_its_best_run() -> None:
    train_run(write_catalogue("things", 2), "mine")
    test = open_page("try_it", data="things", source="Test image")
    assert_sound(test, "try_it")
    assert "probability" in shown_text(test)
    assert "run mine" in shown_text(test)


def test_a_run_on_other_test_pictures_is_named_so_and_not_compared() -> None:
    catalogue = write_catalogue("things", 2)
    train_run(catalogue, "mine")
    split_again(catalogue, 1)
    test = open_page("try_it", data="things", source="Test image")
    assert_sound(test, "try_it")
    assert ["other test pictures than now" in option for option in test.selectbox(key="answering-run").options] == [
        True
    ]
    assert "No run on it" in shown_text(open_page("overview", data="things"))


def test_a_pretrained_model_answers_for_the_picture_in_colour() -> None:
    if reason := missing_requirement():
        pytest.skip(reason)
    catalogue = write_catalogue("things", 2, repeats=3)
    run = train_run(catalogue, "mine", "pretrained")
    picture = np.asarray(Image.open(io.BytesIO(catalogue.read_picture("test", 0))))
    expected = RunStore().load_classifier(run).predict_proba([picture])[0]
    test = open_page("try_it", data="things", source="Test image")
    assert_sound(test, "try_it")
    name = catalogue.classes[int(expected.argmax())].name
    assert f"{name}, probability {expected.max():.0%}" in shown_text(test)


def test_a_preset_of_another_data_set_in_the_address_is_replaced() -> None:
    write_catalogue("things", 2)
    assert_sound(open_page("train", data="things", preset="poster", model="MLP"), "train")
