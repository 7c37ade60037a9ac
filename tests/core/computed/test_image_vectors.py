"""Features of networks, and the maps and clusters made of them."""

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.metrics import normalized_mutual_info_score

from fashion_core.computed.cluster_counts import KMeansScoresByClusterCount
from fashion_core.computed.clustering import KMeansClustering
from fashion_core.computed.image_vectors import (
    PRETRAINED_SPACE,
    NetworkFeatures,
    fit_pca,
    flatten_images,
    image_vectors,
    recover_pca,
)
from fashion_core.computed.projection import Projection
from fashion_core.data.catalogue import Catalogue
from fashion_core.data.sample_data import SampleDataset
from fashion_core.errors import RunError
from fashion_core.models.picture_features import load_or_compute_features
from fashion_core.models.pretrained import missing_requirement
from fashion_core.models.trained_network import TrainedNetwork
from fashion_core.runs.store import RunStore, hash_weights
from tests.core.datasets import FoldedToyDataset
from tests.ui.catalogues import train_run, write_catalogue


def quiet(fraction: float, step: str) -> None:
    assert 0 <= fraction <= 1
    assert step


def principal_components(vectors: np.ndarray, catalogue: Catalogue, n: int) -> np.ndarray:
    return PCA(n, svd_solver="full").fit(vectors[catalogue.split("train").indices]).transform(vectors)


@pytest.mark.parametrize("model", ["mlp", "cnn"])
def test_features_are_principal_components_of_what_the_last_layer_gets(model: str) -> None:
    catalogue = write_catalogue("things", 3, repeats=6)
    run = train_run(catalogue, "run", model)
    features = NetworkFeatures("run", hash_weights(run.path)).compute(catalogue, quiet)["features"]
    classifier = RunStore().load_classifier(run)
    assert isinstance(classifier, TrainedNetwork)
    images = catalogue.all_images
    expected = principal_components(classifier.extract_features(images), catalogue, 50)
    assert features.dtype == np.float16
    assert features.shape == (len(images), 50)
    np.testing.assert_allclose(np.abs(features[:, :2]), np.abs(expected[:, :2]), rtol=0.01, atol=0.01)


def test_map_and_clusters_are_of_the_features() -> None:
    catalogue = write_catalogue("things", 3, repeats=6)
    space = f"run@{hash_weights(train_run(catalogue, 'run').path)}"
    vectors, labels = image_vectors(space, catalogue, quiet), catalogue.all_labels
    points = Projection("pca", "all", space=space).compute(catalogue, quiet)["points"]
    expected = principal_components(vectors, catalogue, 2)
    np.testing.assert_allclose(np.abs(points), np.abs(expected), rtol=0.01, atol=0.01)
    test_points = Projection("pca", space=space).compute(catalogue, quiet)["points"]
    np.testing.assert_allclose(test_points, points[-len(catalogue.split("test")) :], atol=1e-4)
    clustering = KMeansClustering(space, k=3).compute(catalogue, quiet)
    assert normalized_mutual_info_score(labels, clustering["clusters"]) > 0.9
    assert KMeansScoresByClusterCount(space).compute(catalogue, quiet)["k"][0] == 2


@pytest.mark.parametrize("space", ["pixels", PRETRAINED_SPACE])
def test_every_image_of_a_cross_validated_data_set_counts_once(space: str) -> None:
    if space == PRETRAINED_SPACE and (reason := missing_requirement()):
        pytest.skip(reason)
    data = FoldedToyDataset()
    assert len(image_vectors(space, data, quiet)) == len(data.all_images)


def test_a_run_that_was_replaced_or_has_no_network_is_refused() -> None:
    catalogue = write_catalogue("things", 2, repeats=3)
    run = train_run(catalogue, "groups", "kmeans")
    with pytest.raises(RunError, match="was replaced"):
        NetworkFeatures("groups", "0" * 12).compute(catalogue, quiet)
    with pytest.raises(RunError, match="no network"):
        NetworkFeatures("groups", hash_weights(run.path)).compute(catalogue, quiet)


def test_the_pretrained_network_sees_the_pictures() -> None:
    if reason := missing_requirement():
        pytest.skip(reason)
    catalogue = write_catalogue("things", 2, repeats=2)
    vectors = image_vectors(PRETRAINED_SPACE, catalogue, quiet)
    of_pictures = np.concatenate([load_or_compute_features(catalogue, part) for part in ("train", "test")])
    n = vectors.shape[1]  # as many as there are training pictures
    expected = principal_components(of_pictures.astype(np.float32), catalogue, n)
    np.testing.assert_allclose(np.abs(vectors[:, 0]), np.abs(expected[:, 0]), atol=0.01)


def test_the_axes_of_a_pca_are_recovered_from_some_of_its_points() -> None:
    vectors = flatten_images(SampleDataset().split("train").images)
    points = fit_pca(vectors).transform(vectors)
    recovered = recover_pca(vectors[:1500], points[:1500])(vectors[1500:])
    np.testing.assert_allclose(recovered, points[1500:], atol=0.01 * points.std())
