"""What clusters found, against the classes they never saw."""

from dataclasses import dataclass

import numpy as np

from fashion_core.data import Split
from fashion_core.data.classes import CLASS_NAMES, N_CLASSES
from fashion_core.models.kmeans import NO_CLASS

MAX_CLUSTERS_LISTED = 3  # clusters of one class that are still named one by one


@dataclass(frozen=True)
class ClusterMetrics:
    """Clusters against classes on ``n`` images.

    ``contingency``: int64 [k, 10]. ``ari``, ``nmi``: adjusted Rand index and normalised mutual information;
    ``purity``: the share of images in their cluster's most frequent class.
    """

    n_images: int
    contingency: np.ndarray
    ari: float
    nmi: float
    purity: float

    def accuracy(self, cluster_classes: np.ndarray) -> float:
        """Share of images whose cluster is named for their class; ``names`` int [k], -1 for a cluster without one."""
        named = np.flatnonzero(cluster_classes != NO_CLASS)
        return float(self.contingency[named, cluster_classes[named]].sum() / self.n_images)


def cluster_metrics(clusters: np.ndarray, labels: np.ndarray, n_clusters: int) -> ClusterMetrics:
    """Compare ``clusters`` int [n] (0 to ``n_clusters`` - 1) with ``labels`` int [n]."""
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

    pairs = clusters.astype(np.int64) * N_CLASSES + labels
    contingency = np.bincount(pairs, minlength=n_clusters * N_CLASSES).reshape(n_clusters, N_CLASSES)
    return ClusterMetrics(
        n_images=len(labels),
        contingency=contingency,
        ari=float(adjusted_rand_score(labels, clusters)),
        nmi=float(normalized_mutual_info_score(labels, clusters)),
        purity=float(contingency.max(axis=1).sum() / len(labels)),
    )


def describe_merged_and_missing_classes(contingency: np.ndarray, cluster_classes: np.ndarray | None = None) -> str:
    """In words: which classes have several clusters, and which have none and share another's.

    ``contingency``: int64 [k, 10]; ``names``: each cluster's class, int [k], -1 for none; without them, its most
    frequent one. Empty clusters count for nothing.
    """
    majority = contingency.argmax(axis=1) if cluster_classes is None else cluster_classes
    majority = np.where(contingency.sum(axis=1) > 0, majority, NO_CLASS)
    parts = []
    for c in range(N_CLASSES):
        owners = [str(k + 1) for k in np.flatnonzero(majority == c)]
        if len(owners) > MAX_CLUSTERS_LISTED:
            parts.append(f"{len(owners)} clusters hold mostly {CLASS_NAMES[c]}")
        elif len(owners) > 1:
            parts.append(
                f"clusters {_and(owners)} {'both' if len(owners) == 2 else 'all'} hold mostly {CLASS_NAMES[c]}"
            )
    if lost := [_lost(contingency, majority, c) for c in range(N_CLASSES) if c not in majority]:
        parts.append(f"no cluster is mainly {_and(lost, 'or')}")
    if not parts:
        return "Every class is the most frequent one of some cluster."
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}."


def _lost(contingency: np.ndarray, majority: np.ndarray, c: int) -> str:
    """Class ``c``, which no cluster is named for, and where most of it is."""
    in_clusters = contingency[:, c]
    k = int(in_clusters.argmax())
    if not in_clusters[k]:
        return CLASS_NAMES[c]
    host = f", with {CLASS_NAMES[majority[k]]}" if majority[k] != NO_CLASS else ""
    return f"{CLASS_NAMES[c]} ({in_clusters[k] / in_clusters.sum():.1%} in cluster {k + 1}{host})"


def goodman_kruskal_tau(clusters: np.ndarray, groups: np.ndarray) -> float:
    """Share of the variance of cluster membership that lies between ``groups``, 0 to 1; both int [n].

    Membership as one indicator a cluster: Goodman and Kruskal's tau, "Measures of association for cross
    classifications", JASA 49 (1954).
    """
    from sklearn.metrics.cluster import contingency_matrix

    table = contingency_matrix(groups, clusters)  # [groups, clusters]
    n = table.sum()
    total = 1 - ((table.sum(axis=0) / n) ** 2).sum()
    if total == 0:
        return 0.0
    within = 1 - (table**2 / table.sum(axis=1, keepdims=True)).sum() / n
    return float(1 - within / total)


def quantile_bins(values: np.ndarray, n_bins: int = 20) -> np.ndarray:
    """The equally filled level that each of ``values`` float [n] falls in, int64 [n], 0 to ``n_levels`` - 1."""
    edges = np.quantile(values, np.linspace(0, 1, n_bins + 1)[1:-1])
    return np.searchsorted(edges, values, side="right")


def eta_squared(values: np.ndarray, groups: np.ndarray) -> float:
    """Share of the variance of ``values`` float [n] that lies between ``groups`` int [n] (eta squared), 0 to 1."""
    total = float(((values - values.mean()) ** 2).sum())
    if total == 0:
        return 0.0
    between = sum(
        (groups == g).sum() * float(values[groups == g].mean() - values.mean()) ** 2 for g in np.unique(groups)
    )
    return float(between / total)


def mean_image_by_class(split: Split) -> np.ndarray:
    """Mean image of each class, float32 [10, 28, 28], brightness 0 to 255."""
    return np.stack([split.images[split.labels == c].mean(axis=0, dtype=np.float64) for c in range(N_CLASSES)]).astype(
        np.float32
    )


def _and(words: list[str], conjunction: str = "and") -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {conjunction} {words[-1]}"
