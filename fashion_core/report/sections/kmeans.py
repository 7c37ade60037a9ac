"""Figures 2 and 4: the maps by class and by cluster, and the centroids over the class means."""

import numpy as np

from fashion_core.analysis import clusters
from fashion_core.charts.pictures import coloured, signed
from fashion_core.computed import store as computed
from fashion_core.computed.clustering import Clustering
from fashion_core.computed.projection import Method, Projection
from fashion_core.data.labels import NAMES, SHORT_NAMES
from fashion_core.models.kmeans import NO_CLASS, KMeansClassifier
from fashion_core.report.content import Block, Maps, Pictures, Section, Text, joined, percent
from fashion_core.report.evidence import Evidence, Result
from fashion_core.report.sections import LeftOut
from fashion_core.report.sections.data import class_means

METHODS: dict[Method, str] = {"pca": "PCA", "umap": "UMAP"}
PARTS = {"pca": "a", "umap": "b"}


def section(evidence: Evidence) -> Section:
    """What the first run of k-means found, against the classes it never saw."""
    result = evidence.kmeans
    if result is None:
        raise LeftOut("no run of k-means is among the chosen runs.")
    model = evidence.store.classifier(result.run)
    assert isinstance(model, KMeansClassifier)
    assigned = _assigned(evidence, result, model)
    found = clusters.report(assigned, evidence.labels, len(model.centroids))
    blocks: list[Block] = [_agreement(result, found)]
    blocks += [maps for method in METHODS if (maps := _maps(evidence, result, model, assigned, method)) is not None]
    blocks.append(_centroids(evidence, result, model))
    finding = clusters.merged_and_lost(found.contingency, model.names)
    return Section("kmeans", "What k-means finds without a label", finding, result.source, tuple(blocks))


def _assigned(evidence: Evidence, result: Result, model: KMeansClassifier) -> np.ndarray:
    """The cluster of each test picture, int [n]; those of the shipped run are there without the pictures too."""
    if evidence.images is not None:
        return model.assign(evidence.images)
    if result.run.origin != "zoo":
        raise LeftOut(f"the clusters of {result.run.id} need the pictures it was scored on, which are not here.")
    return computed.shipped_result(Clustering())["clusters"][-len(evidence.labels) :].astype(np.int64)


def _agreement(result: Result, found: clusters.ClusterReport) -> Text:
    return Text(
        (
            f"{percent(result.row.scored.accuracy)} of the garments are in a cluster named for their class. Clusters "
            f"and classes agree to an adjusted Rand index of {found.ari:.3f} and a normalised mutual information of "
            f"{found.nmi:.3f}; no names of the clusters could put more than {percent(found.purity)} right.",
        ),
        result.source,
    )


def _maps(
    evidence: Evidence, result: Result, model: KMeansClassifier, assigned: np.ndarray, method: Method
) -> Maps | None:
    """The map of one method, None where it is not computed for these pictures."""
    flat = computed.load(Projection(method), evidence.record.data.fingerprint)
    if flat is None and method == "pca" and evidence.dataset is not None:
        flat = computed.obtain(Projection(method), evidence.dataset, lambda share, doing: None)
    if flat is None:
        return None
    kept = "" if method == "umap" else f"its two axes hold {flat['explained'].sum():.1%} of the variance; "
    return Maps(
        f"Figure 2{PARTS[method]}. {METHODS[method]} of the test pictures, by true class and by k-means cluster",
        f"Two maps of the same points: left coloured by true class, right by cluster of {result.title}. "
        f"{clusters.merged_and_lost(clusters.report(assigned, evidence.labels, len(model.centroids)).contingency)}",
        f"{result.source}; {kept}trustworthiness {float(flat['trust'].mean()):.3f}",
        flat["points"],
        evidence.labels,
        assigned,
        tuple(int(name) for name in model.names),
        (f"{METHODS[method]} 1", f"{METHODS[method]} 2"),
    )


def _centroids(evidence: Evidence, result: Result, model: KMeansClassifier) -> Pictures:
    means = class_means(evidence)
    images, captions, alternatives = [], [], []
    for k, (centroid, name) in enumerate(zip(model.centroids.reshape(-1, 28, 28), model.names, strict=True)):
        mean = means[name] if name != NO_CLASS else np.zeros_like(centroid)
        rows = [coloured(np.rint(row).astype(np.uint8)) for row in (centroid, mean)]
        images.append(np.concatenate([*rows, signed(centroid - mean)]))  # [84, 28, 3]
        captions.append(f"{k + 1}: {SHORT_NAMES[name] if name != NO_CLASS else 'none'}")
        called = f"the mean of {NAMES[name]}" if name != NO_CLASS else "nothing, for it is named for no class"
        alternatives.append(f"The centroid of cluster {k + 1} over {called} and their difference")
    nearest = [k + 1 for k, name in enumerate(model.names) if name != NO_CLASS]
    return Pictures(
        "Figure 4. Centroids (top), the mean of the class each is named for, and the difference (orange above 0, blue "
        "below)",
        f"{len(model.centroids)} centroids, of which {len(nearest)} are named for a class: {joined(captions)}",
        f"{result.source}; class means: train, n = {evidence.record.data.n_train:,}",
        tuple(images),
        tuple(captions),
        tuple(alternatives),
    )
