"""Saving, deleting for good, and damaged or unwritable files and folders."""

import csv
import io
import os
import shutil
import sqlite3
import tempfile
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from fashion_core.data.classes import CLASS_FOLDER_NAMES, CLASS_NAMES, NONE_OF_THESE_LABEL
from fashion_core.errors import DamagedGarmentsError, SavedGarmentsError
from fashion_core.recognition.garment_database import DATABASE_SCHEMA_VERSION
from fashion_core.recognition.garment_export import write_garments_zip
from fashion_core.recognition.garment_store import DATABASE_FILE_NAME, MAX_SAVED_SIDE, GarmentStore, garment_fingerprint
from fashion_core.recognition.recognizer import GarmentPrediction
from fashion_core.storage.folder import user_data_folder
from fashion_core.vision.decode import decode_picture
from fashion_core.vision.preparation import PreparationStep, PreparedPicture, prepare_picture
from tests.core.recognition.test_batch import encode, gps_exif, make_scene, metadata_of

NOBODY = 65534


def make_picture(seed: int = 0, height: int = 400, width: int = 600) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def make_prepared(seed: int = 0) -> PreparedPicture:
    result = np.random.default_rng(seed).integers(0, 256, (28, 28), dtype=np.uint8)
    return PreparedPicture("photo", (PreparationStep("28 × 28", result),), result[None])


def make_prediction(label: int = 2, ood_score: float = 0.4, confidence: float = 0.82) -> GarmentPrediction:
    probabilities = np.full(10, (1 - confidence) / 9, np.float32)
    probabilities[label] = confidence
    return GarmentPrediction(probabilities, ood_score)


def save(store: GarmentStore, seed: int = 0, **of: Any) -> int:
    prediction = make_prediction(**of)
    return store.save(make_picture(seed), make_prepared(seed), prediction, {"MLP": prediction.probabilities}).id


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


def contents(folder: Path) -> dict[str, bytes]:
    """Every file that is not a lock, byte for byte."""
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file() and p.suffix != ".lock"}


OPERATIONS: dict[str, Callable[[GarmentStore], object]] = {
    "save": lambda store: save(store, 99),
    "correct": lambda store: store.set_user_correction(1, 3),
    "delete": lambda store: store.delete(1),
    "delete all": lambda store: store.delete_all(),
    "page": lambda store: store.load_page(1, 10),
    "count": lambda store: store.count(),
    "accuracy": lambda store: store.compute_accuracy(),
    "export": lambda store: write_garments_zip(store.iterate_garments(), io.BytesIO()),
    "find": lambda store: store.find_by_fingerprint("0"),
}
WRITERS = ("save", "correct", "delete", "delete all")


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


def test_two_windows_can_create_and_write_the_file_at_once(tmp_path: Path) -> None:
    failures: list[BaseException] = []
    start = threading.Barrier(4)

    def write(first: int) -> None:
        try:
            start.wait()
            store = GarmentStore(tmp_path / DATABASE_FILE_NAME, lock_timeout=60)
            for seed in range(first, first + 10):
                store.set_user_correction(save(store, seed), 2)
                store.compute_accuracy()
        except BaseException as error:  # noqa: BLE001 - the assertion below shows it
            failures.append(error)

    threads = [threading.Thread(target=write, args=(first,)) for first in (0, 0, 100, 200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    store = GarmentStore(tmp_path / DATABASE_FILE_NAME)
    assert (store.count(), store.compute_accuracy().n) == (30, 30)


@pytest.mark.parametrize("name", WRITERS)
def test_a_locked_file_gives_an_error_and_nothing_is_lost(store: GarmentStore, name: str) -> None:
    save(store)
    with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(SavedGarmentsError, match="in use by another window or program"):
            OPERATIONS[name](store)
        assert store.load_page(1, 10)[0].correction is None  # reading goes on
    assert store.count() == 1
    OPERATIONS[name](store)


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_file_locked_exclusively_by_another_program_gives_an_error(store: GarmentStore, name: str) -> None:
    save(store)
    with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(SavedGarmentsError, match="in use"):
            OPERATIONS[name](store)
    assert store.count() == 1


def noise(content: bytes) -> bytes:
    return np.random.default_rng(0).bytes(len(content))


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "noise": noise,
    "a picture": lambda content: b"\x89PNG\r\n\x1a\n" + content,
    "cut in half": lambda content: content[: len(content) // 2],
    "one page": lambda content: content[:20],
    "pages of nothing": lambda content: content[:4096] + bytes(len(content) - 4096),
    "noise after the first page": lambda content: content[:4096] + noise(content[4096:]),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_never_written_to_and_can_be_renamed(store: GarmentStore, damage: str) -> None:
    for seed in range(3):
        save(store, seed)
    store.path.write_bytes(DAMAGE[damage](store.path.read_bytes()))
    before = contents(store.path.parent)
    for name in WRITERS:
        with pytest.raises(DamagedGarmentsError, match="set it aside"):
            OPERATIONS[name](store)
        assert contents(store.path.parent) == before
    for operation in OPERATIONS.values():
        try:
            operation(store)
        except DamagedGarmentsError:
            continue
    assert contents(store.path.parent) == before
    aside = store.rename_if_damaged()
    assert aside is not None
    assert aside.read_bytes() == before[DATABASE_FILE_NAME]
    assert (store.count(), save(store, 7)) == (0, 1)
    assert aside.read_bytes() == before[DATABASE_FILE_NAME]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE garments SET models = 'no json'",
        'UPDATE garments SET models = \'{"MLP": {"class": 12}}\'',
        "UPDATE garments SET models = '[1]'",
        "UPDATE garments SET kept_at = 'yesterday'",
        "UPDATE garments SET kind = 'spell'",
        "UPDATE garments SET models = CAST(x'ff00ff' AS TEXT)",
        "ALTER TABLE garments RENAME TO clothes",
        "ALTER TABLE garments DROP COLUMN kind",
        "PRAGMA application_id = 7",
        "PRAGMA user_version = 0",
    ],
)
def test_invalid_content_written_by_another_program_counts_as_damage(store: GarmentStore, change: str) -> None:
    save(store)
    with closing(sqlite3.connect(store.path)) as other, other:
        other.execute(change)
    with pytest.raises(DamagedGarmentsError, match="set it aside"):
        store.load_page(1, 10)
    assert store.rename_if_damaged() is not None
    assert store.load_page(1, 10) == []


def test_an_intact_file_is_not_renamed(store: GarmentStore) -> None:
    assert store.rename_if_damaged() is None
    save(store)
    assert store.rename_if_damaged() is None
    assert store.count() == 1


def test_a_log_without_its_database_is_not_applied_to_a_new_one(store: GarmentStore) -> None:
    save(store, 0)
    with closing(sqlite3.connect(store.path)) as other:
        other.execute("SELECT count(*) FROM garments").fetchone()
        save(store, 1)
        log = store.path.with_name(f"{DATABASE_FILE_NAME}-wal").read_bytes()
    store.path.unlink()
    store.path.with_name(f"{DATABASE_FILE_NAME}-wal").write_bytes(log)
    with pytest.raises(DamagedGarmentsError):
        save(store, 2)
    aside = store.rename_if_damaged()
    assert aside is not None
    assert aside.with_name(f"{aside.name}-wal").read_bytes() == log
    assert save(store, 2) == 1


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_file_of_a_newer_version_is_not_changed(store: GarmentStore, name: str) -> None:
    save(store)
    with closing(sqlite3.connect(store.path)) as other, other:
        other.execute(f"PRAGMA user_version = {DATABASE_SCHEMA_VERSION + 1}")
        other.execute("ALTER TABLE garments ADD COLUMN colour TEXT")
    before = contents(store.path.parent)
    with pytest.raises(SavedGarmentsError, match="newer version") as raised:
        OPERATIONS[name](store)
    assert not isinstance(raised.value, DamagedGarmentsError)
    assert contents(store.path.parent) == before


@contextmanager
def full_disk(pages: int) -> Iterator[None]:
    """Limits the number of pages of every database opened inside."""
    connect = sqlite3.connect

    def connect_with_limit(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection = connect(*arguments, **options)
        connection.execute(f"PRAGMA max_page_count = {pages}")
        return connection

    with patch.object(sqlite3, "connect", connect_with_limit):
        yield


def test_a_full_disk_gives_an_error_and_nothing_is_lost(store: GarmentStore) -> None:
    with full_disk(2), pytest.raises(SavedGarmentsError, match="no space left"):
        save(store, 0)
    assert contents(store.path.parent) == {}
    save(store, 0)
    with full_disk(60), pytest.raises(SavedGarmentsError, match="no space left"):
        save(store, 1)
    assert [g.id for g in store.load_page(1, 10)] == [1]
    save(store, 1)
    assert store.count() == 2


@pytest.fixture
def read_only(store: GarmentStore) -> Iterator[GarmentStore]:
    """A store with one garment in a folder that the program may read but not write to."""
    save(store)
    folder = Path(tempfile.mkdtemp())
    shutil.copy(store.path, folder / DATABASE_FILE_NAME)
    (folder / DATABASE_FILE_NAME).chmod(0o444)
    folder.chmod(0o555)
    root = os.geteuid() == 0  # who may write everywhere
    try:
        if root:
            os.seteuid(NOBODY)
        yield GarmentStore(folder / DATABASE_FILE_NAME, lock_timeout=0.05)
    finally:
        if root:
            os.seteuid(0)
        folder.chmod(0o700)
        shutil.rmtree(folder)


@pytest.mark.skipif(os.name == "nt", reason="folders have other rights there")
@pytest.mark.parametrize("name", OPERATIONS)
def test_a_read_only_folder_gives_an_error(read_only: GarmentStore, name: str) -> None:
    before = read_only.path.read_bytes()
    with pytest.raises(SavedGarmentsError, match=r"[Ss]et FASHION_HOME"):
        OPERATIONS[name](read_only)
    assert read_only.path.read_bytes() == before
    with pytest.raises(SavedGarmentsError, match=r"[Ss]et FASHION_HOME"):
        save(GarmentStore(read_only.path.with_name("new.sqlite3"), lock_timeout=0.05))


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_home_that_is_a_file_or_a_file_that_is_a_folder_gives_an_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "home").write_text("mine")
    with pytest.raises(SavedGarmentsError, match="FASHION_HOME"):
        OPERATIONS[name](GarmentStore(tmp_path / "home" / DATABASE_FILE_NAME))
    (tmp_path / DATABASE_FILE_NAME).mkdir()
    with pytest.raises(SavedGarmentsError, match="FASHION_HOME"):
        OPERATIONS[name](GarmentStore(tmp_path / DATABASE_FILE_NAME))
    assert (tmp_path / "home").read_text() == "mine"
    assert (tmp_path / DATABASE_FILE_NAME).is_dir()
