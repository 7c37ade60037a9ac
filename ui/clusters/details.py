"""The sections beside the maps: centroids, names, members, brightness, and the choice of k."""

import numpy as np
import streamlit as st

from fashion_core.analysis import clusters
from fashion_core.charts.pictures import brightness_difference_to_rgb, grey_to_rgb
from fashion_core.computed.cluster_counts import KMEANS_RESTARTS_PER_K, KMeansScoresByClusterCount
from fashion_core.models.kmeans import UNASSIGNED_CLUSTER_CLASS
from fashion_core.wording.clusters import (
    describe_best_silhouette,
    describe_explained_variance,
    format_cluster_class,
)
from fashion_core.wording.numbers import format_count
from ui import computations, gallery, hosting, shell
from ui.clusters import colouring, view
from ui.clusters.cluster_map import ClusterMap
from ui.clusters.names_table import show_cluster_names_editor
from ui.clusters.new_classes import show_new_classes_form
from ui.clusters.selected_garments import PICTURES_MISSING_MESSAGE, show_garment_pictures
from ui.pagination import paginate

MEMBERS_PER_ROW = 5  # of each kind, in half the width of a laptop's window
CLUSTERS_PER_PAGE = 10


def show_clusters_section(cluster_map: ClusterMap) -> None:
    """The section that the view names."""
    {
        "Centroids": _show_centroids,
        "Names": _show_names,
        "Members": _show_members,
        "Brightness": _show_brightness,
        "Choosing k": _show_cluster_counts,
    }[view.CLUSTERS_PAGE_STATE.current_view().look](cluster_map)


def _show_centroids(cluster_map: ClusterMap) -> None:
    st.subheader("Centroids and the means of their classes", anchor=False)
    _show_explained_variance(cluster_map)
    centroids = cluster_map.clustering_arrays["means"].astype(np.float32)
    has_class = (cluster_map.cluster_classes != UNASSIGNED_CLUSTER_CLASS)[:, None, None]
    means = np.where(has_class, cluster_map.images.class_means[cluster_map.cluster_classes], 0)
    difference = np.where(has_class, centroids - means, 0)
    rows = [grey_to_rgb(np.rint(images).astype(np.uint8)) for images in (centroids, means)]
    classes = cluster_map.images.classes
    names = [format_cluster_class(c, classes, short=True) for c in cluster_map.cluster_classes]
    captions = [f"{i}: {name}" for i, name in enumerate(names, 1)]
    gallery.image_gallery(
        np.concatenate([*rows, brightness_difference_to_rgb(difference)], axis=1), captions
    )  # [k, 84, 28, 3]
    centroid = ", its centroid" if cluster_map.clustering.space == "pixels" else ""
    st.caption(
        f"Top: the mean image of the cluster{centroid}. Middle: the mean of the class it is named after. Bottom: the "
        "difference, orange where the cluster is brighter, blue where it is darker."
    )
    shell.show_provenance(f"{cluster_map.images.title}, train split")


def _show_names(cluster_map: ClusterMap) -> None:
    _show_new_classes(cluster_map)
    if not cluster_map.images.is_labelled:
        return
    st.subheader("Classes in each cluster, and its name", anchor=False)
    shell.show_finding("Choose another name in the table to see how many garments it classifies correctly.")
    show_cluster_names_editor(cluster_map)


def _show_new_classes(cluster_map: ClusterMap) -> None:
    """Of a catalogue, whose clusters can become classes."""
    catalogue = cluster_map.images.catalogue
    # the default clusters, shown while others are computed, become none
    shown = view.CLUSTERS_PAGE_STATE.current_view().clustering
    if hosting.may_change() and catalogue is not None and cluster_map.clustering == shown:
        show_new_classes_form(cluster_map, catalogue)


def _show_members(cluster_map: ClusterMap) -> None:
    st.subheader("Typical and borderline members", anchor=False)
    if cluster_map.images.dataset is None:
        st.caption(PICTURES_MISSING_MESSAGE)
        return
    st.caption("Left: nearest to the centroid. Right: almost as near to another centroid.")
    on_page = paginate(cluster_map.n_clusters, CLUSTERS_PER_PAGE, "clusters-members-page")
    for cluster, label in list(enumerate(cluster_map.cluster_classes))[on_page]:
        size = int((cluster_map.clusters == cluster).sum())
        name = shell.escape_markdown(format_cluster_class(label, cluster_map.images.classes))
        st.markdown(f"**{cluster + 1}: {name}**, {format_count(size, 'garment')}")
        typical, borderline = st.columns(2)
        nearest, undecided = typical_and_borderline_members(cluster_map, cluster, MEMBERS_PER_ROW)
        with typical:
            show_garment_pictures(cluster_map, nearest, f"clusters-typical-{cluster}")
        with borderline:
            show_garment_pictures(cluster_map, undecided, f"clusters-borderline-{cluster}")
    shell.show_provenance(
        cluster_map.images.provenance, "distances in the feature space; choose a garment to see it on the maps"
    )


def typical_and_borderline_members(cluster_map: ClusterMap, cluster: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Members nearest to their centroid, and members almost as near to another; indices int64 [<= n] each."""
    members = np.flatnonzero(cluster_map.clusters == cluster)
    nearest = cluster_map.centroid_distance[members].astype(np.float32)
    second = cluster_map.images.select_shown(cluster_map.clustering_arrays["second"])[members].astype(np.float32)
    return members[np.argsort(nearest, kind="stable")[:n]], members[np.argsort(second - nearest, kind="stable")[:n]]


def _show_brightness(cluster_map: ClusterMap) -> None:
    from fashion_core.charts import brightness

    st.subheader("Brightness of the garments in each cluster", anchor=False)
    _show_explained_variance(cluster_map)
    colours = colouring.colour_by_cluster(
        cluster_map.clusters, cluster_map.cluster_classes, cluster_map.images.classes, cluster_map.positions
    ).colours
    chart = brightness.brightness_histograms(
        cluster_map.brightness,
        cluster_map.clusters,
        cluster_map.cluster_classes.tolist(),
        cluster_map.images.classes,
        colours,
    )
    st.plotly_chart(
        chart,
        key="clusters-brightness",
        config={"displayModeBar": False},
        alt="Histogram of mean brightness, one a cluster",
    )
    shell.show_provenance(
        cluster_map.images.provenance,
        "variance of brightness explained: eta squared; of membership: Goodman and Kruskal's tau",
    )


def _show_explained_variance(cluster_map: ClusterMap) -> None:
    """Whether the clusters follow brightness or class."""
    if not cluster_map.images.is_labelled:
        return
    key = f"{cluster_map.clustering.key(cluster_map.images.fingerprint)} {cluster_map.images.includes_train}"
    fractions = _explained_variance(key, cluster_map.brightness, cluster_map.clusters, cluster_map.labels)
    shell.show_finding(describe_explained_variance(*fractions))


@st.cache_data(max_entries=24, show_spinner=False)
def _explained_variance(
    key: str, _brightness: np.ndarray, _clusters: np.ndarray, _labels: np.ndarray
) -> tuple[float, float, float, float]:
    return (
        clusters.eta_squared(_brightness, _clusters),
        clusters.eta_squared(_brightness, _labels),
        clusters.goodman_kruskal_tau(_clusters, clusters.assign_quantile_bins(_brightness)),
        clusters.goodman_kruskal_tau(_clusters, _labels),
    )


def _show_cluster_counts(cluster_map: ClusterMap) -> None:
    from fashion_core.charts.cluster_counts import cluster_count_score_chart

    images, k = cluster_map.images, cluster_map.n_clusters
    search = KMeansScoresByClusterCount(cluster_map.clustering.space, cluster_map.clustering.seed)
    arrays = computations.cached_result(search, images.fingerprint)
    if arrays is None:
        computations.show_missing_result_controls(
            "The scores by k", search, images.fingerprint, images.dataset, meanwhile=""
        )
        return
    shell.show_finding(describe_best_silhouette(arrays["k"], arrays["silhouette"], k, len(images.classes)))
    titles = {"inertia": "Inertia an image", "silhouette": "Mean silhouette"}
    for column, (name, title) in zip(st.columns(2), titles.items(), strict=True):
        column.plotly_chart(
            cluster_count_score_chart(arrays["k"], arrays[name], title, k),
            key=f"clusters-{name}",
            config={"displayModeBar": False},
            alt=f"{title} over k",
        )
    n = min(search.sample, images.n_train)
    shell.show_provenance(
        f"{images.title}, random sample of train, n = {n:,}, seed {search.seed}, "
        f"best of {KMEANS_RESTARTS_PER_K} starts; silhouette over {min(n, search.silhouette_sample):,} of them"
    )
