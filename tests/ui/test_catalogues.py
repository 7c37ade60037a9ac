"""The pages on catalogues of few and many classes, and on one without classes."""

import dataclasses
import io
from typing import Any

import numpy as np
import pytest
import streamlit as st
from PIL import Image
from streamlit.testing.v1 import AppTest

from fashion_core.computed import store
from fashion_core.computed.clustering import KMeansClustering, choose_default_clustering
from fashion_core.computed.projection import Projection
from fashion_core.data.catalogue import Catalogue
from fashion_core.data.catalogue_edits import split_again, undo
from fashion_core.data.catalogue_labels import TRAIN, VALIDATION
from fashion_core.errors import ConfigError, RunError
from fashion_core.models.pretrained import missing_requirement
from fashion_core.report.settings import default_report_settings
from fashion_core.runs.store import RunStore, hash_weights
from tests.conftest import PROJECT
from tests.ui.catalogues import save_run, train_run, write_catalogue
from ui.clusters import new_classes
from ui.clusters.view import CLUSTERS_SECTIONS, ClustersView, parse_cluster_classes
from ui.shell import PAGE_TITLES

CLASS_COUNTS = (1, 2, 150, pytest.param(7, marks=pytest.mark.exhaustive))  # one: unlabelled
PAGES = ("overview", "garments", "clusters", "train", "try_it")


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
@pytest.mark.parametrize("n_classes", CLASS_COUNTS)
def test_a_page_shows_a_catalogue_without_runs(name: str, n_classes: int) -> None:
    write_catalogue("things", n_classes)
    test = open_page(name, data="things")
    assert_sound(test, name)
    if name == "train":
        return  # it shows an included run on Fashion-MNIST, as an example
    for word in ("poster", "the ten", "ten classes", "Fashion-MNIST", "synthetic"):
        assert word not in shown_text(test)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("n_classes", [2, 150])
def test_a_page_shows_a_run_on_a_catalogue(name: str, n_classes: int) -> None:
    train_run(write_catalogue("things", n_classes), "mine")
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


@pytest.mark.parametrize("name", ["clusters", "train"])
def test_pictures_left_unlabelled_beside_classes_are_pointed_out(name: str) -> None:
    compute_clusters(write_catalogue("things", 2, names=("Hats", "Unlabelled")))
    compute_clusters(write_catalogue("nameless", 1))
    pages = {data: open_page(name, data=data, look="Names") for data in ("things", "nameless")}
    warnings = {data: [warning.value for warning in page.warning] for data, page in pages.items()}
    assert ["Unlabelled counts as a class here" in warning for warning in warnings["things"]] == [True]
    assert warnings["nameless"] == []


def test_clusters_without_classes_are_shown_beside_the_brightness() -> None:
    compute_clusters(write_catalogue("nameless", 1))
    test = open_page("clusters", data="nameless", look="Brightness")
    assert_sound(test, "clusters")
    view = test.session_state["clusters-view-nameless"]
    assert (view.left, view.right) == ("Brightness", "Cluster")
    assert "left" not in test.query_params
    assert "true classes" not in shown_text(test)


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


def compute_clusters(catalogue: Catalogue) -> KMeansClustering:
    """What the page Clusters shows first of a catalogue, computed."""
    clustering = choose_default_clustering(catalogue)
    for computation in (Projection("pca", "all"), clustering):
        arrays = computation.compute(catalogue, lambda fraction, step: None)
        store.save_result(computation, catalogue.fingerprint, arrays)
    return clustering


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n_classes", "k", "look"),
    [(1, 2, "Names"), (2, 2, "Members"), (150, 150, "Names"), *((7, 7, look) for look in CLUSTERS_SECTIONS)],
)
def test_clusters_of_a_catalogue_are_as_many_as_its_classes(n_classes: int, k: int, look: str) -> None:
    assert compute_clusters(write_catalogue("things", n_classes)).k == k
    test = open_page("clusters", data="things", images="All", k=str(k), look=look)
    assert_sound(test, "clusters")
    assert f"n = {6 * n_classes:,}" in shown_text(test)


def test_named_clusters_become_classes(monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = write_catalogue("nameless", 1, repeats=3)
    k = compute_clusters(catalogue).k
    editor = st.data_editor

    def name_first_and_last(data: dict[str, Any], **options: Any) -> Any:
        editor(data, **options)
        return data | {"New class": ["Left", *[""] * (k - 2), "Right"]}

    monkeypatch.setattr(new_classes.st, "data_editor", name_first_and_last)
    test = open_page("clusters", data="nameless")
    assert_sound(test, "clusters")
    test.button(key="clusters-make-classes").click().run()
    assert not test.exception
    changed = Catalogue.open(catalogue.folder)
    assert set(changed.classes.names) == ({"Left", "Right"} if k == 2 else {"Unlabelled", "Left", "Right"})
    assert undo(changed).classes.names == ("Unlabelled",)  # it is one change


def test_a_cluster_name_that_cannot_be_used_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = write_catalogue("nameless", 1, repeats=3)
    k = compute_clusters(catalogue).k
    names = ["Left", "‎", *[""] * (k - 2)]
    monkeypatch.setattr(new_classes.st, "data_editor", lambda data, **options: data | {"New class": names})
    test = open_page("clusters", data="nameless")
    test.button(key="clusters-make-classes").click().run()
    assert len(test.error) == 1
    assert Catalogue.open(catalogue.folder).classes.names == ("Unlabelled",)


def test_clusters_are_named_in_the_address_by_numbers_of_several_digits() -> None:
    assert parse_cluster_classes("3,149,-") == [3, 149, -1]
    assert parse_cluster_classes("01-") == [0, 1, -1]
    assert parse_cluster_classes("1,x") == []
    with pytest.raises(ConfigError, match="do not fit 3 clusters"):
        ClustersView(k=3, names="1,2")


def test_clusters_and_map_can_be_of_a_network_of_the_catalogue_or_the_shipped_one() -> None:
    catalogue = write_catalogue("things", 3, repeats=3)
    save_run(catalogue, "worse", 0.5)
    save_run(catalogue, "better", 0.9, seed=1)
    test = open_page("clusters", data="things")
    spaces = next(box for box in test.selectbox if box.label == "Feature space")
    assert [name for name in spaces.options if "features of" in name][:3] == [
        "features of better (better)",
        "features of worse (worse)",
        "features of Recognition network 1",
    ]


def test_the_clusters_of_a_network_are_shown_until_its_run_is_deleted() -> None:
    catalogue = write_catalogue("things", 3, repeats=3)
    run = train_run(catalogue, "run")
    space = f"run@{hash_weights(run.path)}"
    restarts = compute_clusters(catalogue).restarts
    for computation in (Projection("pca", "all", space=space), KMeansClustering(space, 3, restarts)):
        store.load_or_compute(computation, catalogue, lambda fraction, step: None)
    test = open_page("clusters", data="things", space="run")
    assert_sound(test, "clusters")
    assert "k-means on features of run run, which learned from labels" in shown_text(test)
    assert "PCA of features of run run" in shown_text(test)
    RunStore().delete_entry(run)
    test.run()
    assert_sound(test, "clusters")
    assert ["space is 'run'" in warning.value.replace("\\", "") for warning in test.warning] == [True]
    assert "k-means on pixels" in shown_text(test)


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
