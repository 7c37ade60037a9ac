import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import normalized_mutual_info_score, silhouette_score

from fashion_core.computed import store
from fashion_core.computed.cluster_counts import KMeansScoresByClusterCount
from fashion_core.computed.clustering import KMeansClustering
from fashion_core.computed.feature_spaces import FEATURE_SPACES
from fashion_core.computed.image_statistics import ImageStatistics
from fashion_core.data import Dataset
from fashion_core.errors import ConfigError
from fashion_core.models.kmeans import majority_and_hungarian_cluster_classes, restart_seed
from fashion_core.runs.store import RunStore
from tests.core.datasets import ToyDataset


def quiet(share: float, doing: str) -> None:
    assert 0 <= share <= 1


class Twins(ToyDataset):
    """Every training image of a class is the same."""

    fingerprint = "1" * 16

    def read_part(self, part):
        images, labels = super().read_part(part)
        return images[labels.argsort(kind="stable")[np.arange(10) * (len(labels) // 10)]][labels], labels


@pytest.mark.parametrize(
    "space",
    [pytest.param(space, marks=[pytest.mark.exhaustive] * space.startswith("UMAP")) for space in FEATURE_SPACES],
)
def test_clusters_in_every_space_find_the_blocks(space) -> None:
    data = ToyDataset()
    arrays = KMeansClustering(space, restarts=5).compute(data, quiet)
    labels = np.concatenate([data.published_train_arrays[1], data.published_test_arrays[1]])
    assert arrays["clusters"].shape == arrays["nearest"].shape == arrays["second"].shape == labels.shape
    assert normalized_mutual_info_score(labels, arrays["clusters"]) > 0.9
    assert (arrays["nearest"] <= arrays["second"]).all()
    assert arrays["means"].shape == (10, 28, 28)


def test_the_best_of_scikit_learn_s_restarts_is_kept() -> None:
    data = ToyDataset()
    arrays = KMeansClustering("pixels", 7, 3, 5).compute(data, quiet)
    train = data.split("train")
    vectors = train.images.reshape(-1, 784).astype(np.float32)
    fits = [KMeans(7, n_init=1, random_state=restart_seed(5, r)).fit(vectors) for r in range(3)]
    best = min(fits, key=lambda fitted: fitted.inertia_)
    assert arrays["inertia"] == pytest.approx(best.inertia_ / len(train))
    assert arrays["clusters"][train.indices].tolist() == best.labels_.tolist()
    np.testing.assert_allclose(arrays["means"].reshape(7, 784), best.cluster_centers_, atol=0.2)
    test = data.published_test_arrays[0].reshape(-1, 784).astype(np.float32)
    np.testing.assert_allclose(arrays["nearest"][480:], best.transform(test).min(axis=1), rtol=2e-3)


def test_pca_50_is_scikit_learn_s() -> None:
    data = ToyDataset()
    arrays = KMeansClustering("PCA-50", 4, 2, 1).compute(data, quiet)
    train = data.split("train").images.reshape(-1, 784).astype(np.float32)
    codes = PCA(50, svd_solver="full").fit_transform(train)
    inertia = min(KMeans(4, n_init=1, random_state=restart_seed(1, r)).fit(codes).inertia_ for r in range(2))
    assert arrays["inertia"] == pytest.approx(inertia / len(train), rel=1e-2)


def test_neighbouring_seeds_share_no_start() -> None:
    assert len({restart_seed(seed, restart) for seed in range(30) for restart in range(10)}) == 300


@pytest.mark.parametrize(
    "settings", [{"k": 1}, {"k": 201}, {"space": "PCA-5"}, {"space": "run@"}, {"restarts": 0}, {"seed": -1}]
)
def test_an_impossible_setting_is_named(settings: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match="choose"):
        KMeansClustering(**settings)  # type: ignore[arg-type]


def test_more_clusters_than_different_pictures_are_refused() -> None:
    assert len(np.unique(KMeansClustering("pixels", 10, 1).compute(Twins(), quiet)["clusters"])) == 10
    with pytest.raises(ConfigError, match="10 different images can't form 11 clusters"):
        KMeansClustering("pixels", 11).compute(Twins(), quiet)


@pytest.mark.slow
def test_a_sweep_is_scikit_learn_s() -> None:
    data = ToyDataset()
    sweep = KMeansScoresByClusterCount("pixels", seed=2, sample=200, silhouette_sample=150)
    arrays = sweep.compute(data, quiet)
    assert arrays["k"].tolist() == list(range(2, 41))
    assert arrays["inertia"][0] > arrays["inertia"][8] > arrays["inertia"][38]
    assert arrays["k"][arrays["silhouette"].argmax()] == 10
    train = data.split("train").images.reshape(-1, 784).astype(np.float32)
    some = train[np.random.default_rng(2).permutation(len(train))[:200]]
    fits = [KMeans(10, n_init=1, random_state=restart_seed(2, r)).fit(some) for r in range(3)]
    best = min(fits, key=lambda fitted: fitted.inertia_)
    assert arrays["silhouette"][8] == pytest.approx(silhouette_score(some[:150], best.labels_[:150]))


def test_the_shipped_clusters_are_the_shipped_run_s(fashion_mnist: Dataset) -> None:
    runs = RunStore()
    model = runs.load_classifier(runs.get("kmeans"))
    shipped = store.load_shipped_result(KMeansClustering())
    agreed = shipped["clusters"][60000:] == model.assign_clusters(fashion_mnist.split("test").images)  # type: ignore[attr-defined]
    assert agreed.mean() > 0.999
    np.testing.assert_allclose(shipped["means"].reshape(10, 784), model.state_dict()["centroids"], atol=0.2)


def test_the_shipped_facts_are_the_data_s(fashion_mnist: Dataset) -> None:
    computed, shipped = ImageStatistics().compute(fashion_mnist, quiet), store.load_shipped_result(ImageStatistics())
    assert shipped["labels"].tolist() == computed["labels"].tolist()
    np.testing.assert_allclose(shipped["brightness"], computed["brightness"], atol=1e-3)
    np.testing.assert_allclose(shipped["class_means"], computed["class_means"], atol=0.2)
    assert int(shipped["n_test"]) == 10000


@pytest.mark.parametrize("space", FEATURE_SPACES)
def test_what_is_shipped_for_every_space_is_whole(space) -> None:
    assert store.load_shipped_result(KMeansClustering(space))["clusters"].shape == (70000,)
    assert np.isfinite(store.load_shipped_result(KMeansScoresByClusterCount(space))["silhouette"]).all()


def test_k_means_on_umap_10_finds_more_of_the_classes_than_on_pixels() -> None:
    labels = store.load_shipped_result(ImageStatistics())["labels"][:60000]
    right = {}
    for space in ("pixels", "UMAP-10"):
        clusters = store.load_shipped_result(KMeansClustering(space))["clusters"][:60000]  # type: ignore[arg-type]
        right[space] = (majority_and_hungarian_cluster_classes(clusters, labels, 10, 10)[1][clusters] == labels).mean()
    assert right["UMAP-10"] >= 0.58
    assert right["UMAP-10"] > right["pixels"]


def test_clusters_can_be_shown_after_the_first_restart_and_improve() -> None:
    data = ToyDataset()
    steps = list(KMeansClustering("pixels", 7, 5, 5).refine(data, quiet))
    assert steps[0][0] == KMeansClustering("pixels", 7, 1, 5)
    assert steps[-1][0] == KMeansClustering("pixels", 7, 5, 5)
    inertia = [float(arrays["inertia"]) for _, arrays in steps]
    assert inertia == sorted(inertia, reverse=True)
    for step, arrays in steps:
        np.testing.assert_array_equal(arrays["clusters"], step.compute(data, quiet)["clusters"])


def test_only_the_best_clusters_stay_on_disk() -> None:
    data = ToyDataset()
    wanted = KMeansClustering("pixels", 7, 5, 5)
    store.load_or_compute(wanted, data, quiet)
    assert [path.name for path in store.results_folder().glob("clustering-*.npz")] == [
        f"{wanted.key(data.fingerprint)}.npz"
    ]
