"""The k-means workbench: its figures, the names that clusters carry, and the choice of k."""

import numpy as np
import streamlit as st

from fashion_core.analysis import clusters
from fashion_core.computed.cluster_counts import ClusterCountSearch
from fashion_core.data.classes import CLASS_NAMES, SHORT_CLASS_NAMES
from fashion_core.models.kmeans import NO_CLASS
from fashion_core.wording.clusters import describe_merged_and_missing_classes
from ui import computations, shell
from ui.clusters import view
from ui.clusters.cluster_map import ClusterMap

CLUSTER_METRIC_HELP = {
    "Majority names": "Share of garments whose cluster is named for their class; a cluster is named for its most "
    "frequent class on the train images.",
    "One-to-one names": "The same when each class names one cluster, so that most train images are right (Hungarian "
    "method).",
    "Own names": "The same with the names you gave.",
    "Purity": "Share of garments in the class most frequent in their cluster, here and now.",
    "ARI": "Adjusted Rand index: 0 by chance, 1 when clusters are the classes.",
    "NMI": "Normalised mutual information: 0 when unrelated, 1 when the same.",
    "Trustworthiness": "How far the map's neighbours are neighbours among the pictures themselves: 1 is always. "
    "15 neighbours; their colour on the map is Trust.",
}
NO_CLASS_LABEL = "no class"


def show_cluster_finding(shown: ClusterMap) -> None:
    """In a sentence: what k-means merged and split, and how many garments its names put right."""
    way = {"Majority": "by majority", "One-to-one": "one-to-one", "Own": "as you chose"}[shown.view.naming]
    shell.show_finding(
        f"{describe_merged_and_missing_classes(shown.metrics.contingency, shown.majority_classes)} "
        f"Named {way}, {shown.metrics.accuracy(shown.cluster_classes):.1%} of the garments are in a cluster of their class."
    )


def show_cluster_metrics(shown: ClusterMap) -> None:
    """Agreement of clusters and classes, and the map's trust, as numbers."""
    report = shown.metrics
    names = {"Majority names": shown.majority_classes, "One-to-one names": shown.one_to_one_classes}
    if shown.view.naming == "Own":
        names["Own names"] = shown.cluster_classes
    values = {label: f"{report.accuracy(named):.1%}" for label, named in names.items()} | {
        "Purity": f"{report.purity:.1%}",
        "ARI": f"{report.ari:.3f}",
        "NMI": f"{report.nmi:.3f}",
        "Trustworthiness": f"{float(shown.projection_arrays['trust'].mean()):.3f}",
    }
    with st.container(horizontal=True, gap="medium"):  # as many in a row as fit
        for label, value in values.items():
            st.metric(label, value, help=CLUSTER_METRIC_HELP[label], width="content")


def show_cluster_names_table(shown: ClusterMap) -> None:
    """How many garments of each class are in each cluster; the first column renames."""
    options = [*CLASS_NAMES, NO_CLASS_LABEL]
    current = [options[name] if name != NO_CLASS else NO_CLASS_LABEL for name in shown.cluster_classes]
    contingency = shown.metrics.contingency
    renamable = shown.clustering == view.CLUSTERS_PAGE.current_view().clustering  # not while others are shown instead
    edited = st.data_editor(
        {"Cluster": list(range(1, shown.n_clusters + 1)), "Name": current}
        | {short: contingency[:, c] for c, short in enumerate(SHORT_CLASS_NAMES)},
        hide_index=True,
        disabled=["Cluster", *SHORT_CLASS_NAMES] if renamable else True,
        column_config={"Name": st.column_config.SelectboxColumn(options=options, required=True)},
        key=f"clusters-names-{shown.clustering.key('')}-{shown.view.naming}-{shown.view.names}",
    )
    chosen: list[str] = list(edited["Name"])  # type: ignore[call-overload]
    if renamable and chosen != current:
        text = "".join("-" if name == NO_CLASS_LABEL else str(CLASS_NAMES.index(name)) for name in chosen)
        view.CLUSTERS_PAGE.update(names=text, naming="Own")
        st.rerun()
    best = shown.metrics.purity
    shell.show_provenance(
        shown.image_set.provenance,
        f"with these names {shown.metrics.accuracy(shown.cluster_classes):.1%} are in a cluster of their class; "
        f"no names could do better than {best:.1%}",
    )
    st.download_button(
        "Table as CSV", _contingency_csv(shown), "clusters.csv", "text/csv", on_click="ignore",
        icon=":material/download:",
    )  # fmt: skip


def _contingency_csv(shown: ClusterMap) -> str:
    lines = [",".join(["cluster", "name", *CLASS_NAMES])]
    for i, (name, row) in enumerate(zip(shown.cluster_classes, shown.metrics.contingency, strict=True)):
        lines.append(",".join([str(i + 1), CLASS_NAMES[name] if name != NO_CLASS else "", *map(str, row.tolist())]))
    return "\n".join(lines) + "\n"


def show_cluster_count_charts(shown: ClusterMap) -> None:
    """Inertia and silhouette over k."""
    from fashion_core.charts import elbow

    sweep = ClusterCountSearch(shown.clustering.space, shown.clustering.seed)
    found = computations.cached_result(sweep, shown.image_set.fingerprint)
    if found is None:
        computations.show_computation(
            "The figures of every k", sweep, shown.image_set.fingerprint, shown.image_set.dataset, meanwhile=""
        )
        return
    best = int(found["k"][found["silhouette"].argmax()])
    at = float(found["silhouette"][shown.n_clusters - 2])
    shell.show_finding(
        f"The silhouette is highest at k = {best} ({found['silhouette'].max():.3f}; at k = {shown.n_clusters} it is {at:.3f}): "
        f"the silhouette does not single out ten kinds of garment."
        if best != len(CLASS_NAMES)
        else f"The silhouette is highest at k = {best}, the number of classes."
    )
    one, two = st.columns(2)
    one.plotly_chart(
        elbow.score_by_cluster_count(found["k"], found["inertia"], "Inertia an image", shown.n_clusters), key="elbow",
        config={"displayModeBar": False}, alt="Inertia falls as k rises",
    )  # fmt: skip
    two.plotly_chart(
        elbow.score_by_cluster_count(found["k"], found["silhouette"], "Silhouette", shown.n_clusters), key="silhouette",
        config={"displayModeBar": False}, alt="Mean silhouette over k",
    )  # fmt: skip
    n = min(sweep.sample, shown.image_set.n_train)
    shell.show_provenance(
        f"{shown.image_set.title}, random sample of train, n = {n:,}, seed {sweep.seed}, best of 3 starts; "
        f"silhouette over {min(n, sweep.silhouette_sample):,} of them"
    )


def describe_explained_variance(shown: ClusterMap) -> str:
    """In words: do clusters follow brightness or class?"""
    key = f"{shown.clustering.key(shown.image_set.fingerprint)} {shown.image_set.includes_train}"
    brightness = shown.image_set.select_shown(shown.image_set.brightness)
    by_cluster, by_class, follows_brightness, follows_class = _shares(key, brightness, shown.clusters, shown.labels)
    return (
        f"The clusters explain {by_cluster:.1%} of the variance of a garment's mean brightness, the true classes "
        f"{by_class:.1%}. Of the variance of cluster membership, brightness alone (20 levels) explains "
        f"{follows_brightness:.1%}, the class {follows_class:.1%}."
    )


@st.cache_data(max_entries=24, show_spinner=False)
def _shares(
    key: str, _brightness: np.ndarray, _clusters: np.ndarray, _labels: np.ndarray
) -> tuple[float, float, float, float]:
    return (
        clusters.eta_squared(_brightness, _clusters),
        clusters.eta_squared(_brightness, _labels),
        clusters.goodman_kruskal_tau(_clusters, clusters.quantile_bins(_brightness)),
        clusters.goodman_kruskal_tau(_clusters, _labels),
    )


def typical_and_borderline_members(shown: ClusterMap, cluster: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Members nearest to their centroid, and those almost as near to another; indices int64 [<= n] each."""
    members = np.flatnonzero(shown.clusters == cluster)
    nearest = shown.image_set.select_shown(shown.clustering_arrays["nearest"])[members].astype(np.float32)
    second = shown.image_set.select_shown(shown.clustering_arrays["second"])[members].astype(np.float32)
    return members[np.argsort(nearest, kind="stable")[:n]], members[np.argsort(second - nearest, kind="stable")[:n]]
