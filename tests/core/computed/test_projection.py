import numpy as np
import pytest
from sklearn.decomposition import PCA

from fashion_core.computed import store
from fashion_core.computed.projection import Projection, ProjectionMethod
from fashion_core.errors import ConfigError
from tests.core.datasets import ToyDataset


def quiet(share: float, doing: str) -> None:
    assert 0 <= share <= 1
    assert doing


def test_pca_is_scikit_learn_s_fitted_on_train() -> None:
    data = ToyDataset()
    arrays = Projection("pca").compute(data, quiet)
    fitted = PCA(2, svd_solver="full").fit(data.split("train").images.reshape(-1, 784).astype(float))
    points = fitted.transform(data.published_test_arrays[0].reshape(-1, 784).astype(float))
    for axis in range(2):
        assert abs(np.corrcoef(points[:, axis], arrays["points"][:, axis])[0, 1]) > 0.999
    np.testing.assert_allclose(arrays["explained"], fitted.explained_variance_ratio_, rtol=1e-3)
    assert arrays["trust"].shape == (40,)


@pytest.mark.exhaustive
def test_umap_reports_its_way_and_repeats_itself() -> None:
    data, told = ToyDataset(), []
    wanted = Projection("umap", "all", neighbours=5, dimensions=3)
    arrays = wanted.compute(data, lambda share, doing: told.append((share, doing)))
    assert arrays["points"].shape == (520, 3)
    assert arrays["points"].dtype == np.float16
    assert np.isnan(arrays["trust"]).all()  # of flat maps alone
    assert [share for share, _ in told] == sorted(share for share, _ in told)
    assert any("epoch" in doing for _, doing in told)
    again = wanted.compute(data, quiet)
    assert (again["points"] == arrays["points"]).all()


@pytest.mark.exhaustive  # UMAP compiles itself for 20 seconds
def test_umap_tells_the_blocks_apart() -> None:
    data = ToyDataset()
    points = Projection("umap", neighbours=5).compute(data, quiet)["points"]
    labels = data.published_test_arrays[1]
    own = np.stack([points[labels == c].mean(axis=0) for c in range(10)])
    assert (((points[:, None] - own) ** 2).sum(axis=2).argmin(axis=1) == labels).mean() > 0.9


@pytest.mark.parametrize(
    "settings",
    [
        {"method": "tsne"},
        {"images": "train"},
        {"metric": "manhatten"},
        {"neighbours": 1},
        {"neighbours": 201},
        {"min_distance": -0.1},
        {"min_distance": float("nan")},
        {"dimensions": 11},
        {"seed": -1},
        {"space": "PCA-50"},
    ],
)
def test_an_impossible_setting_is_named(settings: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match="choose"):
        Projection(**settings)  # type: ignore[arg-type]


def test_more_neighbours_than_pictures_are_refused() -> None:
    with pytest.raises(ConfigError, match="Choose fewer"):
        Projection("umap", neighbours=50).compute(ToyDataset(), quiet)


@pytest.mark.parametrize("method", ["pca", "umap"])
def test_two_images_have_no_map(method: ProjectionMethod) -> None:
    data = ToyDataset()
    data.published_test_arrays = tuple(array[:2] for array in data.published_test_arrays)  # type: ignore[assignment]
    with pytest.raises(ConfigError, match="at least three images"):
        Projection(method, neighbours=2).compute(data, quiet)


@pytest.mark.slow
def test_the_shipped_pca_is_scikit_learn_s(fashion_mnist) -> None:
    train, test = fashion_mnist.split("train"), fashion_mnist.split("test")
    fitted = PCA(2, svd_solver="full").fit(train.images[:20000].reshape(20000, -1).astype(np.float32))
    points = fitted.transform(test.images.reshape(10000, -1).astype(np.float32))
    shipped, everything = (store.load_shipped_result(Projection("pca", images)) for images in ("test", "all"))
    for axis in range(2):
        assert abs(np.corrcoef(points[:, axis], shipped["points"][:, axis])[0, 1]) > 0.999
    np.testing.assert_allclose(everything["points"][60000:], shipped["points"], rtol=1e-3, atol=1)


@pytest.mark.parametrize("images", ["test", "all"])
def test_the_shipped_umap_is_whole(images: str) -> None:
    shipped = store.load_shipped_result(Projection("umap", images))  # type: ignore[arg-type]
    assert shipped["points"].shape == ({"test": 10000, "all": 70000}[images], 2)
    assert np.isfinite(shipped["points"]).all()
    assert 0.9 < shipped["trust"].mean() < 1
