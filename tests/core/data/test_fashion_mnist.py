import gzip
import hashlib
import math
import shutil
from pathlib import Path

import numpy as np
import pytest

from fashion_core.data import FashionMNIST, fashion_mnist, find_dataset, load_dataset
from fashion_core.data.fashion_mnist import OTHER_PROGRAMS_FOLDERS, PublishedFile
from fashion_core.errors import DataError
from tests.core.closed_folder import close_folder

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


def test_a_file_that_is_too_large_gives_one_advice(copy: Path) -> None:
    (copy / f"{LABELS}.gz").write_bytes(bytes(10**6))
    with pytest.raises(DataError, match=r"MB\. Delete it and run"):
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


@pytest.fixture
def small_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, bytes]:
    """Four small files declared as the published ones, content by name, on a machine with an empty home folder."""
    contents: dict[str, bytes] = {}
    files = {}
    for i, (part, real) in enumerate(fashion_mnist.PUBLISHED_FILES.items()):
        shape = (i + 2, *real.shape[1:])
        content = bytes(real.n_header_bytes + math.prod(shape) - 1) + bytes([i])
        packed = gzip.compress(content, mtime=0)
        files[part] = PublishedFile(real.name, len(packed), "", hashlib.sha256(content).hexdigest(), shape)
        contents |= {real.name: packed, real.unpacked_name: content}
    monkeypatch.setattr(fashion_mnist, "PUBLISHED_FILES", files)
    monkeypatch.setattr(fashion_mnist, "OTHER_PROGRAMS_FOLDERS", OTHER_PROGRAMS_FOLDERS[1:])  # without Debian's
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FASHION_MNIST_DIR", raising=False)
    return contents


def leave_files(folder: Path, contents: dict[str, bytes], *, packed: bool) -> None:
    folder.mkdir(parents=True)
    for name, content in contents.items():
        if name.endswith(".gz") == packed:
            (folder / name).write_bytes(content)


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("path", OTHER_PROGRAMS_FOLDERS[1:])
def test_files_that_another_program_left_are_found_and_read(
    small_files: dict[str, bytes], path: str, packed: bool
) -> None:
    leave_files(Path(path).expanduser(), small_files, packed=packed)
    dataset = load_dataset()
    assert dataset.folder == Path(path).expanduser()
    assert len(dataset.published_test_arrays[0]) == 4


def test_content_that_somebody_packed_anew_is_read(small_files: dict[str, bytes], tmp_path: Path) -> None:
    contents = {n: gzip.compress(gzip.decompress(c), 1, mtime=1) for n, c in small_files.items() if n.endswith(".gz")}
    leave_files(tmp_path / "debian", contents, packed=True)
    assert len(load_dataset(tmp_path / "debian").published_test_arrays[1]) == 5


def test_debian_s_package_is_looked_for_first(small_files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    assert OTHER_PROGRAMS_FOLDERS[0] == "/usr/share/datasets/fashion-mnist"
    leave_files(Path("debian"), small_files, packed=True)
    leave_files(Path("~/.keras/datasets/fashion-mnist").expanduser(), small_files, packed=True)
    monkeypatch.setattr(fashion_mnist, "OTHER_PROGRAMS_FOLDERS", ("debian", *OTHER_PROGRAMS_FOLDERS[1:]))
    assert load_dataset().folder == Path("debian")


def test_a_closed_folder_of_another_program_is_passed_over(
    small_files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_files(Path("data/FashionMNIST/raw"), small_files, packed=False)
    close_folder(".keras", monkeypatch)
    assert load_dataset().folder == Path("data/FashionMNIST/raw")


@pytest.mark.parametrize("spoil", ["other labels", "truncated"])
def test_what_another_program_left_is_passed_over_when_it_is_not_the_published_data(
    small_files: dict[str, bytes], spoil: str
) -> None:
    folder = Path("data/FashionMNIST/raw")
    leave_files(folder, small_files, packed=False)
    if spoil == "truncated":
        (folder / "train-images-idx3-ubyte").write_bytes(b"part of it")
    else:  # as MNIST: the same names and sizes
        for path in folder.iterdir():
            path.write_bytes(bytes(path.stat().st_size))
    assert load_dataset().is_sample_data


def test_a_variable_that_is_set_keeps_other_programs_folders_out(
    small_files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    leave_files(Path("data/FashionMNIST/raw"), small_files, packed=True)
    monkeypatch.setenv("FASHION_MNIST_DIR", str(tmp_path))
    assert load_dataset().is_sample_data


def test_a_half_unpacked_archive_is_read_from_the_whole_file(small_files: dict[str, bytes]) -> None:
    folder = Path("data/FashionMNIST/raw")
    leave_files(folder, small_files, packed=False)
    (folder / f"{LABELS}.gz").write_bytes(b"part of it")
    assert len(load_dataset().published_test_arrays[1]) == 5


def test_a_folder_asked_for_that_lacks_a_file_is_refused(copy: Path) -> None:
    (copy / f"{LABELS}.gz").unlink()
    with pytest.raises(DataError, match="four files"):
        load_dataset(copy)


def test_a_name_that_no_file_can_have_is_a_sentence() -> None:
    with pytest.raises(DataError, match="There is no data set named"):
        find_dataset("x" * 300)


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
