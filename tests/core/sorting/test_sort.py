"""Sorting a folder: where pictures go, names, second runs, other people's changes, and folders that don't fit."""

import hashlib
import os
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fashion_core.analysis.feasibility import CalibratedPredictions
from fashion_core.data.classes import CLASS_FOLDER_NAMES, make_classes
from fashion_core.errors import ConfigError, PictureError, StorageError
from fashion_core.recognition.recognizer import OodThreshold, Recognizer
from fashion_core.sorting import sort, transfer
from fashion_core.sorting.decision import class_folder_names
from fashion_core.sorting.sort import sort_folder
from tests.core.sorting.folders import files_below, read_table, write_pictures
from tests.core.sorting.sort_process import Brightness, make_model


@pytest.mark.parametrize("mode", ["copy", "move", "link", "table"])
def test_every_picture_goes_where_its_confidence_says(tmp_path: Path, mode: transfer.Mode) -> None:
    source, output = tmp_path / "in", tmp_path / "out"
    contents = write_pictures(source, 40)
    progress = sort_folder(make_model(), source, output, mode=mode)
    rows = read_table(output)
    assert {row["path"] for row in rows} == {str(path) for path in contents}
    assert {row["decision"] for row in rows} == {"automatic", "check"}
    assert progress.decisions.total() == progress.n == 40
    for row in rows:
        assert (float(row["probability"]) >= 0.75) == (row["decision"] == "automatic")
        assert (row["run"], row["threshold"]) == ("bright", "0.75")
        assert row["sha256"] == hashlib.sha256(contents[Path(row["path"])]).hexdigest()
        assert row["decided_by"] == "model"
        if mode == "table":
            assert row["target"] == ""
            continue
        assert Path(row["target"]).parts[0] in (*CLASS_FOLDER_NAMES, "check")
        assert (output / row["target"]).read_bytes() == contents[Path(row["path"])]
        assert Path(row["path"]).exists() == (mode != "move")
        assert (mode == "link") == (mode != "move" and os.path.samefile(row["path"], output / row["target"]))
    assert len(files_below(output)) == (0 if mode == "table" else 40)


def test_the_confidence_and_the_class_are_those_of_feasibility(tmp_path: Path) -> None:
    from PIL import Image

    contents = write_pictures(tmp_path / "in", 20)
    sort_folder(make_model(), tmp_path / "in", tmp_path / "out")
    images = np.stack([np.asarray(Image.open(path)) for path in contents])
    probabilities = Brightness().predict_proba(images)
    expected = CalibratedPredictions.from_probabilities(probabilities, np.zeros(20), 1.0)
    rows = read_table(tmp_path / "out")
    np.testing.assert_allclose([float(row["probability"]) for row in rows], expected.confidence, rtol=1e-5)
    assert [row["class"] for row in rows] == [make_model().classes[c].name for c in expected.predicted]


def test_without_a_threshold_everything_is_checked(tmp_path: Path) -> None:
    write_pictures(tmp_path / "in", 10)
    assert sort_folder(make_model(None), tmp_path / "in", tmp_path / "out").decisions == {"check": 10}


def test_pictures_out_of_distribution_go_into_a_folder_of_their_own(tmp_path: Path) -> None:
    write_pictures(tmp_path / "in", 10)
    model = make_model()
    model = sort.SortingModel(
        Recognizer([Brightness()], {"sample": OodThreshold(1e-6, 0.1, 9, "a test")}), *list(vars(model).values())[1:]
    )
    assert sort_folder(model, tmp_path / "in", tmp_path / "out").decisions == {"none": 10}
    assert len(list((tmp_path / "out" / "none").iterdir())) == 10


def test_classes_named_like_the_common_folders_get_other_folders() -> None:
    names = class_folder_names(make_classes(["Check", "None", "check class", "Dress"]))
    assert len({*names, "check", "none"}) == 6
    assert names[3] == "dress"


def test_a_second_run_handles_only_new_and_changed_pictures(tmp_path: Path) -> None:
    source, output = tmp_path / "in", tmp_path / "out"
    paths = list(write_pictures(source, 20))
    sort_folder(make_model(), source, output)
    before = files_below(output)
    write_pictures(source / "new", 3, seed=1)
    paths[0].write_bytes(next(iter(write_pictures(tmp_path / "other", 1, seed=2).values())))
    brightness = Brightness()
    progress = sort_folder(make_model(classifier=brightness), source, output)
    assert (progress.n, progress.n_known, brightness.n_predicted) == (23, 19, 4)
    after = files_below(output)
    assert before.items() <= after.items()
    assert len(after) == 24
    assert len(read_table(output)) == 24


def test_a_table_does_not_keep_the_pictures_from_being_sorted_later(tmp_path: Path) -> None:
    write_pictures(tmp_path / "in", 5)
    for mode, n_known in (("table", 0), ("table", 5), ("copy", 0), ("copy", 5), ("table", 5)):
        assert sort_folder(make_model(), tmp_path / "in", tmp_path / "out", mode=mode).n_known == n_known
    assert len(read_table(tmp_path / "out")) == len(files_below(tmp_path / "out")) == 5


def test_equal_names_in_any_case_do_not_collide_and_nothing_is_overwritten(tmp_path: Path) -> None:
    source, output = tmp_path / "in", tmp_path / "out"
    contents = list(write_pictures(tmp_path / "pictures", 4).values())
    for folder, name, content in zip("abcd", ("A.png", "a.PNG", "a.png", "a.png"), contents, strict=True):
        (source / folder).mkdir(parents=True)
        (source / folder / name).write_bytes(content)
    (source / "e").mkdir()
    (source / "e" / "a.png").write_bytes(contents[3])  # the same picture once more
    (output / "check").mkdir(parents=True)
    (output / "check" / "a.png").write_bytes(b"of the user")
    sort_folder(make_model(None), source, output)
    found = files_below(output)
    assert found.pop("check/a.png") == b"of the user"
    assert sorted(found.values()) == sorted([*contents, contents[3]])
    assert len({name.casefold() for name in found}) == 5


def test_a_file_that_appears_at_a_planned_name_is_not_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (path,) = write_pictures(tmp_path / "in", 1)
    original = transfer.transfer

    def transfer_late(mode: transfer.Mode, source: Path, target: Path, sha256: str) -> None:
        if not list((tmp_path / "out").glob("*/*")):
            target.parent.mkdir(parents=True)
            target.write_bytes(b"of the user")
        original(mode, source, target, sha256)

    monkeypatch.setattr("fashion_core.sorting.output.transfer", transfer_late)
    sort_folder(make_model(), tmp_path / "in", tmp_path / "out", mode="move")
    (row,) = read_table(tmp_path / "out")
    assert sorted(files_below(tmp_path / "out")) == sorted([row["target"], f"{Path(row['target']).parent}/000.png"])
    assert Path(row["target"]).name != "000.png"
    assert not path.exists()


@pytest.mark.skipif(os.name == "nt", reason="names are Unicode there")
@pytest.mark.parametrize("mode", ["copy", "move"])
def test_a_name_in_latin_1_and_a_very_long_one_survive(tmp_path: Path, mode: transfer.Mode) -> None:
    content = next(iter(write_pictures(tmp_path / "pictures", 1).values()))
    names = [b"caf\xe9.png", b"\xc3\xa9" * 125 + b".png", b"=1+1, \n'x'.png"]
    for folder in (b"a", b"b"):
        os.makedirs(os.path.join(os.fsencode(tmp_path), b"in", folder))
        for name in names:
            Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), b"in", folder, name))).write_bytes(content)
    sort_folder(make_model(None), tmp_path / "in", tmp_path / "out", mode=mode, parquet=True)
    on_disk = os.listdir(os.path.join(os.fsencode(tmp_path), b"out", b"check"))
    assert set(names) < set(on_disk)
    assert len(on_disk) == 6
    texts = {os.path.join("check", name.decode("utf-8", "backslashreplace")) for name in on_disk}
    assert {row["target"] for row in read_table(tmp_path / "out")} == texts
    table = pd.read_parquet(tmp_path / "out" / "sorted.parquet")
    assert set(table["target"]) == texts
    assert any(path.endswith("caf\\xe9.png") for path in table["path"])


def test_bad_files_become_rows_and_stay_where_they_are(tmp_path: Path) -> None:
    source = tmp_path / "in"
    write_pictures(source, 3)
    (source / "bad.png").write_bytes(b"nothing")
    (source / "pictures.zip").write_bytes(b"PK")
    (source / "notes.txt").write_bytes(b"not listed")
    os.mkfifo(source / "pipe.png")
    write_pictures(source / ".hidden", 1)
    write_pictures(tmp_path / "elsewhere", 2)
    (source / "linked").symlink_to(tmp_path / "elsewhere")
    (source / "linked.png").symlink_to(tmp_path / "elsewhere")
    progress = sort_folder(make_model(), source, tmp_path / "out", mode="move")
    assert progress.n == 6
    errors = {Path(row["path"]).name: row["error"] for row in read_table(tmp_path / "out") if row["error"]}
    assert set(errors) == {"bad.png", "pictures.zip", "pipe.png"}
    assert "Unpack" in errors["pictures.zip"]
    assert (source / "bad.png").read_bytes() == b"nothing"


def test_a_file_that_vanishes_or_changes_meanwhile_becomes_a_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, output = tmp_path / "in", tmp_path / "out"
    gone, changed, _ = write_pictures(source, 3)
    original = sort.decide

    def decide_late(*arguments: object) -> object:
        gone.unlink(missing_ok=True)
        changed.write_bytes(b"other")
        return original(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(sort, "decide", decide_late)
        progress = sort_folder(make_model(), source, output, mode="move")
    assert progress.n_failed == 2
    errors = {row["path"]: row["error"] for row in read_table(output)}
    assert "disappeared" in errors[str(gone)]
    assert "changed" in errors[str(changed)]
    assert changed.read_bytes() == b"other"
    assert len(files_below(output)) == 1
    again = sort_folder(make_model(), source, output, mode="move")
    assert again.decisions == {"unreadable": 1}  # the changed one, which is no picture now


def test_an_output_folder_inside_the_source_is_not_sorted_again(tmp_path: Path) -> None:
    source = tmp_path / "in"
    write_pictures(source, 6)
    for n_known in (0, 6):
        progress = sort_folder(make_model(), source, source / "sorted")
        assert (progress.n, progress.n_known) == (6, n_known)


def test_folders_that_do_not_fit_are_refused_before_anything_happens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contents = write_pictures(tmp_path / "in", 2)
    with pytest.raises(ConfigError, match="the folder that they lie in"):
        sort_folder(make_model(), tmp_path / "in", tmp_path / "in")
    with pytest.raises(StorageError, match="There is no folder"):
        sort_folder(make_model(), tmp_path / "none", tmp_path / "out")
    (tmp_path / "empty").mkdir()
    with pytest.raises(PictureError, match="no pictures"):
        sort_folder(make_model(), tmp_path / "empty", tmp_path / "out")
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="cannot be created"):
        sort_folder(make_model(), tmp_path / "in", tmp_path / "file" / "out")
    write_pictures(tmp_path / "in" / "deeper", 1)
    original = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: not str(path).endswith("deeper") and original(path, mode))
    with pytest.raises(StorageError, match="deeper: it is read-only"):
        sort_folder(make_model(), tmp_path / "in", tmp_path / "out", mode="move")
    assert files_below(tmp_path / "out") == {}
    assert contents.items() <= {tmp_path / "in" / k: v for k, v in files_below(tmp_path / "in").items()}.items()


@pytest.mark.skipif(not os.path.isdir("/dev/shm"), reason="needs a second file system")
def test_links_to_another_disk_are_refused_and_moves_copy(tmp_path: Path) -> None:
    source = Path("/dev/shm") / tmp_path.name
    try:
        contents = write_pictures(source, 5)
        if source.stat().st_dev == tmp_path.stat().st_dev:
            pytest.skip("needs a second file system")
        with pytest.raises(ConfigError, match="different disks"):
            sort_folder(make_model(), source, tmp_path / "deep" / "out", mode="link")
        sort_folder(make_model(), source, tmp_path / "out", mode="move")
        assert sorted(files_below(tmp_path / "out").values()) == sorted(contents.values())
        assert files_below(source) == {}
    finally:
        shutil.rmtree(source)


def test_a_folder_of_another_program_or_a_damaged_journal_is_a_sentence(tmp_path: Path) -> None:
    write_pictures(tmp_path / "in", 1)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / ".sorted.sqlite3").write_bytes(b"damaged" * 1000)
    with pytest.raises(StorageError, match="damaged"):
        sort_folder(make_model(), tmp_path / "in", tmp_path / "out")
