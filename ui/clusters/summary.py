"""How well the clusters match the classes."""

import streamlit as st

from fashion_core.wording.clusters import describe_clusters, describe_merged_and_missing_classes
from fashion_core.wording.dataset import describe_unlabelled_clusters
from fashion_core.wording.numbers import format_percent
from ui import shell
from ui.clusters.cluster_map import ClusterMap

CLUSTER_METRIC_HELP = {
    "Majority names": "Fraction of garments in a cluster named after their class. Each cluster is named after its most "
    "frequent class on the train images.",
    "One-to-one names": "The same if each class names one cluster, chosen to classify the most train images correctly "
    "(Hungarian method).",
    "Purity": "Fraction of the garments shown that belong to the most frequent class of their cluster.",
    "ARI": "Adjusted Rand index: 0 for random clusters, 1 if clusters and classes are the same.",
    "NMI": "Normalised mutual information: 0 if unrelated, 1 if the same.",
    "Trustworthiness": "How often neighbours on the map are also neighbours among the images: 1 is always. Counts 15 "
    "neighbours; the colour Trust shows it for each point.",
}


def show_cluster_finding(cluster_map: ClusterMap) -> None:
    """How many garments the names classify correctly."""
    metrics = cluster_map.metrics
    if not cluster_map.images.is_labelled:
        shell.show_finding(describe_unlabelled_clusters(metrics.n_images, cluster_map.n_clusters))
        return
    accuracy = metrics.accuracy_of_assigned_classes(cluster_map.cluster_classes)
    shell.show_finding(describe_clusters(cluster_map.view.naming, accuracy))


def show_cluster_metrics(cluster_map: ClusterMap) -> None:
    """Agreement of clusters and classes, the trustworthiness of the map, and which classes were merged or split.

    What the finding says already is left out.
    """
    metrics = cluster_map.metrics
    names = {"Majority": cluster_map.majority_classes, "One-to-one": cluster_map.one_to_one_classes}
    accuracies = {
        naming: format_percent(metrics.accuracy_of_assigned_classes(classes)) for naming, classes in names.items()
    }
    found = format_percent(metrics.accuracy_of_assigned_classes(cluster_map.cluster_classes))
    others = {f"{naming} names": text for naming, text in accuracies.items() if naming != cluster_map.view.naming}
    purity = format_percent(metrics.purity)
    values = (
        others
        | ({"Purity": purity} if purity != found else {})
        | {
            "ARI": f"{metrics.ari:.3f}",
            "NMI": f"{metrics.nmi:.3f}",
            "Trustworthiness": f"{float(cluster_map.projection_arrays['trust'].mean()):.3f}",
        }
    )
    if not cluster_map.images.is_labelled:
        values = {"Trustworthiness": values["Trustworthiness"]}
    with st.container(horizontal=True, gap="medium"):  # as many in a row as fit
        for label, value in values.items():
            st.metric(label, value, help=CLUSTER_METRIC_HELP[label], width="content")
    if cluster_map.images.is_labelled:
        text = describe_merged_and_missing_classes(
            metrics.contingency, cluster_map.images.classes, cluster_map.majority_classes
        )
        st.markdown(shell.escape_markdown(text))
