import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest

from fashion_core.data import FashionMNIST, sample_data
from fashion_core.data.sample_data import SAMPLE_PARAMETERS_PATH, SampleDataset, generate_sample_images
from fashion_core.errors import DataError
from fashion_core.runs.store import RunStore


def test_it_looks_like_fashion_mnist() -> None:
    images, labels = SampleDataset().published_test_arrays
    assert images.dtype == labels.dtype == np.uint8
    assert images.shape == (2000, 28, 28)
    assert np.bincount(labels).tolist() == [200] * 10
    assert (images == 0).mean() > 0.3
    assert images.max() > 200


def test_it_is_the_same_every_time_and_differs_between_splits() -> None:
    first, again, other = generate_sample_images(5, 1), generate_sample_images(5, 1), generate_sample_images(5, 2)
    np.testing.assert_array_equal(first[0], again[0])
    assert not np.array_equal(first[0], other[0])
    assert SampleDataset().fingerprint == SampleDataset().fingerprint != FashionMNIST.fingerprint


@pytest.mark.parametrize("threads", ["1", "2"])
def test_it_is_the_same_on_every_machine(threads: str) -> None:
    """OpenBLAS adds up in another order with another number of threads, or on another processor."""
    name = sample_data.__name__
    digest = f"import hashlib, {name}; print(hashlib.sha256({name}.generate_sample_images(200, 2)[0]).hexdigest())"
    environment = os.environ | {"OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads}
    done = subprocess.run([sys.executable, "-c", digest], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("c1a34e7726e6cce0")
    assert hashlib.sha256(SampleDataset().published_test_arrays[0]).hexdigest() == done.stdout.strip()


def test_its_splits_are_stratified() -> None:
    dataset = SampleDataset()
    assert np.bincount(dataset.split("train").labels).tolist() == [550] * 10
    assert np.bincount(dataset.split("validation").labels).tolist() == [50] * 10


def test_the_shipped_parameters_are_small() -> None:
    assert SAMPLE_PARAMETERS_PATH.stat().st_size <= 2_000_000


@pytest.mark.slow
def test_the_improved_cnn_predicts_the_classes_of_its_samples() -> None:
    store = RunStore()
    classifier = store.load_classifier(store.get("improved_cnn"))
    images, labels = generate_sample_images(200, sample_data.SAMPLE_SEEDS["test"])
    assert (classifier.predict_proba(images).argmax(axis=1) == labels).mean() >= 0.90


def test_damaged_parameters_raise(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    damaged = tmp_path / "sample_data.npz"
    damaged.write_bytes(SAMPLE_PARAMETERS_PATH.read_bytes()[:5000])
    monkeypatch.setattr(sample_data, "SAMPLE_PARAMETERS_PATH", damaged)
    with pytest.raises(DataError, match="Install the program again"):
        generate_sample_images(1, 0)
