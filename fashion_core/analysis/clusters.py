"""How well clusters match the classes they were found without."""

from dataclasses import dataclass

import numpy as np

from fashion_core.analysis.metrics import cross_tabulate
from fashion_core.models.kmeans import UNASSIGNED_CLUSTER_CLASS

N_QUANTILE_BINS = 20


@dataclass(frozen=True)
class ClusterMetrics:
    """Agreement of clusters and classes on ``n_images``.

    ``contingency``: int64 [k, classes]. ``ari``, ``nmi``: adjusted Rand index and normalised mutual information.
    ``purity``: fraction of images in the most frequent class of their cluster.
    """

    n_images: int
    contingency: np.ndarray
    ari: float
    nmi: float
    purity: float

    def accuracy_of_assigned_classes(self, cluster_classes: np.ndarray) -> float:
        """Fraction of images whose cluster is assigned to their class; ``cluster_classes`` int [k], -1 for none."""
        assigned = np.flatnonzero(cluster_classes != UNASSIGNED_CLUSTER_CLASS)
        return float(self.contingency[assigned, cluster_classes[assigned]].sum() / self.n_images)


def cluster_metrics(clusters: np.ndarray, labels: np.ndarray, n_clusters: int, n_classes: int) -> ClusterMetrics:
    """Compare ``clusters`` int [n] (0 to ``n_clusters`` - 1) with ``labels`` int [n]."""
    contingency = cross_tabulate(clusters, labels, n_clusters, n_classes)
    return ClusterMetrics(
        n_images=len(labels),
        contingency=contingency,
        ari=_adjusted_rand_index(contingency),
        nmi=_normalised_mutual_information(contingency),
        purity=float(contingency.max(axis=1).sum() / len(labels)),
    )


# Both scores are in sklearn.metrics, but to import that takes most of a second, for which a page would wait


def _adjusted_rand_index(contingency: np.ndarray) -> float:
    """L. Hubert and P. Arabie, "Comparing partitions", Journal of Classification 2 (1985)."""
    pairs, rows, columns, total = (
        float((counts * (counts - 1) / 2).sum())
        for counts in (contingency, contingency.sum(axis=1), contingency.sum(axis=0), contingency.sum())
    )
    expected = rows * columns / max(total, 1)
    largest = (rows + columns) / 2
    return 1.0 if largest == expected else (pairs - expected) / (largest - expected)


def _normalised_mutual_information(contingency: np.ndarray) -> float:
    """Mutual information divided by the mean of both entropies."""
    rows, columns, both = (
        _entropy(counts) for counts in (contingency.sum(axis=1), contingency.sum(axis=0), contingency.ravel())
    )
    return 1.0 if rows + columns == 0 else (rows + columns - both) / ((rows + columns) / 2)


def _entropy(counts: np.ndarray) -> float:
    """In nats; ``counts`` int [n]."""
    rates = counts[counts > 0] / counts.sum()
    return float(-(rates * np.log(rates)).sum())


@dataclass(frozen=True)
class ClassClusters:
    """The clusters of one class: ``own_clusters`` are assigned to it; ``main_cluster`` holds most of its images,
    ``main_fraction`` of them, and is assigned to ``main_cluster_class`` (-1: none). ``main_cluster`` is None if the
    class has no images."""

    own_clusters: tuple[int, ...]
    main_cluster: int | None
    main_fraction: float
    main_cluster_class: int


def clusters_by_class(contingency: np.ndarray, cluster_classes: np.ndarray | None = None) -> list[ClassClusters]:
    """The clusters of each class.

    ``contingency``: int64 [k, classes]; ``cluster_classes``: the class each cluster is assigned to, int [k], -1
    for none; by default its most frequent one. Empty clusters belong to no class.
    """
    assigned = contingency.argmax(axis=1) if cluster_classes is None else cluster_classes
    assigned = np.where(contingency.sum(axis=1) > 0, assigned, UNASSIGNED_CLUSTER_CLASS)
    classes = []
    for c in range(contingency.shape[1]):
        counts = contingency[:, c]
        main, total = int(counts.argmax()), int(counts.sum())
        own = tuple(np.flatnonzero(assigned == c).tolist())
        fraction = float(counts[main] / max(total, 1))
        classes.append(ClassClusters(own, main if total else None, fraction, int(assigned[main])))
    return classes


def goodman_kruskal_tau(clusters: np.ndarray, groups: np.ndarray) -> float:
    """Fraction of the variance of cluster membership that ``groups`` explain, 0 to 1; both int [n].

    L. Goodman and W. Kruskal, "Measures of association for cross classifications", JASA 49 (1954).
    """
    table = cross_tabulate(groups, clusters, int(groups.max()) + 1, int(clusters.max()) + 1)
    table = table[table.any(axis=1)]  # [groups, clusters]
    n = table.sum()
    total = 1 - ((table.sum(axis=0) / n) ** 2).sum()
    if total == 0:
        return 0.0
    within = 1 - (table**2 / table.sum(axis=1, keepdims=True)).sum() / n
    return float(1 - within / total)


def assign_quantile_bins(values: np.ndarray) -> np.ndarray:
    """Bins of equal size: the bin of each of ``values`` float [n], int64 [n], 0 to ``N_QUANTILE_BINS`` - 1."""
    edges = np.quantile(values, np.linspace(0, 1, N_QUANTILE_BINS + 1)[1:-1])
    return np.searchsorted(edges, values, side="right")


def eta_squared(values: np.ndarray, groups: np.ndarray) -> float:
    """Fraction of the variance of ``values`` float [n] that ``groups`` int [n] explain, 0 to 1."""
    deviations = values.astype(np.float64) - values.mean()
    total = float((deviations**2).sum())
    if total == 0:
        return 0.0
    sums, sizes = np.bincount(groups, deviations), np.bincount(groups)
    return float((sums**2 / np.maximum(sizes, 1)).sum() / total)
