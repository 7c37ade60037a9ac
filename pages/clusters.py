"""Clusters: true classes beside k-means clusters on one map, and centroids above class means."""

import numpy as np
import streamlit as st

from fashion_core.analysis import clusters, projection
from fashion_core.errors import RunError
from fashion_core.labels import COLOURS, NAMES, SHORT_NAMES
from fashion_core.models.kmeans import KMeansClassifier
from ui import caches, gallery, pickers, shell
from ui.components.map import Panel, paired_map

NAMED_BY = {
    "Majority": "Share of garments whose cluster is named for their class, its most frequent one on train.",
    "One-to-one": "The same when each class names one cluster, so that most train images are right (Hungarian method).",
}


@st.cache_data(show_spinner=False)
def shipped_maps(stamp: float) -> projection.Maps:
    """The shipped maps; read again when the file changes."""
    return projection.shipped_maps()


with shell.page("Clusters", "What does k-means find without seeing a label, and does it match the classes?"):
    maps = shipped_maps(projection.MAPS.stat().st_mtime if projection.MAPS.exists() else 0.0)
    run = caches.store().get("kmeans")
    labels = caches.predictions(run).labels
    model = caches.classifier(run)
    assert isinstance(model, KMeansClassifier)
    assert run.record is not None
    k = len(model.centroids)
    if maps.fingerprint != run.record.data.fingerprint or len(maps.clusters) != len(labels):
        raise RunError("The shipped maps are of other data than the shipped k-means run. Install the program again.")
    report = clusters.report(maps.clusters, labels, k)

    one, two = st.columns([1, 1], vertical_alignment="bottom")
    kind = one.segmented_control(
        "Projection", ["PCA", "UMAP"], default="PCA", required=True, key="map", bind="query-params"
    )
    naming = two.segmented_control(
        "Clusters are named by", list(NAMED_BY), default="Majority", required=True, key="naming",
        bind="query-params",
    )  # fmt: skip
    names = model.majority_names if naming == "Majority" else model.one_to_one_names
    way = "by majority" if naming == "Majority" else "one-to-one"
    shell.finding(
        f"{clusters.merged_and_lost(report.contingency)} Named {way}, {report.accuracy(names):.1%} of the garments are "
        "in a cluster of their class."
    )

    points, axes = maps.umap, "UMAP: near points are similar garments; distances between islands mean little."
    if kind == "PCA":
        first, second = maps.pca_explained
        points, axes = maps.pca, f"Across: PC 1, {first:.1%} of the variance. Up: PC 2, {second:.1%}."
    by_true_class = Panel("By true class", labels, SHORT_NAMES, COLOURS)
    named = [f"{i + 1} {SHORT_NAMES[name]}" for i, name in enumerate(names)]
    by_found_cluster = Panel("By k-means cluster", maps.clusters, named, [COLOURS[name] for name in names])
    paired_map(points, (by_true_class, by_found_cluster), axes, key="pair")
    shell.provenance(
        pickers.source_line(run),
        "projection fitted on train"
        if kind == "PCA"
        else f"UMAP of 50 principal components, {projection.UMAP_NEIGHBOURS} neighbours, seed {projection.SEED}",
    )
    figures = st.columns(5)
    for column, (label, value, text) in zip(
        figures,
        (
            ("Majority names", f"{report.accuracy(model.majority_names):.1%}", NAMED_BY["Majority"]),
            ("One-to-one names", f"{report.accuracy(model.one_to_one_names):.1%}", NAMED_BY["One-to-one"]),
            ("ARI", f"{report.ari:.3f}", "Adjusted Rand index: 0 by chance, 1 when clusters are the classes."),
            ("NMI", f"{report.nmi:.3f}", "Normalised mutual information: 0 when unrelated, 1 when the same."),
            ("PCA, two axes", f"{maps.pca_explained.sum():.1%}", "Share of the variance that the flat map keeps."),
        ),
        strict=True,
    ):
        column.metric(label, value, help=text)

    st.subheader("Centroids and the means of the classes they are named for", anchor=False)
    by_cluster = clusters.variance_explained(maps.brightness, maps.clusters)
    by_class = clusters.variance_explained(maps.brightness, labels)
    shell.finding(
        f"Clusters follow brightness: they explain {by_cluster:.1%} of the variance of a garment's mean brightness, "
        f"the true classes {by_class:.1%}."
    )
    centroids = model.centroids.reshape(k, 28, 28)
    means = maps.class_means[names]
    rows = (np.rint(centroids).astype(np.uint8), np.rint(means).astype(np.uint8))
    stacks = np.concatenate(
        [np.repeat(row[..., None], 3, axis=-1) for row in rows] + [gallery.signed(centroids - means)], axis=1
    )  # [k, 84, 28, 3]
    gallery.colour_gallery(stacks, [f"{i + 1}: {SHORT_NAMES[name]}" for i, name in enumerate(names)])
    st.caption(
        "Top: the cluster's centroid. Middle: the mean of the class it is named for. Bottom: centroid minus mean, "
        "orange where the centroid is lighter, blue where it is darker."
    )
    shell.provenance(f"Centroids of run {run.id}", "class means of the train split, n = 55,000")

    with st.expander("How many garments of each class are in each cluster"):
        st.dataframe(
            {"Cluster": [f"{i + 1}: {NAMES[name]}" for i, name in enumerate(names)]}
            | {name: report.contingency[:, c] for c, name in enumerate(SHORT_NAMES)},
            hide_index=True,
        )
        shell.provenance(pickers.source_line(run))
