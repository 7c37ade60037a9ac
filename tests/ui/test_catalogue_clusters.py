"""The page Clusters on catalogues of few and many classes, and on one without classes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st

from fashion_core.computed import store
from fashion_core.computed.clustering import KMeansClustering, choose_default_clustering
from fashion_core.computed.projection import Projection
from fashion_core.data.catalogue import Catalogue
from fashion_core.data.catalogue_edits import undo
from fashion_core.data.catalogue_list import find_catalogue
from fashion_core.errors import ConfigError
from fashion_core.runs.store import RunStore, hash_weights
from tests.ui.catalogues import home_at, save_run, train_run, write_catalogue
from tests.ui.test_catalogues import assert_sound, open_page, shown_text
from ui.clusters import new_classes
from ui.clusters.view import CLUSTERS_SECTIONS, ClustersView, parse_cluster_classes

N_CLASSES = (1, 30, pytest.param(150, marks=pytest.mark.exhaustive))  # one: unlabelled
pytestmark = pytest.mark.usefixtures("nothing_is_queued")


def compute_clusters(catalogue: Catalogue) -> KMeansClustering:
    """What the page Clusters shows first of a catalogue, computed."""
    clustering = choose_default_clustering(catalogue)
    for computation in (Projection("pca", "all"), clustering):
        arrays = computation.compute(catalogue, lambda fraction, step: None)
        store.save_result(computation, catalogue.fingerprint, arrays)
    return clustering


@pytest.fixture(scope="module", params=N_CLASSES)
def home(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A per-user folder with a catalogue of so many classes and its clusters, which no test changes."""
    with home_at(tmp_path_factory.mktemp("home")) as folder:
        compute_clusters(write_catalogue("things", request.param))
    return folder


@pytest.fixture
def things(home: Path) -> Iterator[Catalogue]:
    with home_at(home):
        catalogue = find_catalogue("things")
        assert isinstance(catalogue, Catalogue)
        yield catalogue


def test_classes_may_be_called_like_the_columns_of_the_table_of_names() -> None:
    compute_clusters(write_catalogue("things", 3, names=("Cluster", "Hats", "Name")))
    page = open_page("clusters", data="things", look="Names")
    assert_sound(page, "clusters")
    [table] = [frame.value for frame in page.dataframe if "Name (class)" in frame.value]
    assert list(table.columns) == ["Cluster", "Name", "Cluster (class)", "Hats", "Name (class)"]


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


@pytest.mark.slow
@pytest.mark.parametrize("look", CLUSTERS_SECTIONS)
def test_clusters_of_a_catalogue_are_as_many_as_its_classes(things: Catalogue, look: str) -> None:
    k = max(2, len(things.classes))
    assert choose_default_clustering(things).k == k
    test = open_page("clusters", data="things", images="All", k=str(k), look=look)
    assert_sound(test, "clusters")
    assert f"n = {6 * len(things.classes):,}" in shown_text(test)


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
