"""Sentences about clusters."""

from collections.abc import Sequence

import numpy as np

from fashion_core.analysis.clusters import ClassClusters, clusters_by_class
from fashion_core.data.classes import CLASS_NAMES, SHORT_CLASS_NAMES
from fashion_core.models.kmeans import NO_CLASS
from fashion_core.wording.text import join_with_and

MAX_CLUSTERS_LISTED = 3  # a class with more clusters is given their number only


def format_cluster_class(label: int, *, short: bool = False) -> str:
    """The name of the class a cluster is assigned to; ``no class`` for -1."""
    return "no class" if label == NO_CLASS else (SHORT_CLASS_NAMES if short else CLASS_NAMES)[label]


def describe_merged_and_missing_classes(contingency: np.ndarray, cluster_classes: np.ndarray | None = None) -> str:
    """Which classes have several clusters, and which have none; arguments as for ``clusters_by_class``."""
    by_class = clusters_by_class(contingency, cluster_classes)
    parts = [_describe_own_clusters(c, by_class[c].own_clusters) for c in range(len(by_class))]
    missing = [_describe_missing_class(c, found) for c, found in enumerate(by_class) if not found.own_clusters]
    if missing:
        parts.append(f"no cluster is mainly {join_with_and(missing, 'or')}")
    text = "; ".join(filter(None, parts)) or "every class is the most frequent one of some cluster"
    return f"{text[0].upper()}{text[1:]}."


def _describe_own_clusters(label: int, own_clusters: Sequence[int]) -> str:
    numbers = [str(cluster + 1) for cluster in own_clusters]
    if len(numbers) < 2:
        return ""
    if len(numbers) > MAX_CLUSTERS_LISTED:
        return f"{len(numbers)} clusters hold mostly {CLASS_NAMES[label]}"
    both = "both" if len(numbers) == 2 else "all"
    return f"clusters {join_with_and(numbers)} {both} hold mostly {CLASS_NAMES[label]}"


def _describe_missing_class(label: int, found: ClassClusters) -> str:
    if found.main_cluster is None:
        return CLASS_NAMES[label]
    host = f", with {CLASS_NAMES[found.main_cluster_class]}" if found.main_cluster_class != NO_CLASS else ""
    return f"{CLASS_NAMES[label]} ({found.main_fraction:.1%} in cluster {found.main_cluster + 1}{host})"
