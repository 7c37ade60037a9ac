import gzip
import shutil
from pathlib import Path

import numpy as np
import pytest

from fashion_core.data import FashionMNIST, fashion_mnist, load_dataset
from fashion_core.errors import DataError

LABELS = "t10k-labels-idx1-ubyte"


@pytest.fixture
def copy(fashion_mnist_folder: Path, tmp_path: Path) -> Path:
    """A folder whose test labels may be spoilt; the other files are links to the real ones."""
    folder = tmp_path / "copy"
    folder.mkdir()
    for published in fashion_mnist.PUBLISHED_FILES.values():
        (folder / published.name).symlink_to(fashion_mnist_folder / published.name)
    (folder / f"{LABELS}.gz").unlink()
    shutil.copyfile(fashion_mnist_folder / f"{LABELS}.gz", folder / f"{LABELS}.gz")
    return folder


def test_the_published_images_have_the_published_mean(fashion_mnist: FashionMNIST) -> None:
    images, labels = fashion_mnist.published_train_arrays
    assert images.shape == (60000, 28, 28)
    assert np.bincount(labels).tolist() == [6000] * 10
    assert images.mean() / 255 == pytest.approx(0.2860, abs=5e-5)


@pytest.mark.parametrize("spoil", ["truncated", "empty", "longer", "flipped"])
def test_a_changed_file_is_refused_by_name(copy: Path, spoil: str) -> None:
    path = copy / f"{LABELS}.gz"
    content = bytearray(path.read_bytes())
    if spoil == "truncated":
        del content[3000:]
    elif spoil == "empty":
        content.clear()
    elif spoil == "longer":
        content += b"0"
    else:
        content[2000] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(DataError, match=rf"{LABELS}.*fetch"):
        _ = load_dataset(copy).published_test_arrays


def test_a_valid_gzip_of_another_file_is_refused(copy: Path) -> None:
    (copy / f"{LABELS}.gz").write_bytes(gzip.compress(bytes(10008)))
    with pytest.raises(DataError, match="not the published file"):
        _ = load_dataset(copy).published_test_arrays


def test_torchvision_s_unpacked_files_are_read(copy: Path, tmp_path: Path) -> None:
    raw = tmp_path / "root" / "FashionMNIST" / "raw"
    raw.parent.mkdir(parents=True)
    copy.rename(raw)
    packed = raw / f"{LABELS}.gz"
    (raw / LABELS).write_bytes(gzip.decompress(packed.read_bytes()))
    packed.unlink()
    dataset = load_dataset(tmp_path / "root")
    assert dataset.folder == raw
    assert len(dataset.published_test_arrays[1]) == 10000
    (raw / LABELS).write_bytes(bytes(10008))
    with pytest.raises(DataError, match="checksum"):
        _ = load_dataset(raw).published_test_arrays


def test_the_environment_comes_before_the_per_user_folder(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = fashion_mnist.get_fashion_mnist_download_folder()
    own.parent.mkdir(parents=True)
    own.symlink_to(copy)
    monkeypatch.delenv("FASHION_MNIST_DIR", raising=False)
    assert load_dataset().folder == own
    monkeypatch.setenv("FASHION_MNIST_DIR", str(copy))
    assert load_dataset().folder == copy


def test_a_folder_asked_for_that_lacks_a_file_is_refused(copy: Path) -> None:
    (copy / f"{LABELS}.gz").unlink()
    with pytest.raises(DataError, match="four files"):
        load_dataset(copy)


def test_without_files_the_sample_data_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FASHION_MNIST_DIR", raising=False)
    assert load_dataset().is_sample_data


def test_splits_are_stratified_disjoint_and_always_the_same(
    fashion_mnist: FashionMNIST, fashion_mnist_folder: Path
) -> None:
    train, validation, test = (fashion_mnist.split(name) for name in ("train", "validation", "test"))
    assert [len(s) for s in (train, validation, test)] == [55000, 5000, 10000]
    assert np.bincount(validation.labels).tolist() == [500] * 10
    assert not set(train.indices.tolist()) & set(validation.indices.tolist())
    np.testing.assert_array_equal(load_dataset(fashion_mnist_folder).split("validation").indices, validation.indices)
