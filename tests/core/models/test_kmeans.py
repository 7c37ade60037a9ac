import itertools

import numpy as np
import pytest
from sklearn.cluster import KMeans

from fashion_core.errors import ConfigError, RunError
from fashion_core.models.kmeans import (
    UNASSIGNED_CLUSTER_CLASS,
    KMeansClassifier,
    majority_and_hungarian_cluster_classes,
)
from tests.core.datasets import ToyDataset

RNG = np.random.default_rng(5)


def counts_of(clusters: np.ndarray, labels: np.ndarray, k: int) -> np.ndarray:
    counts = np.zeros((k, 10), int)
    for cluster, label in zip(clusters, labels, strict=True):
        counts[cluster, label] += 1
    return counts


def test_one_to_one_names_are_the_best_of_all_assignments() -> None:
    clusters, labels = RNG.integers(0, 4, 200), RNG.integers(0, 4, 200)
    counts = counts_of(clusters, labels, 4)
    best = max(sum(counts[i, p] for i, p in enumerate(order)) for order in itertools.permutations(range(4)))
    _, one_to_one = majority_and_hungarian_cluster_classes(clusters, labels, 4, 10)
    assert sum(counts[i, name] for i, name in enumerate(one_to_one)) == best


def test_majority_names_are_each_cluster_s_most_frequent_class() -> None:
    clusters, labels = RNG.integers(0, 12, 500), RNG.integers(0, 10, 500)
    majority, one_to_one = majority_and_hungarian_cluster_classes(clusters, labels, 12, 10)
    assert majority.tolist() == counts_of(clusters, labels, 12).argmax(axis=1).tolist()
    assert sorted(one_to_one.tolist()) == [UNASSIGNED_CLUSTER_CLASS, UNASSIGNED_CLUSTER_CLASS, *range(10)]


def test_a_fit_is_scikit_learn_s() -> None:
    split = ToyDataset().split("train")
    model = KMeansClassifier()
    inertia = model.fit(split.images, split.labels, seed=3)
    vectors = split.images.reshape(len(split), -1).astype(np.float32)
    oracle = KMeans(10, n_init=1, random_state=3).fit(vectors)
    assert inertia == pytest.approx(oracle.inertia_)
    assert model.assign_clusters(split.images).tolist() == oracle.predict(vectors).tolist()
    np.testing.assert_allclose(np.sqrt(model.squared_distances(split.images)), oracle.transform(vectors), rtol=1e-3)


@pytest.mark.parametrize("naming", ["majority", "one-to-one"])
def test_the_most_probable_class_is_the_nearest_named_cluster_s(naming: str) -> None:
    split = ToyDataset().split("train")
    model = KMeansClassifier(12, naming)
    model.fit(split.images, split.labels, seed=0)
    distances = model.squared_distances(split.images)
    distances[:, model.cluster_classes == UNASSIGNED_CLUSTER_CLASS] = np.inf
    expected = model.cluster_classes[distances.argmin(axis=1)]
    assert model.predict_proba(split.images).argmax(axis=1).tolist() == expected.tolist()


@pytest.mark.parametrize(
    ("name", "value"), [("majority_names", 57), ("one_to_one_names", -2), ("temperature", 0), ("temperature", -1)]
)
def test_foreign_weights_are_refused(name: str, value: float) -> None:
    model = KMeansClassifier()
    state = model.state_dict()
    state[name] = np.full_like(state[name], value)
    with pytest.raises(RunError):
        model.load_state_dict(state)


def test_as_many_images_as_clusters_give_probabilities_and_fewer_are_refused() -> None:
    images = np.random.default_rng(0).integers(0, 256, (3, 28, 28), dtype=np.uint8)
    classifier = KMeansClassifier(3, n_classes=3)
    classifier.fit(images, np.arange(3), seed=0)
    np.testing.assert_allclose(classifier.predict_proba(images).sum(axis=1), 1, atol=1e-5)
    with pytest.raises(ConfigError, match="Choose fewer"):
        KMeansClassifier(4, n_classes=3).fit(images, np.arange(3), seed=0)
