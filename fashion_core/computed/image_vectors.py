"""Images as vectors: their brightness values, or what a network computes of them before its last layer."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from fashion_core.computed import store
from fashion_core.computed.computation import Computation, ProgressCallback
from fashion_core.data import Dataset
from fashion_core.errors import ConfigError, RunError
from fashion_core.models.inference import split_into_batches
from fashion_core.models.picture_features import load_or_compute_features
from fashion_core.models.pretrained import BACKBONE
from fashion_core.runs.store import RunStore

if TYPE_CHECKING:
    from sklearn.decomposition import PCA

PIXELS = "pixels"
NETWORK_SPACE = r"[^@]+@[^@]+"  # the name of the network, and the hash of its weights
PRETRAINED = "pretrained"  # name of the network that was trained on ImageNet
PRETRAINED_SPACE = f"{PRETRAINED}@{BACKBONE}"
NETWORK_COMPONENTS = 50
IMAGES_PER_CHUNK = 500
RECOVERY_PENALTY = 0.1


@dataclass(frozen=True)
class NetworkFeatures(Computation):
    """What a network computes of images before its last layer, as principal components fitted on the train split.

    Array: ``features`` float16 [n, <= 50], of the published train images followed by the test images. ``network`` is
    the run whose network it is, ``weights`` the hash of its weights; or "pretrained" and its version.
    """

    network: str
    weights: str

    kind: ClassVar[str] = "features"
    arrays: ClassVar[tuple[str, ...]] = ("features",)
    shapes: ClassVar[Mapping[str, str]] = {"features": "n axes"}

    def compute(self, dataset: Dataset, report: ProgressCallback) -> dict[str, np.ndarray]:
        step = f"features of the network {self.network}"
        features = self._compute_all_features(dataset, lambda fraction: report(0.95 * fraction, step))
        report(0.95, "principal components")
        train = features[dataset.train_indices]
        components, _ = pca_coordinates_and_variance_ratio(train, features, NETWORK_COMPONENTS)
        return {"features": components.astype(np.float16)}

    def _compute_all_features(self, dataset: Dataset, report: Callable[[float], None]) -> np.ndarray:
        """Features [n, d]; ``report`` gets the fraction done."""
        from fashion_core.models.trained_network import TrainedNetwork

        images, n_train = dataset.all_images, len(dataset.published_train_arrays[1])
        if self.network == PRETRAINED:
            train = load_or_compute_features(dataset, "train", lambda done, _: report(done / len(images)))
            if dataset.fold_numbers:  # the test images are among the train images
                return train.astype(np.float32)
            test = load_or_compute_features(dataset, "test", lambda done, _: report((n_train + done) / len(images)))
            return np.concatenate([train, test]).astype(np.float32)
        classifier = RunStore().load_classifier_with_weights(self.network, self.weights)
        if not isinstance(classifier, TrainedNetwork):
            raise RunError(f"{self.network} is no network, so it has no features. Choose another feature space.")
        features = []
        for number, batch in enumerate(split_into_batches(images, IMAGES_PER_CHUNK), 1):
            features.append(classifier.extract_features(batch))
            report(min(1.0, number * IMAGES_PER_CHUNK / max(len(images), 1)))
        return np.concatenate(features)


def space_field(*spaces: str, is_added: bool = False) -> Any:
    """A field with the name of a space, pixels by default: one of ``spaces``, or a network's, ``NETWORK@WEIGHTS``.

    ``is_added``: the computation had no spaces before, so results in pixels keep their names.
    """
    metadata = {"pattern": "|".join((*spaces, NETWORK_SPACE)), "choices": ", ".join((*spaces, "NETWORK@WEIGHTS"))}
    return dataclasses.field(default=PIXELS, metadata=metadata | {"is_added": is_added})


def image_vectors(space: str, dataset: Dataset, report: ProgressCallback) -> np.ndarray:
    """The published train images followed by the test images, float32 [n, d], in pixels or a network's features."""
    if space == PIXELS:
        return flatten_images(dataset.all_images)
    return store.load_or_compute(NetworkFeatures(*space.split("@")), dataset, report)["features"].astype(np.float32)


def fit_pca(train: np.ndarray, n_components: int = 2) -> "PCA":
    """PCA fitted on the vectors ``train`` float32 [m, d]; it has at most m components, and at most d.

    Raises ``ConfigError`` for fewer than two vectors.
    """
    from sklearn.decomposition import PCA

    if len(train) < 2:
        raise ConfigError("A map needs at least two training images. Add some.")
    return PCA(min(n_components, *train.shape), svd_solver="covariance_eigh", random_state=0).fit(train)


def recover_pca(vectors: np.ndarray, points: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """The linear map of a PCA that put ``vectors`` float32 [n, d] at ``points`` float32 [n, c]; it puts others, float32
    [m, d], beside them, float64 [m, c].

    Somewhat more than d vectors are enough, which takes a small part of the time of a PCA. Least squares with a small
    penalty, because pixels in the corners are 0 on most images.
    """
    mean, centre = vectors.mean(axis=0, dtype=np.float64), points.mean(axis=0, dtype=np.float64)
    centred = vectors - mean
    penalty = RECOVERY_PENALTY * np.eye(vectors.shape[1])
    axes = np.linalg.solve(centred.T @ centred + penalty, centred.T @ (points - centre))
    return lambda others: (others - mean) @ axes + centre


def pca_coordinates_and_variance_ratio(
    train: np.ndarray, vectors: np.ndarray, n_components: int = 2
) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates float32 [n, c] of ``vectors`` float32 [n, d], and the explained variance ratio float32 [c], of a PCA
    fitted on ``train`` float32 [m, d]."""
    pca = fit_pca(train, n_components)
    return pca.transform(vectors).astype(np.float32), pca.explained_variance_ratio_.astype(np.float32)


def flatten_images(images: np.ndarray) -> np.ndarray:
    """uint8 [n, 28, 28] -> float32 [n, 784]."""
    return images.reshape(len(images), -1).astype(np.float32)
