import numpy as np
import pytest

from fashion_core.analysis.clusters import cluster_metrics
from fashion_core.data.classes import FASHION_CLASSES
from fashion_core.wording.clusters import (
    describe_best_silhouette,
    describe_merged_and_missing_classes,
    format_cluster_class,
)


def test_merged_and_missing_classes_are_named() -> None:
    labels = np.repeat(np.arange(10), 10)
    clusters = labels.copy()
    clusters[labels == 3] = 2  # Dress joins Pullover's cluster
    clusters[(labels == 4) & (np.arange(100) % 2 == 0)] = 3  # and half of Coat splits off
    assert describe_merged_and_missing_classes(
        cluster_metrics(clusters, labels, 10, 10).contingency, FASHION_CLASSES
    ) == ("Clusters 4 and 5 both hold mostly Coat; no cluster is mainly Dress (100.0% in cluster 3, with Pullover).")


def test_perfect_clusters_leave_no_class_out() -> None:
    assert (
        describe_merged_and_missing_classes(np.eye(10, dtype=int), FASHION_CLASSES)
        == "Every class is the most frequent one of some cluster."
    )


def test_empty_clusters_belong_to_no_class() -> None:
    contingency = np.eye(10, dtype=int)
    contingency[0] = 0  # the cluster of T-shirts is empty
    assert describe_merged_and_missing_classes(contingency, FASHION_CLASSES) == "No cluster is mainly T-shirt/top."


def test_more_than_three_clusters_of_a_class_are_counted() -> None:
    contingency = np.concatenate([np.eye(10, dtype=int)] + [np.eye(10, dtype=int)[:1]] * 4)
    assert describe_merged_and_missing_classes(contingency, FASHION_CLASSES) == "5 clusters hold mostly T-shirt/top."


@pytest.mark.parametrize(
    ("label", "short", "text"), [(0, False, "T-shirt/top"), (0, True, "T-shirt"), (-1, True, "no class")]
)
def test_a_cluster_without_a_class_says_so(label: int, short: bool, text: str) -> None:
    assert format_cluster_class(label, FASHION_CLASSES, short=short) == text


@pytest.mark.parametrize(("current_k", "has_its_value"), [(3, True), (41, False)])
def test_a_number_of_clusters_without_a_silhouette_is_left_out(current_k: int, has_its_value: bool) -> None:
    text = describe_best_silhouette(np.array([2, 3]), np.array([0.5, 0.4]), current_k, 41)
    assert "highest at k = 2 (0.500" in text
    assert ("at k = 3 it is 0.400" in text) == has_its_value
    assert "at k = 41" not in text
