import numpy as np
import pytest

from fashion_core.computed import registry, store
from fashion_core.computed.cluster_counts import KMeansScoresByClusterCount
from fashion_core.computed.clustering import KMeansClustering
from fashion_core.computed.duplicates import NearestTrainImages
from fashion_core.computed.image_statistics import ImageStatistics
from fashion_core.computed.projection import Projection
from fashion_core.computed.store import load_result, load_shipped_result, save_result
from fashion_core.errors import ConfigError, DamagedResultError, RunError
from fashion_core.storage.visitors import Amounts, Visitor, acting_as
from tests.core.datasets import ToyDataset


def quiet(share: float, doing: str) -> None:
    assert 0 <= share <= 1


def test_a_result_is_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    data = ToyDataset()
    assert store.load_result(ImageStatistics(), data.fingerprint) is None
    first = store.load_or_compute(ImageStatistics(), data, quiet)

    def again(*_: object) -> None:
        raise AssertionError("computed twice")

    monkeypatch.setattr(ImageStatistics, "compute", again)
    kept = store.load_or_compute(ImageStatistics(), data, quiet)
    assert {name: array.tolist() for name, array in kept.items()} == {n: a.tolist() for n, a in first.items()}


@pytest.mark.parametrize("visitor", [Visitor(may_change=False), Visitor("a" * 20, quota=Amounts())])
def test_who_may_not_save_a_result_gets_it_all_the_same(visitor: Visitor) -> None:
    data = ToyDataset()
    with acting_as(visitor):
        assert store.load_or_compute(ImageStatistics(), data, quiet)
        assert store.find_result(ImageStatistics(), data.fingerprint) is None


def test_settings_kind_and_data_make_the_key() -> None:
    computations = (
        Projection(),
        Projection("umap"),
        Projection(seed=1),
        KMeansClustering(),
        KMeansClustering(k=9),
        ImageStatistics(),
    )
    keys = {c.key(f) for c in computations for f in ("a" * 16, "b" * 16)}
    assert len(keys) == 12
    assert Projection().key("a" * 16) == Projection("pca", "test").key("a" * 16)


@pytest.mark.parametrize("damage", [lambda b: b[: len(b) // 2], lambda b: b"", lambda b: b[:300] + bytes(50) + b[350:]])
def test_a_damaged_file_is_told_once_and_then_gone(damage) -> None:
    data = ToyDataset()
    path = store.save_result(ImageStatistics(), data.fingerprint, ImageStatistics().compute(data, quiet))
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(DamagedResultError, match="Compute it again"):
        store.load_result(ImageStatistics(), data.fingerprint)
    assert store.load_result(ImageStatistics(), data.fingerprint) is None
    assert (
        store.load_or_compute(ImageStatistics(), data, quiet)["labels"].tolist()
        == ImageStatistics().compute(data, quiet)["labels"].tolist()
    )


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("points", np.zeros((10_000, 3), np.float32)),
        ("points", np.zeros((9_999, 2), np.float32)),
        ("explained", np.float32(1)),
        ("trust", np.full(10_000, "x")),
    ],
)
def test_arrays_that_do_not_fit_each_other_or_the_settings_are_a_damaged_result(name: str, array: np.ndarray) -> None:
    sound = load_shipped_result(Projection())
    save_result(Projection(), "another", sound)
    assert load_result(Projection(), "another") is not None
    save_result(Projection(), "another", sound | {name: np.asarray(array)})
    with pytest.raises(DamagedResultError):
        load_result(Projection(), "another")


def test_every_shipped_result_fits_its_computation() -> None:
    for k in range(2, 21):
        assert load_shipped_result(KMeansClustering(k=k))
    assert load_shipped_result(ImageStatistics())
    assert load_shipped_result(NearestTrainImages())


def test_a_pickle_in_a_result_is_not_opened() -> None:
    data = ToyDataset()
    path = store.save_result(ImageStatistics(), data.fingerprint, ImageStatistics().compute(data, quiet))
    with path.open("wb") as file:
        np.savez(file, **dict.fromkeys(ImageStatistics.arrays, np.array([{"a": 1}], object)))
    with pytest.raises(DamagedResultError):
        store.load_result(ImageStatistics(), data.fingerprint)


def test_a_damaged_shipped_file_gives_a_sentence_or_counts_as_absent(tmp_path) -> None:
    data = ToyDataset()
    path = store.save_result(ImageStatistics(), data.fingerprint, ImageStatistics().compute(data, quiet), into=tmp_path)
    assert store.load_result(ImageStatistics(), data.fingerprint, shipped=tmp_path) is not None
    path.write_bytes(path.read_bytes()[:99])
    assert store.load_result(ImageStatistics(), data.fingerprint, shipped=tmp_path) is None
    with pytest.raises(RunError, match="Install the program again"):
        store.load_shipped_result(ImageStatistics(), shipped=tmp_path)


def test_every_kind_survives_json() -> None:
    for computation in (
        Projection("umap", seed=3),
        KMeansClustering("UMAP-10", 12),
        ImageStatistics(),
        KMeansScoresByClusterCount("PCA-50"),
    ):
        assert registry.computation_from_dict(registry.computation_to_dict(computation)) == computation
    for values in ({}, {"kind": "other", "settings": {}}, {"kind": "facts", "settings": {"x": 1}}):
        with pytest.raises(ConfigError, match="newer version"):
            registry.computation_from_dict(values)
