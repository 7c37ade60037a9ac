"""What clusters found, against the classes they never saw."""

from dataclasses import dataclass

import numpy as np

from fashion_core.data import Split
from fashion_core.labels import N_CLASSES, NAMES
from fashion_core.models.kmeans import NO_CLASS, name_clusters


@dataclass(frozen=True)
class ClusterReport:
    """Clusters against classes on ``n`` images.

    ``contingency``: int64 [k, 10]. ``majority_names``, ``one_to_one_names``: int16 [k], taken on these images.
    ``ari``, ``nmi``: adjusted Rand index and normalised mutual information; ``purity`` the share of images in their
    cluster's most frequent class, ``one_to_one`` the share right when each class is used once.
    """

    n: int
    contingency: np.ndarray
    majority_names: np.ndarray
    one_to_one_names: np.ndarray
    ari: float
    nmi: float
    purity: float
    one_to_one: float

    @property
    def without_cluster(self) -> tuple[int, ...]:
        """Classes that are the most frequent one of no cluster."""
        return tuple(c for c in range(N_CLASSES) if c not in self.majority_names)

    @property
    def shared(self) -> dict[int, tuple[int, ...]]:
        """Classes that are the most frequent one of several clusters, with those clusters."""
        owners = {c: tuple(int(k) for k in np.flatnonzero(self.majority_names == c)) for c in range(N_CLASSES)}
        return {c: clusters for c, clusters in owners.items() if len(clusters) > 1}

    def sentence(self) -> str:
        """Merged and lost classes in words."""
        parts = [
            f"clusters {_and([str(k + 1) for k in clusters])} {'both' if len(clusters) == 2 else 'all'} hold mostly "
            f"{NAMES[c]}"
            for c, clusters in self.shared.items()
        ]
        if self.without_cluster:
            parts.append(f"no cluster is mainly {_and([NAMES[c] for c in self.without_cluster], 'or')}")
        if not parts:
            return "Every class is the most frequent one of some cluster."
        text = "; ".join(parts)
        return f"{text[0].upper()}{text[1:]}."


def report(clusters: np.ndarray, labels: np.ndarray, n_clusters: int) -> ClusterReport:
    """Compare ``clusters`` int [n] (0 to ``n_clusters`` - 1) with ``labels`` int [n]."""
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

    pairs = clusters.astype(np.int64) * N_CLASSES + labels
    contingency = np.bincount(pairs, minlength=n_clusters * N_CLASSES).reshape(n_clusters, N_CLASSES)
    majority, one_to_one = name_clusters(clusters, labels, n_clusters)
    named = one_to_one != NO_CLASS
    right = contingency[np.flatnonzero(named), one_to_one[named]].sum()
    return ClusterReport(
        n=len(labels),
        contingency=contingency,
        majority_names=majority,
        one_to_one_names=one_to_one,
        ari=float(adjusted_rand_score(labels, clusters)),
        nmi=float(normalized_mutual_info_score(labels, clusters)),
        purity=float(contingency.max(axis=1).sum() / len(labels)),
        one_to_one=float(right / len(labels)),
    )


def variance_explained(values: np.ndarray, groups: np.ndarray) -> float:
    """Share of the variance of ``values`` float [n] that lies between ``groups`` int [n] (eta squared), 0 to 1."""
    total = float(((values - values.mean()) ** 2).sum())
    if total == 0:
        return 0.0
    between = sum(
        (groups == g).sum() * float(values[groups == g].mean() - values.mean()) ** 2 for g in np.unique(groups)
    )
    return float(between / total)


def class_means(split: Split) -> np.ndarray:
    """Mean image of each class, float32 [10, 28, 28], brightness 0 to 255."""
    return np.stack([split.images[split.labels == c].mean(axis=0, dtype=np.float64) for c in range(N_CLASSES)]).astype(
        np.float32
    )


def _and(words: list[str], conjunction: str = "and") -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {conjunction} {words[-1]}"
