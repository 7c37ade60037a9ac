"""Figures 2 and 4: maps by class and by cluster, and the centroids beside the class means."""

import numpy as np

from fashion_core.analysis.clusters import cluster_metrics
from fashion_core.charts.pictures import brightness_difference_to_rgb, grey_to_rgb
from fashion_core.computed.clustering import KMeansClustering
from fashion_core.computed.projection import MIN_MAP_IMAGES, Projection, ProjectionMethod
from fashion_core.computed.store import load_or_compute, load_result, load_shipped_result
from fashion_core.data.dataset import NO_FOLD
from fashion_core.models.kmeans import UNASSIGNED_CLUSTER_CLASS, KMeansClassifier
from fashion_core.report.content import ClusterMaps, ImageRow, Paragraphs, ReportBlock, ReportSection
from fashion_core.report.inputs import ReportInputs, RunResult
from fashion_core.report.sections import SectionUnavailable
from fashion_core.report.sections.data import load_class_mean_images
from fashion_core.wording.clusters import describe_merged_and_missing_classes, format_cluster_class
from fashion_core.wording.numbers import format_percent
from fashion_core.wording.text import join_with_and

PROJECTION_FIGURES_AND_TITLES: dict[ProjectionMethod, tuple[str, str]] = {
    "pca": ("2a", "PCA"),
    "umap": ("2b", "UMAP"),
}  # figure, title


def build_kmeans_section(inputs: ReportInputs) -> ReportSection:
    """The clusters of the first k-means run, compared with the classes."""
    result = inputs.first_clustering_result
    if result is None:
        raise SectionUnavailable("no k-means run is among the chosen runs.")
    model = inputs.store.load_classifier(result.run)
    if not isinstance(model, KMeansClassifier):
        raise SectionUnavailable(f"{result.title} has no centroids to show.")
    clusters = _assign_test_images(inputs, result, model)
    metrics = cluster_metrics(clusters, inputs.test_labels, len(model.centroids), len(inputs.data.classes))
    accuracy = format_percent(result.summary.metrics.accuracy)
    agreement = Paragraphs(
        (
            f"{accuracy} of the images are in a cluster that is named after "
            f"their class. Clusters and classes agree with an adjusted Rand index of {metrics.ari:.3f} and a "
            f"normalised mutual information of {metrics.nmi:.3f}. With the best names for these clusters, "
            f"{format_percent(metrics.purity)} would be correct.",
        ),
        result.provenance,
    )
    finding = describe_merged_and_missing_classes(metrics.contingency, inputs.classes, model.cluster_classes)
    classes = tuple(int(c) for c in model.cluster_classes)
    maps = (_build_maps(inputs, result, method, classes, clusters, finding) for method in PROJECTION_FIGURES_AND_TITLES)
    blocks: tuple[ReportBlock, ...] = (agreement, *filter(None, maps), _build_centroids(inputs, result, model))
    headline = f"Without labels, k-means sorts {accuracy} of images correctly"
    return ReportSection("kmeans", headline, finding, result.provenance, blocks)


def _assign_test_images(inputs: ReportInputs, result: RunResult, model: KMeansClassifier) -> np.ndarray:
    """The cluster of each test image, int [n]; for the shipped run, even without the images."""
    if inputs.test_images is not None:
        return model.assign_clusters(inputs.test_images)
    if result.run.origin != "zoo":
        raise SectionUnavailable(
            f"the clusters of {result.run.id} need the images it was scored on, which are not on this machine."
        )
    return load_shipped_result(KMeansClustering())["clusters"][-len(inputs.test_labels) :].astype(np.int64)


def _build_maps(
    inputs: ReportInputs,
    result: RunResult,
    method: ProjectionMethod,
    cluster_classes: tuple[int, ...],
    clusters: np.ndarray,
    finding: str,
) -> ClusterMaps | None:
    """The maps of one projection; None if it has not been computed for these images, or they are too few."""
    if len(clusters) < MIN_MAP_IMAGES:
        return None
    projection = load_result(Projection(method), inputs.images_fingerprint)
    if projection is None and method == "pca" and inputs.dataset is not None:
        projection = load_or_compute(Projection(method), inputs.dataset, lambda fraction, message: None)
    if projection is None:
        return None
    points, trust = projection["points"], projection["trust"]
    if inputs.dataset is not None and inputs.dataset.folds is not None:  # the map also holds what is never tested
        is_tested = inputs.dataset.folds != NO_FOLD
        points, trust = points[is_tested], trust[is_tested]
    number, title = PROJECTION_FIGURES_AND_TITLES[method]
    notes = (
        []
        if method == "umap"
        else [f"the two axes explain {format_percent(projection['explained'].sum())} of the variance"]
    )
    return ClusterMaps(
        f"{title} of the test images, by true class and by k-means cluster",
        f"Two maps of the same points, coloured by true class on the left and by cluster of {result.title} on the "
        f"right. {finding}",
        "; ".join([result.provenance, *notes, f"trustworthiness {float(trust.mean()):.3f}"]),
        points,
        inputs.test_labels,
        clusters,
        cluster_classes,
        inputs.classes,
        number=number,
    )


def _build_centroids(inputs: ReportInputs, result: RunResult, model: KMeansClassifier) -> ImageRow:
    """Each centroid above the mean image of its class and the difference."""
    means = load_class_mean_images(inputs)
    images, captions, alt_texts = [], [], []
    for k, (centroid, c) in enumerate(zip(model.centroids.reshape(-1, 28, 28), model.cluster_classes, strict=True), 1):
        mean = means[c] if c != UNASSIGNED_CLUSTER_CLASS else np.zeros_like(centroid)
        grey = [grey_to_rgb(np.rint(image).astype(np.uint8)) for image in (centroid, mean)]
        images.append(np.concatenate([*grey, brightness_difference_to_rgb(centroid - mean)]))  # [84, 28, 3]
        captions.append(f"{k}: {format_cluster_class(c, inputs.classes, short=True)}")
        mean_name = (
            f"the mean image of {inputs.classes[c].name}"
            if c != UNASSIGNED_CLUSTER_CLASS
            else "an empty image, as it stands for no class"
        )
        alt_texts.append(f"The centroid of cluster {k} above {mean_name} and the difference")
    n_named = int((np.asarray(model.cluster_classes) != UNASSIGNED_CLUSTER_CLASS).sum())
    return ImageRow(
        "Centroids (top), the mean image of the class that each stands for, and the difference (orange: "
        "positive, blue: negative)",
        f"{len(images)} centroids, of which {n_named} stand for a class: {join_with_and(captions)}",
        f"{result.provenance}; class means: train, n = {inputs.data.n_train:,}",
        tuple(images),
        tuple(captions),
        tuple(alt_texts),
        number="4",
    )
