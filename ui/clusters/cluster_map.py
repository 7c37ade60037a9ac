"""Everything that the Clusters page shows: images, projection, clustering, and the run that can colour the maps."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import streamlit as st

from fashion_core.analysis.clusters import ClusterMetrics, cluster_metrics
from fashion_core.computed import store
from fashion_core.computed.clustering import KMeansClustering, choose_default_clustering
from fashion_core.computed.computation import Computation
from fashion_core.computed.projection import Projection
from fashion_core.errors import RunError
from fashion_core.models.kmeans import UNASSIGNED_CLUSTER_CLASS, majority_and_hungarian_cluster_classes
from fashion_core.runs.store import RunEntry
from ui import caches, computations, pickers, shell
from ui.clusters import colouring
from ui.clusters.clustered_images import ClusteredImages
from ui.clusters.view import ClustersView, parse_cluster_classes
from ui.components.map import PointColouring, quantise_points
from ui.computations import ResultArrays

AnyComputation = TypeVar("AnyComputation", bound=Computation)


@dataclass(frozen=True)
class MissingResult:
    """A result that the view asks for and that is not computed yet; ``shown`` stands in for it."""

    title: str
    requested: Computation
    shown: Computation | None

    def show_controls(self, images: ClusteredImages) -> None:
        """A box to compute it."""
        meanwhile, has_better_result = "", lambda: False
        if isinstance(self.shown, KMeansClustering) and isinstance(self.requested, KMeansClustering):
            better = list_partial_clusterings(self.requested)
            if self.shown in better:
                meanwhile = "The best clusters so far are shown."
                better = better[: better.index(self.shown)]
            has_better_result = lambda: any(store.find_result(step, images.fingerprint) for step in better)  # noqa: E731
        computations.show_missing_result_controls(
            self.title, self.requested, images.fingerprint, images.dataset,
            meanwhile=meanwhile or ("" if self.shown is None else "The default is shown meanwhile."),
            has_better_result=has_better_result,
        )  # fmt: skip


def list_partial_clusterings(requested: KMeansClustering) -> list[KMeansClustering]:
    """The same clustering with fewer restarts, which come first when it is computed; the best first."""
    return [dataclasses.replace(requested, restarts=n) for n in range(requested.restarts - 1, 0, -1)]


@dataclass(frozen=True)
class ClusterMap:
    """Of the images shown: ``positions`` uint16 [n, 2] on a map of ``extent``, ``clusters`` and ``labels`` uint8 [n].

    ``cluster_classes`` int [k]: the class each cluster is assigned to in this view; ``majority_classes`` and
    ``one_to_one_classes`` are the assignments by the labels of the train images. ``projection_arrays`` and
    ``clustering_arrays`` are the results of ``projection`` and ``clustering``.
    """

    view: ClustersView
    images: ClusteredImages
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
    missing_results: tuple["MissingResult", ...] = ()

    @property
    def n_clusters(self) -> int:
        return self.clustering.k

    def show_missing_results(self) -> None:
        """A box for each result that is not computed yet."""
        for result in self.missing_results:
            result.show_controls(self.images)

    def colourings(self) -> dict[str, PointColouring]:
        """Every way to colour the points, by its name in the view; those of a run only if there is one."""
        n, classes, tested = len(self.labels), self.images.classes, self.images.tested_points
        colourings = {
            "True class": colouring.colour_by_class(self.labels, classes),
            "Cluster": colouring.colour_by_cluster(self.clusters, self.cluster_classes, classes, self.positions),
            "Cluster name": colouring.colour_by_cluster_class(self.clusters, self.cluster_classes, classes),
        }
        if self.run is not None:
            predictions, title = caches.cached_test_predictions(self.run), self.run.title
            colourings |= {
                "Prediction": colouring.colour_by_prediction(title, predictions, tested, n, classes),
                "Right or wrong": colouring.colour_by_correctness(title, predictions, tested, n),
            }
            if self.run_has_confidence:
                title = f"Confidence, {title}"
                colourings["Confidence"] = colouring.colour_by_value(title, predictions.confidence, tested, n)
        return colourings | {
            "Brightness": colouring.colour_by_value("Brightness", self.brightness, np.arange(n), n),
            "Trust": colouring.colour_by_value("Trust", self.projection_arrays["trust"], np.arange(n), n),
        }

    @property
    def run_has_confidence(self) -> bool:
        """Whether there is a run whose probabilities say how sure it is."""
        return self.run is not None and pickers.has_confidence(self.run)

    @property
    def brightness(self) -> np.ndarray:
        """Mean pixel of each image shown, float32 [n], 0 to 255."""
        return self.images.select_shown(self.images.brightness)

    @property
    def centroid_distance(self) -> np.ndarray:
        """Distance of each image shown to the centroid of its cluster, float16 [n]."""
        return self.images.select_shown(self.clustering_arrays["nearest"])

    @property
    def confidence(self) -> np.ndarray:
        """The run's largest probability for each image shown, float32 [n]; nan for train images and without one."""
        confidence = np.full(len(self.labels), np.nan, np.float32)
        if self.run is not None and self.run_has_confidence:
            confidence[self.images.tested_points] = caches.cached_test_predictions(self.run).confidence
        return confidence


def load_or_offer_cluster_map(view: ClustersView, images: ClusteredImages) -> ClusterMap | None:
    """What ``view`` asks for or, where that is not computed yet, the default.

    None if the default is not computed either; boxes to compute what is missing are shown then.
    """
    projection, projection_arrays = _result_or_default(
        view.projection, [Projection("pca", view.projection.images)], images
    )
    clustering, clustering_arrays = _result_or_default(view.clustering, _other_clusterings(view, images), images)
    missing = (
        *_missing_result("The positions on the map", view.projection, projection, projection_arrays),
        *_missing_result("The clusters", view.clustering, clustering, clustering_arrays),
    )
    if projection_arrays is None or clustering_arrays is None:
        for result in missing:
            result.show_controls(images)
        return None
    positions, extent = _positions(projection.key(images.fingerprint), projection_arrays["points"])
    key, k = clustering.key(images.fingerprint), clustering.k
    clusters, labels = images.select_shown(clustering_arrays["clusters"]), images.select_shown(images.labels)
    majority, one_to_one = _cluster_classes(key, clustering_arrays["clusters"], images, k)
    if clustering != view.clustering:
        view = dataclasses.replace(view, names="", naming="Majority" if view.naming == "Own" else view.naming)
    own = cluster_classes_from_address(view, majority, len(images.classes))
    assignments = {"Majority": majority, "One-to-one": one_to_one, "Own": own}
    return ClusterMap(
        view=view,
        images=images,
        projection=projection,
        projection_arrays=projection_arrays,
        positions=positions,
        extent=extent,
        clustering=clustering,
        clustering_arrays=clustering_arrays,
        clusters=clusters,
        labels=labels,
        majority_classes=majority,
        one_to_one_classes=one_to_one,
        cluster_classes=assignments[view.naming],
        metrics=_cluster_metrics(f"{key} {images.includes_train}", clusters, labels, k, len(images.classes)),
        run=_find_colouring_run(view, images),
        missing_results=missing,
    )


def cluster_classes_from_address(view: ClustersView, majority_classes: np.ndarray, n_classes: int) -> np.ndarray:
    """The assignment in the address, int16 [k]; by default the majority's. A class that there is not is none."""
    if not view.names:
        return majority_classes
    chosen = np.array(parse_cluster_classes(view.names), np.int16)
    return np.where(chosen < n_classes, chosen, UNASSIGNED_CLUSTER_CLASS).astype(np.int16)


def list_runs_scored_on_images(images: ClusteredImages) -> list[RunEntry]:
    """Runs that were scored on these images."""
    return pickers.list_runs_with_test_predictions(
        lambda run: run.record is not None and run.record.data.test_fingerprint == images.test_fingerprint
    )


def _find_colouring_run(view: ClustersView, images: ClusteredImages) -> RunEntry | None:
    """The run that the view names or, without it, the first whose predictions can be read."""
    for run in sorted(list_runs_scored_on_images(images), key=lambda run: run.id != view.run):
        try:
            caches.cached_test_predictions(run)
        except RunError as error:
            st.warning(shell.escape_markdown(f"{error} The maps use another run's predictions."))
        else:
            return run
    return None


def _other_clusterings(view: ClustersView, images: ClusteredImages) -> list[KMeansClustering]:
    """What can be shown while the view's clusters are not computed, the best first."""
    default = KMeansClustering() if images.catalogue is None else choose_default_clustering(images.catalogue)
    partial = list_partial_clusterings(view.clustering) if view.clustering != default else []
    return [*partial, default]


def _missing_result(
    title: str, requested: Computation, shown: Computation, arrays: ResultArrays | None
) -> list[MissingResult]:
    """One if ``requested`` is not what is shown, else none."""
    if requested == shown and arrays is not None:
        return []
    return [MissingResult(title, requested, None if arrays is None else shown)]


def _result_or_default(
    requested: AnyComputation, others: Sequence[AnyComputation], images: ClusteredImages
) -> tuple[AnyComputation, ResultArrays | None]:
    """The first of ``requested`` and ``others`` that is computed, and its arrays; a missing default is started."""
    for computation in (requested, *others):
        arrays = computations.cached_result(computation, images.fingerprint)
        if arrays is not None:
            return computation, arrays
    if requested == others[-1]:
        computations.start_computation_once(requested, images.dataset)
    return others[-1], None


@st.cache_resource(max_entries=6, show_spinner=False)
def _positions(key: str, _points: np.ndarray) -> tuple[np.ndarray, tuple[int, int]]:
    return quantise_points(_points)


@st.cache_resource(max_entries=24, show_spinner=False)
def _cluster_classes(
    key: str, _clusters: np.ndarray, _images: ClusteredImages, k: int
) -> tuple[np.ndarray, np.ndarray]:
    """Majority and one-to-one assignment, by the labels of the train images alone."""
    n = _images.n_train
    return majority_and_hungarian_cluster_classes(_clusters[:n], _images.labels[:n], k, len(_images.classes))


@st.cache_resource(max_entries=24, show_spinner=False)
def _cluster_metrics(key: str, _clusters: np.ndarray, _labels: np.ndarray, k: int, n_classes: int) -> ClusterMetrics:
    return cluster_metrics(_clusters, _labels, k, n_classes)
