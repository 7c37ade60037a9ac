"""An exported catalogue comes back the same; what was changed or made by hand is refused."""

import io
import json
import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fashion_core.data.catalogue import Catalogue
from fashion_core.data.catalogue_archive import export_catalogue
from fashion_core.data.catalogue_edits import rename_class, undo
from fashion_core.data.catalogue_list import delete_catalogue, list_catalogues
from fashion_core.data.catalogue_values import DATASET_FILE
from fashion_core.data.importing.build import import_catalogue, suggest_title
from fashion_core.data.importing.growing import add_pictures
from fashion_core.data.importing.report import load_report
from fashion_core.errors import AccessError, DataError, StorageError
from fashion_core.storage.arrays import arrays_to_npz_bytes
from fashion_core.storage.folder import user_data_folder
from fashion_core.storage.visitors import Amounts, Visitor, acting_as
from tests.core.data.catalogues import make_catalogue
from tests.core.data.importing.picture_folders import class_files, zip_files
from tests.core.data.importing.test_growing import new_pictures

LARGE_GROUPS = np.full(11, 2**31 - 1, np.int32)
ZEROS = arrays_to_npz_bytes({name: np.zeros(200_000, np.uint8) for name in ("labels", "splits", "groups")})


@pytest.fixture(name="catalogue")
def _catalogue(tmp_path: Path) -> Catalogue:
    return make_catalogue(tmp_path / "in", {"coat": 6, "dress": 6})


@pytest.mark.parametrize("form", ["zip", "folder"])
def test_a_catalogue_comes_back_as_it_was(form: str, catalogue: Catalogue, tmp_path: Path) -> None:
    changed = rename_class(catalogue, "coat", "Mäntel")
    source = tmp_path / "sent.zip"
    if form == "zip":
        export_catalogue(changed, source)
    else:
        source = catalogue.folder.rename(tmp_path / "sent")
    assert suggest_title(source) == "Mine"
    if form == "zip":
        delete_catalogue("mine")
    back = import_catalogue(source, "Back")
    assert (back.name, back.title) == ("back", "Back")
    assert (back.fingerprint, back.test_fingerprint) == (changed.fingerprint, changed.test_fingerprint)
    assert load_report(back.folder) is not None
    assert len(back.read_picture("test", 0)) > 100
    assert undo(back).fingerprint == catalogue.fingerprint


def test_a_catalogue_that_was_changed_since_it_was_opened_is_exported_as_it_was(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    rename_class(catalogue, "coat", "Mäntel")
    export_catalogue(catalogue, tmp_path / "sent.zip")
    assert import_catalogue(tmp_path / "sent.zip", "Back").fingerprint == catalogue.fingerprint


def test_a_catalogue_whose_added_pictures_were_taken_back_comes_back(catalogue: Catalogue, tmp_path: Path) -> None:
    back = undo(add_pictures(catalogue, new_pictures(2, "coat")).catalogue)
    export_catalogue(back, tmp_path / "sent.zip")
    restored = import_catalogue(tmp_path / "sent.zip", "Back")
    assert (restored.n_pictures, restored.fingerprint) == (14, catalogue.fingerprint)


def test_a_file_with_a_date_that_zips_cannot_hold_is_exported(catalogue: Catalogue, tmp_path: Path) -> None:
    os.utime(catalogue.folder / "pictures" / "000003.jpg", (0, 0))
    export_catalogue(catalogue, tmp_path / "sent.zip")
    assert import_catalogue(tmp_path / "sent.zip", "Back").fingerprint == catalogue.fingerprint


@pytest.mark.parametrize(
    "listed", [b'{"labels": [["coat/0.png", 0]]}', b'{"versions": []}', b'{"a": 1}\n{"a": 2}', b""]
)
def test_a_zip_of_pictures_with_the_list_of_another_program_is_imported_as_pictures(
    listed: bytes, tmp_path: Path
) -> None:
    files = class_files({"coat": 3, "dress": 3}) | {DATASET_FILE: listed}
    assert import_catalogue(zip_files(tmp_path / "pictures.zip", files), "Back").classes.names == ("coat", "dress")


def test_a_pipe_among_the_files_of_a_catalogue_is_not_waited_for(catalogue: Catalogue) -> None:
    (catalogue.folder / "report.json").unlink()
    os.mkfifo(catalogue.folder / "report.json")
    assert import_catalogue(catalogue.folder, "Back").fingerprint == catalogue.fingerprint
    (catalogue.folder / "duplicates.npy").unlink()
    os.mkfifo(catalogue.folder / "duplicates.npy")
    with pytest.raises(DataError, match="is not a file"):
        import_catalogue(catalogue.folder, "Again")


def edit_zip(path: Path, edit: Callable[[dict[str, bytes]], object]) -> Path:
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    edit(files)
    return zip_files(path.with_name("edited.zip"), files)


def set_value(files: dict[str, bytes], key: str, value: object) -> None:
    values = json.loads(files[f"mine/{DATASET_FILE}"])
    files[f"mine/{DATASET_FILE}"] = json.dumps({**values, key: value}).encode()


def set_version(files: dict[str, bytes], **changed: object) -> None:
    [version] = json.loads(files[f"mine/{DATASET_FILE}"])["versions"]
    set_value(files, "versions", [{**version, **changed}])


def set_labels(files: dict[str, bytes], edit: Callable[[dict[str, np.ndarray]], dict[str, np.ndarray]]) -> None:
    arrays = dict(np.load(io.BytesIO(files["mine/labels-1.npz"])))
    files["mine/labels-1.npz"] = arrays_to_npz_bytes(edit(arrays))


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (lambda f: f.pop("mine/images.npy"), "missing"),
        (lambda f: f.pop("mine/pictures/000003.jpg"), "missing"),
        (lambda f: f.update({"mine/pictures/000003.jpg": b"<script>"}), "no JPEG"),
        (lambda f: f.update({"mine/pictures/000003.jpg": b"x" * 2**21}), "larger than"),
        (lambda f: f.update({"mine/images.npy": f["mine/images.npy"][:-28] + b"x" * 28}), "changed"),
        (lambda f: f.update({"mine/images.npy": b"\x93NUMPY"}), "damaged"),
        (lambda f: f.update({"mine/labels-1.npz": b"PK"}), "damaged"),
        (lambda f: f.update({"mine/labels-1.npz": ZEROS}), "damaged"),
        (lambda f: f.update({"mine/labels-1.npz": b"x" * 10**5}), "larger than"),
        (lambda f: f.update({"mine/images.npy": bytes(2**26 + 10**5)}), "larger than"),
        (lambda f: f.update({"mine/dataset.json": b"{"}), "cannot be read"),
        (lambda f: set_value(f, "schema", 99), "update the program"),
        (lambda f: set_value(f, "n_pictures", 10), "fit"),
        (lambda f: set_value(f, "n_pictures", 900_000), "missing"),
        (lambda f: set_value(f, "created", 5), "invalid"),
        (lambda f: set_value(f, "source", ["in"]), "invalid"),
        (lambda f: set_version(f, test_fingerprint="0" * 16), "changed"),
        (lambda f: set_labels(f, lambda a: {**a, "labels": a["labels"][0]}), "fit"),
        (lambda f: set_labels(f, lambda a: {**{k: v[1:] for k, v in a.items()}, "groups": LARGE_GROUPS}), "fit"),
    ],
)
def test_a_zip_that_was_changed_is_refused_and_leaves_nothing(
    edit: Callable[[dict[str, bytes]], object], reason: str, catalogue: Catalogue, tmp_path: Path
) -> None:
    export_catalogue(catalogue, tmp_path / "sent.zip")
    edited = edit_zip(tmp_path / "sent.zip", edit)
    with pytest.raises(DataError, match=reason):
        import_catalogue(edited, "Back")
    assert [entry.name for entry in list_catalogues()] == ["mine"]
    assert not list(catalogue.folder.parent.glob(".new-*"))


def test_a_restored_catalogue_counts_as_it_unpacks_against_a_visitor_s_quota(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    export_catalogue(catalogue, tmp_path / "sent.zip")
    jpegs = [f"mine/pictures/{number:06}.jpg" for number in range(4)]
    edited = edit_zip(tmp_path / "sent.zip", lambda f: f.update({name: f[name] + bytes(400_000) for name in jpegs}))
    with acting_as(Visitor("a" * 20, quota=Amounts(pictures=99, megabytes=1))):
        with pytest.raises(AccessError, match="megabytes"):
            import_catalogue(edited, "Back")
        assert list_catalogues() == []
    with acting_as(Visitor("a" * 20, quota=Amounts(pictures=99, megabytes=2))):
        uploaded = user_data_folder() / "uploads" / "sent.zip"
        uploaded.parent.mkdir(parents=True)
        shutil.copy(edited, uploaded)
        assert uploaded.stat().st_size > 2**20  # counts already
        assert import_catalogue(uploaded, "Back").n_pictures == 12


def test_files_beside_those_of_a_catalogue_are_not_unpacked(catalogue: Catalogue, tmp_path: Path) -> None:
    export_catalogue(catalogue, tmp_path / "sent.zip")
    edited = edit_zip(tmp_path / "sent.zip", lambda f: f.update({"../evil.txt": b"x", "mine/evil.py": b"x"}))
    back = import_catalogue(edited, "Back")
    assert not list(tmp_path.rglob("evil*"))
    assert back.fingerprint == catalogue.fingerprint


def test_an_export_that_cannot_be_written_or_lacks_a_file_leaves_nothing(catalogue: Catalogue, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be written"):
        export_catalogue(catalogue, tmp_path / "nowhere" / "x.zip")
    (catalogue.folder / "pictures" / "000001.jpg").unlink()
    with pytest.raises(DataError, match=r"000001\.jpg"):
        export_catalogue(catalogue, tmp_path / "x.zip")
    assert not [path for path in tmp_path.iterdir() if "x.zip" in path.name]
