"""Figures 2 and 4: the maps by class and by cluster, and the centroids over the class means."""

import numpy as np

from fashion_core.analysis import clusters
from fashion_core.charts.pictures import grey_to_rgb, signed_to_rgb
from fashion_core.computed import store as computed
from fashion_core.computed.clustering import KMeansClustering
from fashion_core.computed.projection import Projection, ProjectionMethod
from fashion_core.data.classes import CLASS_NAMES, SHORT_CLASS_NAMES
from fashion_core.models.kmeans import NO_CLASS, KMeansClassifier
from fashion_core.report.content import ClusterMaps, ImageRow, Paragraphs, ReportBlock, ReportSection
from fashion_core.report.inputs import ReportInputs, RunResult
from fashion_core.report.sections import SectionUnavailable
from fashion_core.report.sections.data import load_class_means
from fashion_core.wording.clusters import describe_merged_and_missing_classes
from fashion_core.wording.numbers import format_percent
from fashion_core.wording.text import join_with_and

PROJECTION_TITLES: dict[ProjectionMethod, str] = {"pca": "PCA", "umap": "UMAP"}
FIGURE_LETTERS = {"pca": "a", "umap": "b"}


def build_kmeans_section(evidence: ReportInputs) -> ReportSection:
    """What the first run of k-means found, against the classes it never saw."""
    result = evidence.kmeans_result
    if result is None:
        raise SectionUnavailable("no run of k-means is among the chosen runs.")
    model = evidence.store.load_classifier(result.run)
    assert isinstance(model, KMeansClassifier)
    assigned = _assigned(evidence, result, model)
    found = clusters.cluster_metrics(assigned, evidence.test_labels, len(model.centroids))
    blocks: list[ReportBlock] = [_agreement(result, found)]
    blocks += [
        maps for method in PROJECTION_TITLES if (maps := _maps(evidence, result, model, assigned, method)) is not None
    ]
    blocks.append(_centroids(evidence, result, model))
    finding = describe_merged_and_missing_classes(found.contingency, model.cluster_classes)
    return ReportSection("kmeans", "What k-means finds without a label", finding, result.provenance, tuple(blocks))


def _assigned(evidence: ReportInputs, result: RunResult, model: KMeansClassifier) -> np.ndarray:
    """The cluster of each test picture, int [n]; those of the shipped run are there without the pictures too."""
    if evidence.test_images is not None:
        return model.assign_clusters(evidence.test_images)
    if result.run.origin != "zoo":
        raise SectionUnavailable(
            f"the clusters of {result.run.id} need the pictures it was scored on, which are not here."
        )
    return computed.load_shipped_result(KMeansClustering())["clusters"][-len(evidence.test_labels) :].astype(np.int64)


def _agreement(result: RunResult, found: clusters.ClusterMetrics) -> Paragraphs:
    return Paragraphs(
        (
            f"{format_percent(result.summary.metrics.accuracy)} of the garments are in a cluster named for their class. Clusters "
            f"and classes agree to an adjusted Rand index of {found.ari:.3f} and a normalised mutual information of "
            f"{found.nmi:.3f}; no names of the clusters could put more than {format_percent(found.purity)} right.",
        ),
        result.provenance,
    )


def _maps(
    evidence: ReportInputs, result: RunResult, model: KMeansClassifier, assigned: np.ndarray, method: ProjectionMethod
) -> ClusterMaps | None:
    """The map of one method, None where it is not computed for these pictures."""
    flat = computed.load_result(Projection(method), evidence.first_record.data.fingerprint)
    if flat is None and method == "pca" and evidence.dataset is not None:
        flat = computed.load_or_compute(Projection(method), evidence.dataset, lambda share, doing: None)
    if flat is None:
        return None
    kept = "" if method == "umap" else f"its two axes hold {flat['explained'].sum():.1%} of the variance; "
    return ClusterMaps(
        f"Figure 2{FIGURE_LETTERS[method]}. {PROJECTION_TITLES[method]} of the test pictures, by true class and by k-means cluster",
        f"Two maps of the same points: left coloured by true class, right by cluster of {result.title}. "
        f"{describe_merged_and_missing_classes(clusters.cluster_metrics(assigned, evidence.test_labels, len(model.centroids)).contingency)}",
        f"{result.provenance}; {kept}trustworthiness {float(flat['trust'].mean()):.3f}",
        flat["points"],
        evidence.test_labels,
        assigned,
        tuple(int(name) for name in model.cluster_classes),
        (f"{PROJECTION_TITLES[method]} 1", f"{PROJECTION_TITLES[method]} 2"),
    )


def _centroids(evidence: ReportInputs, result: RunResult, model: KMeansClassifier) -> ImageRow:
    means = load_class_means(evidence)
    images, captions, alternatives = [], [], []
    for k, (centroid, name) in enumerate(zip(model.centroids.reshape(-1, 28, 28), model.cluster_classes, strict=True)):
        mean = means[name] if name != NO_CLASS else np.zeros_like(centroid)
        rows = [grey_to_rgb(np.rint(row).astype(np.uint8)) for row in (centroid, mean)]
        images.append(np.concatenate([*rows, signed_to_rgb(centroid - mean)]))  # [84, 28, 3]
        captions.append(f"{k + 1}: {SHORT_CLASS_NAMES[name] if name != NO_CLASS else 'none'}")
        called = f"the mean of {CLASS_NAMES[name]}" if name != NO_CLASS else "nothing, for it is named for no class"
        alternatives.append(f"The centroid of cluster {k + 1} over {called} and their difference")
    nearest = [k + 1 for k, name in enumerate(model.cluster_classes) if name != NO_CLASS]
    return ImageRow(
        "Figure 4. Centroids (top), the mean of the class each is named for, and the difference (orange above 0, blue "
        "below)",
        f"{len(model.centroids)} centroids, of which {len(nearest)} are named for a class: {join_with_and(captions)}",
        f"{result.provenance}; class means: train, n = {evidence.first_record.data.n_train:,}",
        tuple(images),
        tuple(captions),
        tuple(alternatives),
    )
