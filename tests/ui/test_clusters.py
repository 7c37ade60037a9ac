"""The Clusters page without a browser."""

import csv
import io
import time
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from scipy.optimize import linear_sum_assignment
from sklearn.metrics.cluster import contingency_matrix
from streamlit.testing.v1 import AppTest

from fashion_core.computed import store
from fashion_core.computed.clustering import SHIPPED_CLUSTER_COUNTS, KMeansClustering
from fashion_core.computed.image_statistics import ImageStatistics
from fashion_core.computed.projection import Projection
from fashion_core.data.classes import CLASS_NAMES
from fashion_core.data.sample_data import SampleDataset
from fashion_core.errors import ConfigError
from fashion_core.runs.store import RunStore
from tests.ui.test_pages import assert_sound, damaged_run, run, texts
from ui.clusters import cluster_map, names_table, selected_garments, view
from ui.clusters.clustered_images import load_clustered_images
from ui.clusters.view import ClustersView
from ui.components.map import quantise_points
from ui.map_selection import MAP_LONGER_SIDE_UNITS, MapSelection, selection_from_address
from ui.page_state import view_from_parameters, view_to_parameters


@pytest.fixture(autouse=True)
def _real_data(fashion_mnist_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASHION_MNIST_DIR", str(fashion_mnist_folder))


def page_text(test: AppTest) -> str:
    """What the page says, without the escapes of Markdown."""
    return texts(test).replace("\\", "")


def metric(test: AppTest, label: str) -> str:
    return next(m.value for m in test.metric if m.label == label)


def test_the_default_view_has_the_accuracy_of_the_shipped_run() -> None:
    test = run("clusters")
    assert_sound(test, "clusters")
    record = RunStore().get("kmeans").record
    assert record is not None
    assert f"Named by majority, {record.metrics['accuracy']:.1%} of" in page_text(test)
    clusters, labels = (
        store.load_shipped_result(KMeansClustering())["clusters"],
        store.load_shipped_result(ImageStatistics())["labels"],
    )
    table = contingency_matrix(labels[:60000], clusters[:60000])
    named = dict(zip(*reversed(linear_sum_assignment(table, maximize=True)), strict=True))  # cluster -> class
    right = np.mean([named[c] == label for c, label in zip(clusters[60000:], labels[60000:], strict=True)])
    assert metric(test, "One-to-one names") == f"{right:.1%}"
    trust = store.load_shipped_result(Projection())["trust"].mean()
    assert metric(test, "Trustworthiness") == f"{trust:.3f}"


@pytest.mark.parametrize("look", view.CLUSTERS_SECTIONS)
@pytest.mark.parametrize("images", view.IMAGE_SPLITS)
def test_every_section_works_on_both_image_sets(look: str, images: str) -> None:
    test = run("clusters", look=look, images=images, map="UMAP", space="UMAP-10")
    assert_sound(test, "clusters")
    assert ("n = 70,000" if images == "All" else "n = 10,000") in page_text(test)


@pytest.mark.parametrize("colouring", view.COLOURINGS)
def test_every_colouring_works(colouring: str) -> None:
    assert_sound(run("clusters", left=colouring, right=colouring, images="All"), "clusters")


def test_impossible_values_in_the_address_are_reported_and_replaced() -> None:
    test = run("clusters", k="900", map="xx", sel="zz", naming="One-to-one", run="nobody")
    assert_sound(test, "clusters")
    assert [w.value.replace("\\", "").split(";")[0] for w in test.warning] == [
        "map is 'xx'",
        "k is 900",
        "The selection in the address can't be read. The default is shown.",
    ]
    assert "Named one-to-one" in page_text(test)


def test_a_selection_in_the_address_is_counted() -> None:
    test = run("clusters", sel="~l1")
    labels = store.load_shipped_result(ImageStatistics())["labels"][60000:]
    assert f"{(labels == 1).sum():,} garments selected: 100.0% are Trouser" in page_text(test)


def test_an_empty_selection_says_so() -> None:
    assert "There are no garments in this selection" in page_text(run("clusters", sel="0.0-1.0-1.1~"))


def test_missing_clusters_can_be_computed_and_the_default_is_shown_meanwhile() -> None:
    test = run("clusters", k="7", space="PCA-50")
    assert_sound(test, "clusters")
    assert "not computed yet" in page_text(test)
    assert "The default is shown" in page_text(test)
    assert metric(test, "One-to-one names") == metric(run("clusters"), "One-to-one names")
    assert [button.label for button in test.button if button.label == "Compute"] == ["Compute"]


def test_a_damaged_result_is_reported_and_can_be_computed_again() -> None:
    kept = store.load_shipped_result(KMeansClustering())
    wanted = KMeansClustering(seed=5)
    path = store.save_result(wanted, "d1fd84a877f3b78f", kept)
    assert "not computed yet" not in page_text(run("clusters", seed="5"))
    path.write_bytes(path.read_bytes()[:5000])
    test = run("clusters", seed="5")
    assert_sound(test, "clusters")
    assert "was damaged and has been deleted" in test.warning[0].value.replace("\\", "")
    assert "not computed yet" in page_text(test)


def test_a_run_with_damaged_predictions_is_reported_and_another_colours_the_maps() -> None:
    damaged_run("broken")
    test = run("clusters", run="broken", right="Confidence")
    assert_sound(test, "clusters")
    assert ["predictions of run broken cannot be read" in w.value.replace("\\", "") for w in test.warning] == [True]


@pytest.mark.exhaustive
@pytest.mark.slow
def test_data_replaced_between_two_visits_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    test = run("clusters", sel="~l1")
    monkeypatch.delenv("FASHION_MNIST_DIR")
    test.run()
    assert_sound(test, "clusters")
    assert "the pictures here are synthetic" in page_text(test)
    assert "1,000 garments selected" in page_text(test)  # the shipped results remain, without pictures
    assert "pictures are not on this machine" in page_text(test)
    test.query_params.update(results="Stand-in")
    deadline = time.monotonic() + 90
    while "Trustworthiness" not in [m.label for m in test.run().metric]:  # they compute themselves
        assert_sound(test, "clusters")
        assert time.monotonic() < deadline
        time.sleep(0.5)
    assert f"n = {len(SampleDataset().published_test_arrays[1]):,}" in page_text(test)


@pytest.mark.exhaustive
@pytest.mark.slow
def test_clusters_of_the_sample_data_can_be_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FASHION_MNIST_DIR")
    data = SampleDataset()
    for computation in (Projection(), KMeansClustering(restarts=1), KMeansClustering()):
        store.save_result(computation, data.fingerprint, computation.compute(data, lambda share, doing: None))
    test = run("clusters", results="Stand-in", restarts="1")
    assert_sound(test, "clusters")
    assert "Synthetic" in page_text(test) or "tand-in" in page_text(test)
    assert f"n = {len(data.published_test_arrays[1]):,}" in page_text(test)


def test_own_names_change_the_accuracy() -> None:
    shipped = store.load_shipped_result(KMeansClustering())["clusters"][60000:]
    labels = store.load_shipped_result(ImageStatistics())["labels"][60000:]
    test = run("clusters", naming="Own", names="0-----1---")
    named = np.full(10, 99)
    named[[0, 6]] = 0, 1
    assert f"Named as you chose, {(named[shipped] == labels).mean():.1%} of" in page_text(test)


def test_a_view_survives_its_address() -> None:
    wanted = ClustersView(
        map="UMAP", k=12, names="0123456789-1", naming="Own", distance=0.25, sel="1.2-3.4-9.1~r3", look="Names"
    )
    parameters = view_to_parameters(wanted)
    assert "space" not in parameters
    assert view_from_parameters(ClustersView(), parameters) == (wanted, [])


@pytest.mark.parametrize("fields", [{"distance": float("nan")}, {"names": "12"}, {"names": "0" * 9 + "x"}, {"k": 1}])
def test_an_impossible_view_cannot_be_made(fields: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        ClustersView(**fields)  # type: ignore[arg-type]


def test_the_table_of_a_selection_has_a_row_a_garment() -> None:
    now = ClustersView(sel="~l9")
    images = load_clustered_images(now)
    shown = cluster_map.load_or_offer_cluster_map(now, images)
    assert shown is not None
    table = selected_garments.selection_table(shown, np.flatnonzero(shown.labels == 9))
    rows = list(csv.DictReader(io.StringIO(table.to_csv(index=False))))
    labels = store.load_shipped_result(ImageStatistics())["labels"][60000:]
    assert [int(row["index"]) for row in rows] == np.flatnonzero(labels == 9).tolist()
    assert {row["class"] for row in rows} == {"Ankle boot"}
    assert {row["part"] for row in rows} == {"test"}
    confidence = RunStore().load_predictions(RunStore().get("improved_cnn")).probabilities.max(axis=1)
    assert float(rows[5]["improved_cnn_confidence"]) == pytest.approx(confidence[int(rows[5]["index"])], abs=1e-3)


@pytest.mark.parametrize(
    ("changed", "kept"),
    [
        ({"look"}, MapSelection(((0, 0), (160, 0), (0, 160)), (1, 2))),
        ({"left"}, MapSelection(((0, 0), (160, 0), (0, 160)), (-1, 2))),
        ({"right"}, MapSelection(((0, 0), (160, 0), (0, 160)), (1, -1))),
        ({"k", "names"}, MapSelection(((0, 0), (160, 0), (0, 160)))),
        ({"map"}, MapSelection()),
        ({"images"}, MapSelection()),
    ],
)
def test_a_selection_is_kept_while_its_meaning_is_the_same(changed: set[str], kept: MapSelection) -> None:
    assert view.keep_valid_selection_parts(MapSelection(((0, 0), (160, 0), (0, 160)), (1, 2)), changed) == kept


def test_without_a_run_its_colourings_are_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_map, "list_runs_scored_on_images", lambda images: [])
    test = run("clusters", left="Confidence", sel="~l1")
    assert_sound(test, "clusters")
    assert "left" not in test.query_params


def test_default_clusters_shown_meanwhile_cannot_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    offered: list[object] = []
    editor = st.data_editor

    def spy(data: dict[str, list[object]], **more: object) -> dict[str, list[object]]:
        offered.append(more["disabled"])
        editor(data, **more)  # type: ignore[call-overload]
        return data | {"Name": ["Bag", *data["Name"][1:]]}  # as if the visitor had renamed the first

    monkeypatch.setattr(names_table.st, "data_editor", spy)
    test = run("clusters", k="30", look="Names")
    assert_sound(test, "clusters")
    assert offered == [True]
    assert "names" not in test.query_params


def test_a_selection_made_on_another_map_is_cleared() -> None:
    asked = run("clusters", map="UMAP", neighbours="33", sel="1.2-3.4-9.1~")  # a map that is not computed yet
    assert_sound(asked, "clusters")
    assert "made on another map" in page_text(asked)
    assert "sel" not in asked.query_params


def test_a_selection_of_everything_holds_every_garment() -> None:
    places, _ = quantise_points(store.load_shipped_result(Projection())["points"])
    corners = (
        (0, 0),
        (MAP_LONGER_SIDE_UNITS, 0),
        (MAP_LONGER_SIDE_UNITS, MAP_LONGER_SIDE_UNITS),
        (0, MAP_LONGER_SIDE_UNITS),
    )
    assert MapSelection(corners).mask(places, [np.zeros(len(places))] * 2).all()
    assert selection_from_address(MapSelection(corners).to_address_text()).polygon == corners


def test_names_stay_as_long_as_the_clusters_do() -> None:
    named = ClustersView(names="0123456789", naming="Own")
    assert "names" not in view.add_cluster_name_and_selection_resets(
        named, {"k": 10, "space": "pixels", "seed": 0, "restarts": 10}
    )
    for other in ({"k": 11}, {"seed": 1}, {"space": "PCA-50"}, {"results": "Stand-in"}):
        assert view.add_cluster_name_and_selection_resets(named, other)["names"] == ""


def test_the_best_clusters_so_far_are_shown_while_more_starts_run(sample_clusters: KMeansClustering) -> None:
    now = ClustersView(k=sample_clusters.k, seed=sample_clusters.seed, restarts=4)
    shown = cluster_map.load_or_offer_cluster_map(now, load_clustered_images(now))
    assert shown is not None
    assert shown.clustering == sample_clusters
    assert [(result.requested, result.shown) for result in shown.missing_results] == [(now.clustering, sample_clusters)]


@pytest.fixture
def sample_clusters() -> KMeansClustering:
    """Clusters of Fashion-MNIST of which two starts are computed."""
    wanted = KMeansClustering(seed=7, restarts=2)
    store.save_result(wanted, "d1fd84a877f3b78f", store.load_shipped_result(KMeansClustering()))
    return wanted


@pytest.mark.parametrize("k", SHIPPED_CLUSTER_COUNTS)
def test_neighbouring_clusters_have_colours_that_differ(k: int) -> None:
    now = ClustersView(k=k)
    shown = cluster_map.load_or_offer_cluster_map(now, load_clustered_images(now))
    assert shown is not None
    assert not shown.missing_results
    colours = np.array([list(bytes.fromhex(colour[1:])) for colour in shown.colourings()["Cluster"].colours], float)
    assert len(colours) == k
    differences = np.linalg.norm(colours[:, None] - colours[None], axis=2) + 999 * np.eye(k)
    assert differences.min() > 40


def test_a_point_in_the_address_is_shown() -> None:
    text = page_text(run("clusters", point="12"))
    label = store.load_shipped_result(ImageStatistics())["labels"][60012]
    assert "Test picture 12" in text
    assert f"| Class | {CLASS_NAMES[label]} |" in text
    assert_sound(run("clusters", point="99999999"), "clusters")


def test_k_means_has_no_confidence() -> None:
    now = ClustersView(run="kmeans")
    shown = cluster_map.load_or_offer_cluster_map(now, load_clustered_images(now))
    assert shown is not None
    assert "Confidence" not in shown.colourings()
    assert np.isnan(shown.confidence).all()
    assert_sound(run("clusters", run="kmeans", left="Confidence", sel="~l1", order="Least confident"), "clusters")
