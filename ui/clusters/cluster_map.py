"""Everything that the view shows, put together: subject, map, clusters, and the runs that can colour it."""

import dataclasses
from dataclasses import dataclass

import numpy as np
import streamlit as st

from fashion_core.analysis.clusters import ClusterMetrics, cluster_metrics
from fashion_core.computed.clustering import KMeansClustering
from fashion_core.computed.projection import Projection
from fashion_core.errors import RunError
from fashion_core.models.kmeans import map_clusters_to_classes
from fashion_core.runs.store import RunEntry
from ui import caches, computations, pickers, shell
from ui.clusters import colouring
from ui.clusters.image_set import ImageSet
from ui.clusters.view import ClustersView
from ui.components.map import PointColouring, quantise_points
from ui.computations import ResultArrays


@dataclass(frozen=True)
class ClusterMap:
    """Of the pictures shown: ``places`` uint16 [n, 2], ``clusters`` and ``labels`` uint8 [n] and their ``report``.

    ``names`` int [k] are those that the view asks for, ``majority`` and ``one_to_one`` those by the train part's
    labels; ``flat`` and ``found`` are the arrays of ``projection`` and ``clustering``.
    """

    view: ClustersView
    image_set: ImageSet
    projection: Projection
    projection_arrays: ResultArrays
    positions: np.ndarray
    extent: tuple[int, int]
    clustering: KMeansClustering
    clustering_arrays: ResultArrays
    clusters: np.ndarray
    labels: np.ndarray
    majority_classes: np.ndarray
    one_to_one_classes: np.ndarray
    cluster_classes: np.ndarray
    metrics: ClusterMetrics
    run: RunEntry | None

    @property
    def n_clusters(self) -> int:
        return self.clustering.k

    def colourings(self) -> dict[str, PointColouring]:
        """Every way to colour the points, by the view's name of it; a run's only where there is one."""
        n = len(self.labels)
        ways = {
            "True class": colouring.colour_by_class(self.labels),
            "Cluster": colouring.colour_by_cluster(self.clusters, self.cluster_classes),
            "Cluster name": colouring.colour_by_cluster_class(self.clusters, self.cluster_classes),
        }
        if self.run is not None:
            answers, title = caches.cached_test_predictions(self.run), self.run.title
            confidence = answers.probabilities.max(axis=1)
            ways |= {
                "Prediction": colouring.colour_by_prediction(title, answers, n),
                "Right or wrong": colouring.colour_by_correctness(title, answers, n),
                "Confidence": colouring.colour_by_value(f"Confidence, {title}", confidence, n),
            }
        brightness = self.image_set.select_shown(self.image_set.brightness)
        return ways | {
            "Brightness": colouring.colour_by_value("Brightness", brightness, n),
            "Trust": colouring.colour_by_value("Trust", self.projection_arrays["trust"], n),
        }

    @property
    def confidence(self) -> np.ndarray:
        """Largest probability of the run's answer, float32 [n]; nan for pictures that it was not asked."""
        values = np.full(len(self.labels), np.nan, np.float32)
        if self.run is not None:
            answers = caches.cached_test_predictions(self.run).probabilities
            values[len(values) - len(answers) :] = answers.max(axis=1)
        return values


def load_cluster_map(view: ClustersView, image_set: ImageSet) -> ClusterMap | None:
    """What ``view`` asks for; where it is not computed yet, a box that computes it and the standard meanwhile.

    None when even the standard has to be computed first.
    """
    projection = _or_standard(view.projection, Projection("pca", view.projection.images), image_set, "The places")
    clustering = _or_standard(view.clustering, KMeansClustering(), image_set, "The clusters")
    if projection is None or clustering is None:
        return None
    flat, found = (
        computations.cached_result(projection, image_set.fingerprint),
        computations.cached_result(clustering, image_set.fingerprint),
    )
    if flat is None or found is None:
        return None
    assert isinstance(clustering, KMeansClustering)
    assert isinstance(projection, Projection)
    places, extent = _places(projection.key(image_set.fingerprint), flat["points"])
    assigned, labels = image_set.select_shown(found["clusters"]), image_set.select_shown(image_set.labels)
    key = clustering.key(image_set.fingerprint)
    majority, one_to_one = _names(key, found["clusters"], image_set, clustering.k)
    matched = _report(f"{key} {image_set.includes_train}", assigned, labels, clustering.k)
    if clustering != view.clustering:
        view = dataclasses.replace(view, names="", naming="Majority" if view.naming == "Own" else view.naming)
    names = {"Majority": majority, "One-to-one": one_to_one, "Own": custom_cluster_classes(view, majority)}[view.naming]
    return ClusterMap(
        view, image_set, projection, flat, places, extent, clustering, found, assigned, labels, majority,
        one_to_one, names, matched, _run(view, image_set),
    )  # fmt: skip


def custom_cluster_classes(view: ClustersView, majority_classes: np.ndarray) -> np.ndarray:
    """The visitor's names, int16 [k]; the majority's until there are some."""
    if not view.names:
        return majority_classes
    return np.array([int(c) if c.isdigit() else -1 for c in view.names], np.int16)


def runs_on_image_set(image_set: ImageSet) -> list[RunEntry]:
    """Runs that were scored on the pictures of ``subject``."""
    return pickers.finished_runs(
        lambda run: run.record is not None and run.record.data.fingerprint == image_set.fingerprint
    )


def _run(view: ClustersView, subject: ImageSet) -> RunEntry | None:
    """The run that the view names or, where there is none such, the first whose answers can be read."""
    for run in sorted(runs_on_image_set(subject), key=lambda run: run.id != view.run):
        try:
            caches.cached_test_predictions(run)
        except RunError as error:
            st.warning(shell.escape_markdown(f"{error} Another run colours the maps."))
        else:
            return run
    return None


def _or_standard(
    wanted: Projection | KMeansClustering, standard: Projection | KMeansClustering, subject: ImageSet, what: str
) -> Projection | KMeansClustering | None:
    if computations.cached_result(wanted, subject.fingerprint) is not None:
        return wanted
    if wanted == standard:
        computations.start_once(wanted, subject.dataset)
    there = wanted != standard and computations.cached_result(standard, subject.fingerprint) is not None
    meanwhile = "" if not there else "The standard ones are shown."
    computations.show_computation(what, wanted, subject.fingerprint, subject.dataset, meanwhile=meanwhile)
    return standard if there else None


@st.cache_resource(max_entries=6, show_spinner=False)
def _places(key: str, _points: np.ndarray) -> tuple[np.ndarray, tuple[int, int]]:
    return quantise_points(_points)


@st.cache_resource(max_entries=24, show_spinner=False)
def _names(key: str, _clusters: np.ndarray, _subject: ImageSet, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Majority and one-to-one names by the labels of the train part alone."""
    n = _subject.n_train
    return map_clusters_to_classes(_clusters[:n], _subject.labels[:n], k)


@st.cache_resource(max_entries=24, show_spinner=False)
def _report(key: str, _clusters: np.ndarray, _labels: np.ndarray, k: int) -> ClusterMetrics:
    return cluster_metrics(_clusters, _labels, k)
