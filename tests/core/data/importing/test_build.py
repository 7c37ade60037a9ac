"""A source becomes a catalogue whole, or nothing is left; and what the report says."""

import errno
import io
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fashion_core.data import find_dataset
from fashion_core.data.catalogue import Catalogue, catalogues_folder
from fashion_core.data.catalogue_labels import TEST
from fashion_core.data.catalogue_list import list_catalogues
from fashion_core.data.importing.build import import_catalogue, suggest_title
from fashion_core.data.importing.report import ImportReport, load_report
from fashion_core.data.importing.sources import open_listing
from fashion_core.errors import DataError, StorageError
from fashion_core.vision.picture_sources import PictureSource
from tests.core.data.importing.picture_folders import class_files, picture, write_files, zip_files
from tests.core.data.importing.test_arrays import write_idx


def report_of(catalogue: Catalogue) -> ImportReport:
    report = load_report(catalogue.folder)
    assert report is not None
    return report


def assert_nothing_is_left() -> None:
    assert list_catalogues() == []
    assert not catalogues_folder().exists() or list(catalogues_folder().iterdir()) == []


def test_a_zip_of_class_folders_becomes_a_catalogue(tmp_path: Path) -> None:
    zipped = zip_files(tmp_path / "Meine Mäntel.zip", class_files({"coat": 20, "dress": 12}))
    assert suggest_title(zipped) == "Meine Mäntel"
    steps: list[tuple[float, str]] = []
    catalogue = import_catalogue(zipped, "Meine Mäntel", report=lambda *step: steps.append(step))
    assert (catalogue.name, catalogue.title, catalogue.classes.names) == (
        "meine-mantel",
        "Meine Mäntel",
        ("coat", "dress"),
    )
    assert catalogue.split_sizes == {"train": 27, "validation": 5, "test": 32}
    assert catalogue.fold_numbers == (0, 1, 2, 3, 4)
    images, labels = catalogue.read_part("test")
    assert images.dtype == np.uint8
    assert np.bincount(labels).tolist() == [20, 12]
    np.testing.assert_array_equal(catalogue.views("test")[:, 0], images)
    for found in (find_dataset("meine-mantel"), find_dataset("MEINE MÄNTEL"), find_dataset(str(catalogue.folder))):
        assert found.fingerprint == catalogue.fingerprint
    fractions = [fraction for fraction, _ in steps]
    assert fractions == sorted(fractions)
    report = report_of(catalogue)
    assert (report.n_pictures, report.n_folds, report.split_sizes) == (32, 5, (27, 5, 32))


def test_the_same_source_gives_the_same_fingerprint_and_another_seed_another_split(tmp_path: Path) -> None:
    source = write_files(tmp_path / "in", class_files({"a": 10, "b": 10}))
    first, again = import_catalogue(source, "first"), import_catalogue(source, "again")
    other = import_catalogue(source, "other", seed=5)
    assert first.fingerprint == again.fingerprint != other.fingerprint


def test_pictures_lose_their_metadata_and_are_small(tmp_path: Path) -> None:
    image = Image.effect_noise((600, 900), 60).convert("RGB")
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", exif=exif)
    assert b"secret place" in buffer.getvalue()
    catalogue = import_catalogue(
        write_files(tmp_path / "in", {"a/1.jpg": buffer.getvalue(), "b/2.png": picture(1)}), "x"
    )
    for part in ("train", "test"):
        for index in range(len(catalogue.read_part(part)[1])):
            content = catalogue.read_picture(part, index)
            assert b"secret" not in content
            assert max(Image.open(io.BytesIO(content)).size) <= 224


def test_a_picture_that_shows_no_garment_is_taken_whole(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (8, 200, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, "PNG")
    catalogue = import_catalogue(write_files(tmp_path / "in", {"a/1.png": buffer.getvalue()}), "x")
    assert dict(report_of(catalogue).kinds) == {"letterbox": 1}


def test_the_report_lists_what_was_found(tmp_path: Path) -> None:
    files = class_files({"coat": 12, "dress": 3, "one": 1})
    twice = files["coat/0.png"]
    files |= {
        "coat/copy.png": twice,
        "dress/conflict.png": twice,
        "dress/broken.png": b"\x89PNG",
        "dress/empty.jpg": b"",
    }
    files |= {"Dress /9.png": picture(99)}
    catalogue = import_catalogue(write_files(tmp_path / "in", files), "x")
    report = report_of(catalogue)
    assert {name for name, _ in report.unreadable.listed} == {"dress/broken.png", "dress/empty.jpg"}
    assert report.exact_duplicates.listed in ((("coat/copy.png", "coat/0.png"),), (("coat/0.png", "coat/copy.png"),))
    assert report.two_classes.n == 1
    assert dict(report.small_classes.listed) == {"dress": "5", "one": "1"}
    assert report.untested_classes.listed[0][0] == "one"
    assert report.renamed.listed == (("Dress ", "dress"),)
    assert report.n_pictures == catalogue.n_pictures == 18
    groups, splits = catalogue.labels.groups, catalogue.labels.splits
    conflict = np.flatnonzero(np.bincount(groups) == 2)
    assert len(conflict) == 1
    assert len(set(splits[groups == conflict[0]].tolist())) == 1


def test_near_duplicates_stay_together_and_leaks_of_a_given_split_are_counted(tmp_path: Path) -> None:
    files = class_files({"train/a": 8, "train/b": 8, "test/a": 4, "test/b": 4})
    image = Image.open(io.BytesIO(files["train/a/0.png"])).resize((96, 128))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG")
    files["test/a/copy.jpg"] = buffer.getvalue()
    catalogue = import_catalogue(write_files(tmp_path / "in", files), "x")
    report = report_of(catalogue)
    assert report.split_is_given
    assert report.n_leaked == 1
    assert report.near_duplicates.n == 1
    assert (catalogue.labels.splits == TEST).sum() == 9


def test_suspected_label_errors_and_classes_that_look_like_one(tmp_path: Path) -> None:
    def shape(wide: bool, seed: int) -> bytes:
        rng = np.random.default_rng(seed)
        pixels = np.full((80, 80, 3), 255, np.uint8)
        height, width = (12, 60) if wide else (60, 12)
        top, left = rng.integers(4, 76 - height), rng.integers(4, 76 - width)
        pixels[top : top + height, left : left + width] = rng.integers(0, 120, 3)
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, "PNG")
        return buffer.getvalue()

    def shapes(name: str, wide: bool, n: int, seed: int) -> dict[str, bytes]:
        return {f"{name}/{i}.png": shape(wide, seed + i) for i in range(n)}

    files = shapes("wide", True, 12, 0) | shapes("high", False, 12, 99)
    files["wide/wrong.png"] = shape(False, 500)
    catalogue = import_catalogue(write_files(tmp_path / "a", files), "x")
    assert report_of(catalogue).suspected_label_errors.listed == (("wide/wrong.png", "high (wide)"),)
    assert report_of(catalogue).similar_classes.n == 0
    alike = shapes("a", True, 20, 0) | shapes("b", True, 20, 50) | shapes("c", False, 20, 99)
    catalogue = import_catalogue(write_files(tmp_path / "b", alike), "y")
    assert report_of(catalogue).similar_classes.listed == (("a", "b"),)


def test_images_of_arrays_are_kept_without_files(tmp_path: Path) -> None:
    catalogue = import_catalogue(write_idx(tmp_path), "digits")
    assert catalogue.split_sizes["test"] == 10
    assert not (catalogue.folder / "pictures").exists()
    decoded = np.asarray(Image.open(io.BytesIO(catalogue.read_picture("test", 3))), int)
    assert np.abs(decoded - catalogue.read_part("test")[0][3]).mean() < 10


def test_equal_images_of_arrays_stay_in_one_split(tmp_path: Path) -> None:
    images = np.repeat(np.random.default_rng(0).integers(0, 256, (40, 28, 28), dtype=np.uint8), 3, axis=0)
    np.savez(tmp_path / "a.npz", x_test=images, y_test=np.repeat(np.arange(40) % 2, 3))
    np.savez(tmp_path / "b.npz", x_train=images, y_train=np.repeat(np.arange(40) % 2, 3))
    given = report_of(import_catalogue(tmp_path / "a.npz", "given"))
    assert (given.near_duplicates.n, given.n_leaked) == (80, 0)
    splits = import_catalogue(tmp_path / "b.npz", "chosen").labels.splits.reshape(40, 3)
    assert set(splits[:, 0].tolist()) == {0, 1, 2}
    assert (splits == splits[:, :1]).all()


@pytest.mark.parametrize("title", ["", " \u202e ", "Fashion-MNIST", "taken", "TAKEN"])
def test_titles_that_cannot_be_are_refused(title: str, tmp_path: Path) -> None:
    source = write_files(tmp_path / "in", class_files({"a": 2}))
    import_catalogue(source, "Taken")
    with pytest.raises(DataError):
        import_catalogue(source, title)


def test_titles_without_latin_letters_get_a_number(tmp_path: Path) -> None:
    source = write_files(tmp_path / "in", class_files({"a": 2}))
    assert [import_catalogue(source, title).name for title in ("コート", "пальто")] == ["catalogue-1", "catalogue-2"]


@pytest.mark.parametrize("titles", [("女装 2024", "男装 2024"), ("Shoes", "Shoes!"), ("x" * 60, "x" * 70)])
def test_titles_that_differ_only_beyond_their_latin_letters_get_a_number(
    titles: tuple[str, str], tmp_path: Path
) -> None:
    source = write_files(tmp_path / "a", class_files({"coat": 2}))
    first, second = (import_catalogue(source, title) for title in titles)
    assert second.name == f"{first.name[:50]}-1"
    assert [entry.catalogue is not None for entry in list_catalogues()] == [True, True]
    with pytest.raises(DataError, match="already"):
        import_catalogue(source, titles[1].upper())


def test_one_class_is_imported_and_unlabelled(tmp_path: Path) -> None:
    catalogue = import_catalogue(write_files(tmp_path / "in", {f"{i}.png": picture(i) for i in range(8)}), "x")
    assert catalogue.classes.names == ("Unlabelled",)
    assert not catalogue.is_labelled


def test_when_no_picture_can_be_read_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"No picture can be read\. a/1"):
        import_catalogue(write_files(tmp_path / "in", {"a/1.png": b"x", "b/2.png": b""}), "x")
    assert_nothing_is_left()


def test_when_the_disk_fills_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write_files(tmp_path / "in", class_files({"a": 5, "b": 5}))
    write_bytes: Callable[..., int] = Path.write_bytes

    def full(path: Path, content: bytes) -> int:
        if path.name == "000006.jpg":
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        return write_bytes(path, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(StorageError, match="No space left"):
        import_catalogue(source, "x")
    assert_nothing_is_left()


def test_when_the_arrays_cannot_be_written_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write_files(tmp_path / "in", class_files({"a": 5, "b": 5}))

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("fashion_core.storage.files.os.fsync", full)
    with pytest.raises(StorageError, match="No space left"):
        import_catalogue(source, "x")
    assert_nothing_is_left()


def test_a_cancelled_import_leaves_nothing(tmp_path: Path) -> None:
    def cancel(fraction: float, message: str) -> None:
        if fraction > 0.4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_catalogue(write_files(tmp_path / "in", class_files({"a": 5, "b": 5})), "x", report=cancel)
    assert_nothing_is_left()


def test_pictures_that_change_or_go_after_they_were_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write_files(tmp_path / "in", class_files({"a": 3, "b": 3}))
    with open_listing(source) as listing:
        item: PictureSource = listing.items[0].source
        Path(item.name).unlink()
        Path(listing.items[1].source.name).write_bytes(picture(77)[:200])
        sources = [item.source for item in listing.items]
        reopen = "fashion_core.data.importing.sources.open_picture_sources"
        monkeypatch.setattr(reopen, lambda *given, **options: nullcontext(sources))
        catalogue = import_catalogue(source, "x")
    assert report_of(catalogue).unreadable.n == 2
    assert catalogue.n_pictures == 4


def test_a_hostile_zip_is_imported_as_far_as_it_is_harmless(tmp_path: Path) -> None:
    files = class_files({"a": 3, "b": 3}) | {"../out.png": picture(50), "/etc/b.png": picture(51), "a/in.zip": b"PK"}
    catalogue = import_catalogue(zip_files(tmp_path / "x.zip", files), "x")
    assert report_of(catalogue).unreadable.n + report_of(catalogue).skipped.n == 3
    assert not (tmp_path.parent / "out.png").exists()
    with pytest.raises(DataError, match="cannot be read"):
        import_catalogue(write_files(tmp_path / "in", {"y.zip": b"PK\x03\x04 broken"}) / "y.zip", "y")
