"""Saving, loading, correcting, exporting and deleting garments for good."""

import csv
import io
import sqlite3
import zipfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from fashion_core.data.classes import CLASS_FOLDER_NAMES, CLASS_NAMES, NONE_OF_THESE_LABEL
from fashion_core.errors import SavedGarmentsError
from fashion_core.recognition.garment_database import DATABASE_SCHEMA_VERSION
from fashion_core.recognition.garment_export import write_garments_zip
from fashion_core.recognition.garment_store import DATABASE_FILE_NAME, MAX_SAVED_SIDE, GarmentStore, garment_fingerprint
from fashion_core.storage.folder import user_data_folder
from fashion_core.vision.decode import decode_picture
from fashion_core.vision.preparation import prepare_picture
from tests.core.recognition.garments import (
    OPERATIONS,
    contents,
    make_picture,
    make_prediction,
    make_prepared,
    save,
)
from tests.core.recognition.test_batch import encode, gps_exif, make_scene, metadata_of


@pytest.fixture
def store(tmp_path: Path) -> GarmentStore:
    return GarmentStore(tmp_path / DATABASE_FILE_NAME, lock_timeout=0.05)


@pytest.mark.parametrize("form", ["JPEG", "HEIC"])
def test_neither_saved_nor_exported_pictures_say_where_they_were_taken(store: GarmentStore, form: str) -> None:
    pixels = make_scene(1)
    if form == "HEIC":
        buffer = io.BytesIO()
        pillow_heif.from_pillow(Image.fromarray(pixels)).save(buffer, exif=gps_exif())
        content = buffer.getvalue()
    else:
        content = encode(pixels, form, exif=gps_exif())
    assert b"somebody" in content
    decoded = decode_picture(content)
    prediction = make_prediction()
    garment = store.save(decoded.rgb, prepare_picture(decoded), prediction, {"MLP": prediction.probabilities})
    assert metadata_of(garment.picture) == metadata_of(garment.image) == {}
    exported = io.BytesIO()
    write_garments_zip(store.iterate_garments(), exported)
    with zipfile.ZipFile(exported) as archive:
        pictures = [archive.read(name) for name in archive.namelist() if name.endswith(".png")]
    assert len(pictures) == 2
    assert all(metadata_of(picture) == {} for picture in pictures)


def test_a_garment_is_loaded_as_it_was_saved(store: GarmentStore) -> None:
    before = datetime.now(UTC)
    original, small_prepared, prediction = make_picture(), make_prepared(), make_prediction()
    models = {"CNN": make_prediction(6).probabilities, "<b>mine</b> 🧥": make_prediction(4).probabilities}
    store.save(original, small_prepared, prediction, models)
    [garment] = store.load_page(1, 10)
    assert before <= garment.saved_at <= datetime.now(UTC)
    assert (garment.kind, garment.label, garment.correction, garment.is_correct) == ("photo", 2, None, None)
    assert (garment.confidence, garment.ood_score) == pytest.approx((0.82, 0.4))
    assert {title: m.label for title, m in garment.model_predictions.items()} == {"CNN": 6, "<b>mine</b> 🧥": 4}
    assert garment.model_predictions["CNN"].probability == pytest.approx(0.82)
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(garment.image))), small_prepared.image)
    saved_image = Image.open(io.BytesIO(garment.picture))
    assert (saved_image.format, saved_image.mode, saved_image.size) == ("PNG", "RGB", (MAX_SAVED_SIDE, 213))
    assert garment == store.find_by_fingerprint(garment_fingerprint(small_prepared, prediction))


def test_a_missing_ood_score_stays_missing(store: GarmentStore) -> None:
    save(store, ood_score=float("nan"))
    [garment] = store.load_page(1, 1)
    assert np.isnan(garment.ood_score)
    assert not garment.has_warning


def test_nothing_is_written_before_a_garment_is_saved(store: GarmentStore) -> None:
    for name, operation in OPERATIONS.items():
        if name == "correct":
            with pytest.raises(SavedGarmentsError, match="has been deleted"):
                operation(store)
        elif name != "save":
            operation(store)
    assert list(store.path.parent.iterdir()) == []


def test_the_file_is_in_the_per_user_folder_and_for_its_owner_alone() -> None:
    save(GarmentStore())
    assert GarmentStore().path == user_data_folder() / DATABASE_FILE_NAME
    assert GarmentStore().path.stat().st_mode & 0o077 == 0


def test_the_same_garment_is_saved_once(store: GarmentStore) -> None:
    assert save(store, 1) == save(store, 1)
    save(store, 1, label=5)  # another prediction, as after a switch on the page
    save(store, 2)
    assert store.count() == 3


def test_pages_are_newest_first(store: GarmentStore) -> None:
    numbers = [save(store, seed) for seed in range(7)]
    assert [g.id for page in (1, 2, 3) for g in store.load_page(page, 3)] == numbers[::-1]
    assert store.load_page(4, 3) == []


def test_accuracy_counts_garments_with_a_correction(store: GarmentStore) -> None:
    assert store.compute_accuracy().interval is None
    for seed, (correction, ood_score) in enumerate(
        [
            (2, 0.1),
            (2, 2.0),
            (3, 0.1),
            (NONE_OF_THESE_LABEL, 0.1),
            (NONE_OF_THESE_LABEL, 1.5),
            (NONE_OF_THESE_LABEL, float("nan")),
        ]
    ):
        store.set_user_correction(save(store, seed, ood_score=ood_score), correction)
    save(store, 100)
    accuracy = store.compute_accuracy()
    assert (accuracy.n, accuracy.n_correct, accuracy.n_none_of_these, accuracy.n_none_of_these_warned) == (6, 3, 3, 1)
    assert accuracy.rate == 0.5
    assert accuracy.interval == pytest.approx((0.1876, 0.8124), abs=1e-4)
    spoken = [g.is_correct for g in store.load_page(1, 10) if g.is_correct is not None]
    assert (len(spoken), sum(spoken)) == (accuracy.n, accuracy.n_correct)


def test_a_correction_can_be_changed_and_removed(store: GarmentStore) -> None:
    number = save(store)
    for label in (0, NONE_OF_THESE_LABEL, 9, None):
        store.set_user_correction(number, label)
        assert store.load_page(1, 1)[0].correction == label
    with pytest.raises(ValueError, match="ten classes"):
        store.set_user_correction(number, 10)


def test_a_garment_deleted_elsewhere_cannot_be_corrected_and_its_id_is_not_reused(
    store: GarmentStore,
) -> None:
    save(store, 0)
    number = save(store, 1)
    store.delete(number)
    store.delete(number)
    with pytest.raises(SavedGarmentsError, match="has been deleted"):
        store.set_user_correction(number, 1)
    assert save(store, 2) > number
    store.delete_all()
    assert save(store, 3) > number + 1


@pytest.mark.parametrize("everything", [False, True])
def test_a_deleted_picture_is_erased_from_the_disk(store: GarmentStore, everything: bool) -> None:
    for seed in range(5):
        save(store, seed)
    garment = store.load_page(1, 1)[0]
    pieces = [garment.picture[at : at + 40] for at in range(1000, len(garment.picture), 1000)]
    assert sum(piece in store.path.read_bytes() for piece in pieces) > 0.9 * len(pieces)  # the others cross a page
    # another window that has the file open keeps the write-ahead log alive
    with closing(sqlite3.connect(store.path)) as other:
        other.execute("SELECT count(*) FROM garments").fetchone()
        store.delete_all() if everything else store.delete(garment.id)
        for content in contents(store.path.parent).values():
            assert not any(piece in content for piece in pieces)
    assert store.count() == (0 if everything else 4)
    if everything:
        assert store.path.stat().st_size < 50_000


def test_deleting_fails_when_a_reader_keeps_the_pictures_on_the_disk(store: GarmentStore) -> None:
    save(store)
    with closing(sqlite3.connect(store.path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM garments").fetchone()
        with pytest.raises(SavedGarmentsError, match="not yet erased from the disk"):
            store.delete_all()
    assert store.count() == 0
    store.delete_all()


def test_a_garment_survives_a_program_that_is_killed(store: GarmentStore, tmp_path: Path) -> None:
    save(store, 0)
    with closing(sqlite3.connect(store.path)) as other:  # its log is not folded in while this is open
        other.execute("SELECT count(*) FROM garments").fetchone()
        save(store, 1)
        copy = tmp_path / "copy"
        copy.mkdir()
        for name, content in contents(tmp_path).items():
            (copy / name).write_bytes(content)
    assert GarmentStore(copy / DATABASE_FILE_NAME).count() == 2


def test_the_file_is_in_write_ahead_mode(store: GarmentStore) -> None:
    save(store)
    with closing(sqlite3.connect(store.path)) as other:
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert other.execute("PRAGMA user_version").fetchone() == (DATABASE_SCHEMA_VERSION,)


def test_the_export_holds_every_garment_under_safe_names(store: GarmentStore) -> None:
    prediction = make_prediction(2)
    for seed, correction in enumerate((None, 9, NONE_OF_THESE_LABEL, 2)):
        garment = store.save(
            make_picture(seed), make_prepared(seed), prediction, {'=cmd|"../..': prediction.probabilities}
        )
        store.set_user_correction(garment.id, correction)
    buffer = io.BytesIO()
    assert write_garments_zip(store.iterate_garments(), buffer) == 4
    with zipfile.ZipFile(buffer) as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read("garments.csv").decode("utf-8"))))
        assert [row["file"] for row in rows] == [
            "not-said/000001.png",
            "labelled/ankle-boot/000002.png",
            "labelled/none-of-these/000003.png",
            "labelled/pullover/000004.png",
        ]
        assert {row["file"] for row in rows} | {row["prepared"] for row in rows} | {"garments.csv"} == set(
            archive.namelist()
        )
        for row, garment in zip(rows, store.load_page(1, 9)[::-1], strict=True):
            assert archive.read(row["file"]) == garment.picture
            assert archive.read(row["prepared"]) == garment.image
    assert [row["right"] for row in rows] == ["", "no", "no", "yes"]
    assert {row["answer"] for row in rows} == {CLASS_NAMES[2]}
    assert not [cell for row in rows for cell in row.values() if cell[:1] in "=+-@" and cell]
    assert CLASS_FOLDER_NAMES[9] == "ankle-boot"
