import numpy as np
import pytest
from scipy.stats import f_oneway
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score
from sklearn.metrics.cluster import contingency_matrix

from fashion_core.analysis import clusters, projection
from fashion_core.errors import RunError
from fashion_core.models.kmeans import NO_CLASS
from fashion_core.runs.store import RunStore

RNG = np.random.default_rng(2)


def test_every_figure_is_scikit_learn_s() -> None:
    labels = RNG.integers(0, 10, 3000)
    found = np.where(RNG.random(3000) < 0.6, labels, RNG.integers(0, 10, 3000))
    report = clusters.report(found, labels, 10)
    table = contingency_matrix(labels, found)
    assert report.contingency.T.tolist() == table.tolist()
    assert report.ari == pytest.approx(adjusted_rand_score(labels, found), abs=1e-12)
    assert report.nmi == pytest.approx(normalized_mutual_info_score(labels, found), abs=1e-12)
    assert report.purity == pytest.approx(table.max(axis=0).sum() / 3000, abs=1e-12)
    for names in (np.arange(10), RNG.permutation(10), np.full(10, 4)):
        assert report.accuracy(names) == pytest.approx((names[found] == labels).mean(), abs=1e-12)
    some = np.where(np.arange(10) < 6, np.arange(10), NO_CLASS)
    assert report.accuracy(some) == pytest.approx((some[found] == labels).mean(), abs=1e-12)


def test_merged_and_lost_classes_are_named() -> None:
    labels = np.repeat(np.arange(10), 10)
    found = labels.copy()
    found[labels == 3] = 2  # Dress joins Pullover's cluster
    found[(labels == 4) & (np.arange(100) % 2 == 0)] = 3  # and half of Coat splits off
    assert clusters.merged_and_lost(clusters.report(found, labels, 10).contingency) == (
        "Clusters 4 and 5 both hold mostly Coat; no cluster is mainly Dress."
    )


def test_perfect_clusters_need_no_names() -> None:
    assert clusters.merged_and_lost(np.eye(10, dtype=int)) == "Every class is the most frequent one of some cluster."


def test_variance_explained_agrees_with_the_f_statistic() -> None:
    values, groups = RNG.normal(size=300), RNG.integers(0, 4, 300)
    values = values + groups
    eta = clusters.variance_explained(values, groups)
    f = f_oneway(*(values[groups == g] for g in range(4))).statistic
    assert eta / (1 - eta) * (300 - 4) / 3 == pytest.approx(f)


def test_a_constant_has_no_variance_to_explain() -> None:
    assert clusters.variance_explained(np.ones(5), np.arange(5)) == 0.0


def test_the_shipped_maps_are_of_the_shipped_kmeans_run(fashion_mnist) -> None:
    maps = projection.shipped_maps()
    store = RunStore()
    run = store.get("kmeans")
    test = fashion_mnist.split("test")
    assert maps.fingerprint == fashion_mnist.fingerprint
    assert maps.clusters.tolist() == store.classifier(run).assign(test.images).tolist()
    np.testing.assert_allclose(maps.class_means, clusters.class_means(fashion_mnist.split("train")), atol=0.1)
    np.testing.assert_allclose(maps.brightness, test.images.mean(axis=(1, 2)), atol=1e-3)


def test_the_shipped_pca_is_scikit_learn_s(fashion_mnist) -> None:
    from sklearn.decomposition import PCA

    train, test = fashion_mnist.split("train"), fashion_mnist.split("test")
    fitted = PCA(2, svd_solver="full").fit(train.images[:20000].reshape(20000, -1).astype(np.float32))
    points = fitted.transform(test.images.reshape(10000, -1).astype(np.float32))
    maps = projection.shipped_maps()
    for axis in range(2):
        assert abs(np.corrcoef(points[:, axis], maps.pca[:, axis])[0, 1]) > 0.999
    np.testing.assert_allclose(maps.pca_explained, fitted.explained_variance_ratio_, atol=0.01)
    assert maps.umap.shape == (10000, 2)
    assert np.isfinite(maps.umap).all()


def test_a_damaged_map_file_gives_a_sentence(tmp_path) -> None:
    damaged = tmp_path / "maps.npz"
    damaged.write_bytes(projection.MAPS.read_bytes()[:4000])
    with pytest.raises(RunError, match="Install the program again"):
        projection.shipped_maps(damaged)
