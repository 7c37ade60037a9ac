"""Sentences about clusters."""

from collections.abc import Sequence

import numpy as np

from fashion_core.analysis.clusters import ClassClusters, clusters_by_class
from fashion_core.computed.clustering import KMeansClustering
from fashion_core.computed.image_vectors import PIXELS, PRETRAINED_SPACE
from fashion_core.computed.projection import Projection, ProjectionMethod
from fashion_core.data.classes import ClassList
from fashion_core.models.kmeans import UNASSIGNED_CLUSTER_CLASS
from fashion_core.wording.numbers import format_count, format_percent
from fashion_core.wording.text import join_with_and

NAMING_PHRASES = {"Majority": "by majority", "One-to-one": "one-to-one", "Own": "as you chose"}
MAX_CLASSES_LISTED = 10  # more are only counted
MAX_CLUSTERS_LISTED = 3  # a class with more clusters is given their number only


def format_cluster_class(label: int, classes: ClassList, *, short: bool = False) -> str:
    """The name of the class a cluster is assigned to; ``no class`` for -1."""
    if label == UNASSIGNED_CLUSTER_CLASS:
        return "no class"
    return classes[label].short_name if short else classes[label].name


def describe_merged_and_missing_classes(
    contingency: np.ndarray, classes: ClassList, cluster_classes: np.ndarray | None = None
) -> str:
    """Which classes have several clusters, and which have none; the arrays are as for ``clusters_by_class``."""
    by_class = clusters_by_class(contingency, cluster_classes)
    parts = [_describe_own_clusters(classes[c].name, clusters.own_clusters) for c, clusters in enumerate(by_class)]
    missing = [
        _describe_missing_class(c, clusters, classes)
        for c, clusters in enumerate(by_class)
        if not clusters.own_clusters
    ]
    parts = list(filter(None, parts))
    if len(parts) > MAX_CLASSES_LISTED:
        parts = [f"{len(parts)} classes have several clusters each"]
    if len(missing) > MAX_CLASSES_LISTED:
        parts.append(f"no cluster is mainly one of {len(missing)} classes")
    elif missing:
        parts.append(f"no cluster is mainly {join_with_and(missing, 'or')}")
    text = "; ".join(parts) or "every class is the most frequent one of some cluster"
    return f"{text[0].upper()}{text[1:]}."


def _describe_own_clusters(name: str, own_clusters: Sequence[int]) -> str:
    numbers = [str(cluster + 1) for cluster in own_clusters]
    if len(numbers) < 2:
        return ""
    if len(numbers) > MAX_CLUSTERS_LISTED:
        return f"{len(numbers)} clusters hold mostly {name}"
    both = "both" if len(numbers) == 2 else "all"
    return f"clusters {join_with_and(numbers)} {both} hold mostly {name}"


def _describe_missing_class(label: int, clusters: ClassClusters, classes: ClassList) -> str:
    if clusters.main_cluster is None:
        return classes[label].name
    host = (
        f", with {classes[clusters.main_cluster_class].name}"
        if clusters.main_cluster_class != UNASSIGNED_CLUSTER_CLASS
        else ""
    )
    return (
        f"{classes[label].name} ({format_percent(clusters.main_fraction)} in cluster {clusters.main_cluster + 1}{host})"
    )


def describe_clusters(naming: str, accuracy: float) -> str:
    """How many garments get their class from the names in use; two lines of the panel beside the maps."""
    return f"Named {NAMING_PHRASES[naming]}, {format_percent(accuracy)} of the garments get their class."


def describe_explained_variance(
    brightness_by_cluster: float, brightness_by_class: float, clusters_by_brightness: float, clusters_by_label: float
) -> str:
    """Whether clusters follow brightness or class; each is the fraction of variance that the latter explains."""
    return (
        f"The clusters explain {format_percent(brightness_by_cluster)} of the variance of a garment's mean brightness, "
        f"the true classes {format_percent(brightness_by_class)}. Of the variance of cluster membership, brightness "
        f"alone (20 levels) explains {format_percent(clusters_by_brightness)}, the class "
        f"{format_percent(clusters_by_label)}."
    )


def describe_selected_garments(by_class: np.ndarray, by_cluster: np.ndarray, classes: ClassList) -> str:
    """``by_class`` int64 [classes] and ``by_cluster`` int64 [k]: how many garments are selected."""
    n, main = int(by_class.sum()), int(by_class.argmax())
    return (
        f"{format_count(n, 'garment')} selected: {format_percent(by_class[main] / n)} are {classes[main].name}, from "
        f"{np.count_nonzero(by_class)} of {len(by_class)} classes and {np.count_nonzero(by_cluster)} of "
        f"{len(by_cluster)} clusters."
    )


def describe_best_silhouette(k: np.ndarray, silhouette: np.ndarray, current_k: int, n_classes: int) -> str:
    """The k with the highest mean silhouette; ``k`` int [m], ``silhouette`` float [m]."""
    best = int(k[silhouette.argmax()])
    if best == n_classes:
        return f"The silhouette is highest at k = {best}, the number of classes."
    current = "".join(f"; at k = {current_k} it is {value:.3f}" for value in silhouette[k == current_k])
    return (
        f"The silhouette is highest at k = {best} ({silhouette.max():.3f}{current}), so it does not point to "
        f"{n_classes} kinds of garment."
    )


def describe_axes(method: ProjectionMethod, explained: Sequence[float]) -> str:
    """What the directions on a map mean; ``explained``: fraction of the variance by axis, for PCA."""
    if method == "umap":
        return "UMAP: near points are alike; gaps between islands mean little."
    first, second = explained
    return f"Across: PC 1, {format_percent(first)} of the variance. Up: PC 2, {format_percent(second)}."


def format_projection_provenance(projection: Projection) -> str:
    """Provenance of a map."""
    of_network = "" if projection.space == PIXELS else f" of {format_feature_space(projection.space)}"
    if projection.method == "pca":
        return f"PCA{of_network} fitted on train"
    return (
        f"UMAP of 50 principal components{of_network}, {projection.neighbours} neighbours, "
        f"distance {projection.min_distance:g}, {projection.metric}, seed {projection.seed}"
    )


def format_clustering_provenance(clustering: KMeansClustering) -> str:
    """Provenance of clusters."""
    starts = "1 start" if clustering.restarts == 1 else f"best of {clustering.restarts} starts"
    is_of_run = "@" in clustering.space and clustering.space != PRETRAINED_SPACE
    space = format_feature_space(clustering.space) + (", which learned from labels" if is_of_run else "")
    return f"k-means on {space}, k = {clustering.k}, {starts}, seed {clustering.seed}, fitted on train"


def format_feature_space(space: str) -> str:
    """A feature space in a sentence: ``pixels``, ``PCA-50``, or the features of a network."""
    if space == PRETRAINED_SPACE:
        return "features of the network trained on ImageNet"
    name, _, weights = space.partition("@")
    return f"features of run {name}" if weights else name
