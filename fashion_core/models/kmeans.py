"""k-means on brightness values, and the two ways to map its clusters to classes."""

from collections.abc import Mapping

import numpy as np

from fashion_core.config.train_config import ClusterNaming
from fashion_core.errors import ConfigError, RunError
from fashion_core.models.base import check_images, check_state_dict

UNASSIGNED_CLUSTER_CLASS = -1
DISTANCE_BATCH_SIZE = 5000  # images whose distances to every centroid are held at once


class KMeansClassifier:
    """k-means as a ``Classifier``: a softmax over negative squared distances, each class taking its nearest cluster's.

    The most probable class is therefore that of the nearest cluster that has one.

    ``centroids``: float32 [k, 784], brightness 0 to 255. ``majority_names``: int16 [k], each cluster's most frequent
    class. ``one_to_one_names``: int16 [k], the assignment of clusters to classes, each used once, that puts most
    training images right (Hungarian method); -1 for a cluster left over. ``temperature``: scale of the squared
    distances, the mean squared distance of a training image to its centroid divided by 25.
    """

    def __init__(self, n_clusters: int = 10, naming: ClusterNaming = "majority", n_classes: int = 10) -> None:
        self.naming = naming
        self.n_classes = n_classes
        self.centroids = np.zeros((n_clusters, 784), np.float32)
        self.majority_names = np.zeros(n_clusters, np.int16)
        self.one_to_one_names = np.zeros(n_clusters, np.int16)
        self.temperature = 1.0

    @property
    def n_parameters(self) -> int:
        return self.centroids.size

    @property
    def cluster_classes(self) -> np.ndarray:
        """Class of each cluster, int16 [k], under this model's naming."""
        return self.majority_names if self.naming == "majority" else self.one_to_one_names

    def fit(self, images: np.ndarray, labels: np.ndarray, *, seed: int) -> float:
        """One k-means run (k-means++ start) on uint8 [n, 28, 28]; returns the inertia in squared brightness units.

        ``labels`` only name the clusters afterwards. Raises ``ConfigError`` when there are fewer images than clusters.
        """
        from sklearn.cluster import KMeans
        from threadpoolctl import threadpool_limits

        if len(images) < len(self.centroids):
            raise ConfigError(f"{len(images)} training images can't form {len(self.centroids)} clusters. Choose fewer.")
        vectors = images.reshape(len(images), 784).astype(np.float32)
        # threads add their partial sums in the order they finish: with two threads the sum is the same either way
        with threadpool_limits(2, user_api="openmp"):
            fitted = KMeans(len(self.centroids), n_init=1, random_state=seed).fit(vectors)
        self.centroids = fitted.cluster_centers_.astype(np.float32)
        self.temperature = float(fitted.inertia_) / len(images) / 25 or 1.0  # 0 where each image is a cluster
        self.majority_names, self.one_to_one_names = majority_and_hungarian_cluster_classes(
            fitted.labels_, labels, len(self.centroids), self.n_classes
        )
        return float(fitted.inertia_)

    def squared_distances(self, images: np.ndarray) -> np.ndarray:
        """Squared distance of uint8 [n, 28, 28] to each centroid, float32 [n, k]."""
        check_images(images)
        rows = [np.zeros((0, len(self.centroids)), np.float32)]
        squares = (self.centroids**2).sum(axis=1)
        for start in range(0, len(images), DISTANCE_BATCH_SIZE):
            x = images[start : start + DISTANCE_BATCH_SIZE].reshape(-1, 784).astype(np.float32)
            rows.append(np.maximum((x**2).sum(axis=1)[:, None] - 2 * x @ self.centroids.T + squares, 0))
        return np.concatenate(rows)

    def assign_clusters(self, images: np.ndarray) -> np.ndarray:
        """Nearest centroid of each image, int64 [n]."""
        return self.squared_distances(images).argmin(axis=1)

    def mean_loss(self, images: np.ndarray, labels: np.ndarray) -> float:
        """Mean squared distance of the images to the nearest centroid; ``labels`` have no part in it."""
        return float(self.squared_distances(images).min(axis=1).mean())

    def mean_multiply_adds_per_image(self, images: np.ndarray) -> int:
        """See ``Classifier``: the distance to each centroid."""
        return self.centroids.size

    def predict_proba(self, images: np.ndarray) -> np.ndarray:
        from scipy.special import softmax

        e = softmax(-self.squared_distances(images) / self.temperature, axis=1)
        p = np.zeros((len(images), self.n_classes), np.float32)
        for cluster, name in enumerate(self.cluster_classes):
            if name != UNASSIGNED_CLUSTER_CLASS:
                p[:, name] = np.maximum(p[:, name], e[:, cluster])
        # an image so near a cluster without a class that every other underflows is as far from all classes
        p[p.sum(axis=1) == 0] = 1
        return p / p.sum(axis=1, keepdims=True)

    def state_dict(self) -> dict[str, np.ndarray]:
        return {
            "centroids": self.centroids.copy(),
            "majority_names": self.majority_names.copy(),
            "one_to_one_names": self.one_to_one_names.copy(),
            "temperature": np.array([self.temperature], np.float32),
        }

    def load_state_dict(self, state: Mapping[str, np.ndarray]) -> None:
        k = len(self.centroids)
        check_state_dict(
            state, {"centroids": (k, 784), "majority_names": (k,), "one_to_one_names": (k,), "temperature": (1,)}
        )
        names = np.concatenate([state["majority_names"], state["one_to_one_names"]])
        if names.min() < UNASSIGNED_CLUSTER_CLASS or names.max() >= self.n_classes or not state["temperature"][0] > 0:
            raise RunError("The weights name a class that there is not, or have no positive temperature.")
        self.centroids = np.asarray(state["centroids"], np.float32)
        self.majority_names = np.asarray(state["majority_names"], np.int16)
        self.one_to_one_names = np.asarray(state["one_to_one_names"], np.int16)
        self.temperature = float(state["temperature"][0])


def restart_seed(seed: int, restart: int) -> int:
    """Seed of one of a run's starts (``restart`` from 0); starts of neighbouring seeds are not the same."""
    return int(np.random.SeedSequence([seed, restart]).generate_state(1)[0])


def majority_and_hungarian_cluster_classes(
    clusters: np.ndarray, labels: np.ndarray, n_clusters: int, n_classes: int
) -> tuple[np.ndarray, np.ndarray]:
    """Majority and one-to-one (Hungarian) class of each cluster, int16 [k] each; -1 where one-to-one leaves none.

    ``clusters`` int [n] and ``labels`` int [n] of the same images. An empty cluster takes class 0 by majority.
    """
    from scipy.optimize import linear_sum_assignment

    pairs = np.ravel_multi_index((clusters, labels), (n_clusters, n_classes))
    counts = np.bincount(pairs, minlength=n_clusters * n_classes).reshape(n_clusters, n_classes)
    rows, columns = linear_sum_assignment(counts, maximize=True)
    one_to_one = np.full(n_clusters, UNASSIGNED_CLUSTER_CLASS, np.int16)
    one_to_one[rows] = columns
    return counts.argmax(axis=1).astype(np.int16), one_to_one
