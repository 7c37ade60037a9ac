"""What is found in files, folders and zips, and zips that nobody vouches for, each really made."""

import io
import os
import struct
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image

from fashion_core.errors import PictureError
from fashion_core.vision import picture_sources
from fashion_core.vision.decode import MAX_PICTURE_BYTES
from fashion_core.vision.picture_sources import UploadedFile, open_picture_sources, replace_control_characters
from tests.core.closed_folder import close_folder


def picture(level: int = 40) -> bytes:
    pixels = np.full((60, 50, 3), 255, np.uint8)
    pixels[10:50, 10:40] = level
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def zipped(entries: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def errors_of(given: Sequence[Path | UploadedFile]) -> dict[str, str]:
    """Every source's name, and why it cannot be read (empty where it can)."""
    found = {}
    with open_picture_sources(given) as gathered:
        for source in gathered:
            try:
                assert source.read()
                found[source.name] = ""
            except PictureError as error:
                found[source.name] = str(error)
    return found


def errors_of_zip(content: bytes) -> dict[str, str]:
    return errors_of([UploadedFile("a.zip", io.BytesIO(content))])


def test_files_folders_and_zips_are_listed_with_their_folders(tmp_path: Path) -> None:
    (tmp_path / "in" / "coat").mkdir(parents=True)
    (tmp_path / "in" / "coat" / "1.png").write_bytes(picture())
    (tmp_path / "in" / "more.zip").write_bytes(zipped({"dress/2.PNG": picture(), "dress/notes.txt": b"x"}))
    (tmp_path / "in" / "README.md").write_bytes(b"x")
    (tmp_path / "alone").write_bytes(picture())  # a file given by name is taken whatever it is called
    with open_picture_sources([tmp_path / "in", tmp_path / "alone"]) as found:
        assert [(source.name, source.folders) for source in found] == [
            (f"{tmp_path}/in/more.zip/dress/2.PNG", ("dress",)),
            (f"{tmp_path}/in/coat/1.png", ("coat",)),
            (f"{tmp_path}/alone", ()),
        ]
        assert all(source.read() == picture() for source in found)


@pytest.mark.parametrize(
    "suffix", ["jpg", "JPEG", "jfif", "png", "heic", "HEIC", "HIF", "heif", "avif", "webp", "gif", "bmp", "tiff"]
)
def test_pictures_of_every_format_are_listed_and_films_are_not(suffix: str, tmp_path: Path) -> None:
    names = {f"IMG_1.{suffix}": picture(), "IMG_1.mov": b"film"}
    for name, content in names.items():
        (tmp_path / name).write_bytes(content)
    assert list(errors_of([tmp_path])) == [f"{tmp_path}/IMG_1.{suffix}"]
    assert list(errors_of_zip(zipped(names))) == [f"a.zip/IMG_1.{suffix}"]


def test_hidden_files_and_those_added_by_macos_are_skipped(tmp_path: Path) -> None:
    for name in (".hidden.png", ".git/1.png", "__MACOSX/1.png", "a/._1.png", "a/1.png"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(picture())
    assert list(errors_of([tmp_path])) == [f"{tmp_path}/a/1.png"]
    assert list(errors_of_zip(zipped(dict.fromkeys(("__MACOSX/a/._1.png", "a/.1.png", "a/1.png"), picture())))) == [
        "a.zip/a/1.png"
    ]


def test_an_uploaded_folder_is_listed_with_its_folders() -> None:
    given = [
        UploadedFile(name, io.BytesIO(picture())) for name in ("f/coat/1.png", "f/.DS_Store", "f/README.md", "odd")
    ]
    with open_picture_sources(given) as found:
        assert [(source.name, source.folders) for source in found] == [("f/coat/1.png", ("f", "coat")), ("odd", ())]


@pytest.mark.parametrize(
    "name", ["../outside.png", "a/../../b.png", "/etc/passwd.png", "C:\\x.png", "..\\x.png", "\\\\host\\x.png"]
)
def test_a_path_outside_the_zip_is_refused_and_nothing_is_written(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    good, bad = errors_of_zip(zipped({"good.png": picture(), name: picture()})).values()
    assert good == ""
    assert "leads out" in bad
    assert list(tmp_path.iterdir()) == []


def test_one_entry_too_many_is_refused_and_the_maximum_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_sources, "MAX_ZIP_ENTRIES", 50)
    names = [f"{i}.png" for i in range(51)]
    [why] = errors_of_zip(zipped(dict.fromkeys(names, b""), zipfile.ZIP_STORED)).values()
    assert "more than 50 files" in why
    with open_picture_sources([UploadedFile("a.zip", io.BytesIO(zipped(dict.fromkeys(names[:-1], b""))))]) as found:
        assert len(found) == 50


def test_a_huge_list_of_entries_is_not_read() -> None:
    content = bytearray(zipped({f"{i}.png": b"x" for i in range(60_000)}, zipfile.ZIP_STORED))
    end = content.rindex(b"PK\x05\x06")
    content[end + 8 : end + 12] = struct.pack("<HH", 1, 1)  # and to hold one entry
    [why] = errors_of_zip(bytes(content)).values()
    assert "more than 50,000 files" in why


def test_a_zip_in_a_zip_is_refused() -> None:
    found = errors_of_zip(zipped({"inner.zip": zipped({"1.png": picture()}), "2.png": picture()}))
    assert "zip inside a zip" in found["a.zip/inner.zip"]
    assert found["a.zip/2.png"] == ""


def test_a_bomb_is_refused_by_its_ratio() -> None:
    [why] = errors_of_zip(zipped({f"{i}.png": bytes(19 * 2**20) for i in range(4)})).values()
    assert "100 times" in why


def test_a_bomb_is_refused_by_its_declared_size() -> None:
    content = bytearray(zipped({f"{i}.png": os.urandom(200) for i in range(3)}))
    for entry in range(3):
        place = -1
        for _ in range(entry + 1):
            place = content.index(b"PK\x01\x02", place + 1)
        content[place + 24 : place + 28] = struct.pack("<I", 0xFFFFFFF0)
    [why] = errors_of_zip(bytes(content)).values()
    assert "unpacks to more than 8 GB" in why


def test_an_entry_larger_than_declared_gives_an_error_and_is_not_read_further() -> None:
    content = bytearray(zipped({"1.png": bytes(2**20), "2.png": picture()}))
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = content.index(mark)
        content[place + offset : place + offset + 4] = struct.pack("<I", 100)
    bad, good = errors_of_zip(bytes(content)).values()
    assert "damaged" in bad
    assert good == ""


def test_an_entry_above_the_size_limit_is_not_unpacked() -> None:
    found = errors_of_zip(zipped({"1.png": bytes(MAX_PICTURE_BYTES + 1), "2.png": picture()}))
    assert "larger than 20 MB" in found["a.zip/1.png"]
    assert found["a.zip/2.png"] == ""


def test_an_encrypted_entry_is_refused() -> None:
    content = bytearray(zipped({"1.png": picture(), "2.png": picture()}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + offset] |= 1
    bad, good = errors_of_zip(bytes(content)).values()
    assert "password" in bad
    assert good == ""


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.95, 0.999])
def test_a_truncated_zip_gives_one_error(share: float) -> None:
    content = zipped({f"{i}.png": picture() for i in range(5)})
    [why] = errors_of_zip(content[: int(len(content) * share)]).values()
    assert "zip cannot be read" in why


def test_a_zip_without_pictures_gives_an_error() -> None:
    assert "no pictures" in errors_of_zip(zipped({"a.txt": b"x", "b/": b""}))["a.zip"]


def test_an_unknown_compression_gives_an_error() -> None:
    content = bytearray(zipped({"1.png": picture()}))
    for mark, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        content[content.index(mark) + offset] = 77
    assert "compression is not supported" in errors_of_zip(bytes(content))["a.zip/1.png"]


def test_too_many_entries_of_all_zips_give_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_sources, "MAX_ENTRIES_OF_OPEN_ZIPS", 5)
    content = zipped({"1.png": picture(), "notes.txt": b""})
    given = [UploadedFile(f"{i}.zip", io.BytesIO(content)) for i in range(4)]
    given.append(UploadedFile("small.zip", io.BytesIO(zipped({"1.png": picture()}))))  # for which there is room
    assert ["more than 5 files" in why for why in errors_of(given).values()] == [False, False, True, True, False]


def test_too_many_zips_give_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_sources, "MAX_OPEN_ZIPS", 2)
    content = zipped({"1.png": picture()})
    given = [UploadedFile(f"{i}.zip", io.BytesIO(content)) for i in range(3)]
    assert ["more than 2 zips" in why for why in errors_of(given).values()] == [False, False, True]


def test_zips_of_a_folder_that_cannot_be_used_stay_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_sources, "MAX_OPEN_ZIPS", 2)
    for i in range(6):
        (tmp_path / f"{i}.zip").write_bytes(b"damaged" if i < 3 else zipped({"1.png": picture()}))
    with open_picture_sources([tmp_path]) as found:
        assert [source.folders for source in found] == [()] * 6
        files = {Path(file.path).name for file in psutil.Process().open_files()}
        assert {name for name in files if name.endswith(".zip")} == {"3.zip", "4.zip"}
    reasons = ["zip cannot be read"] * 3 + ["", "", "more than 2 zips"]
    for reason, why in zip(reasons, errors_of([tmp_path]).values(), strict=True):
        assert reason in why
        assert bool(reason) == bool(why)


def test_a_folder_that_may_not_be_looked_into_ends_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in (tmp_path / "a" / "1.png", tmp_path / "closed" / "2.png"):
        path.parent.mkdir()
        path.write_bytes(picture())
    (tmp_path / "link.png").symlink_to("nothing")
    close_folder("closed", monkeypatch)
    assert list(errors_of([tmp_path])) == [f"{tmp_path}/a/1.png", f"{tmp_path}/closed/2.png"]
    assert list(errors_of([tmp_path / "closed" / "2.png"])) == [f"{tmp_path}/closed/2.png"]


def test_names_in_any_script_stay_and_control_characters_are_replaced(tmp_path: Path) -> None:
    names = ["衬衫.png", "قميص.png", "рубашка 👕.png", "e\u0301t\u00e9.png", "می\u200cخواهم\u3000.png"]
    assert list(errors_of_zip(zipped(dict.fromkeys(names, picture())))) == [f"a.zip/{name}" for name in names]
    assert replace_control_characters("a\x1b[31m\n\u202eb\udcff") == "a\ufffd[31m\ufffd\ufffdb\ufffd"
    (tmp_path / "a\x1b[2J.png").write_bytes(picture())
    assert list(errors_of([tmp_path])) == [f"{tmp_path}/a\ufffd[2J.png"]


def test_missing_and_special_files_give_an_error(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    found = errors_of([tmp_path / "gone.png", tmp_path / "gone.zip", tmp_path / "pipe"])
    assert ["cannot be read" in why for why in found.values()] == [True, True, False]
    assert "not a file" in found[f"{tmp_path}/pipe"]


def test_mutated_zips_give_pictures_or_errors() -> None:
    rng = np.random.default_rng(6)
    sound = [
        zipped({f"coat/{i}.png": picture(30 * i) for i in range(4)}, method)
        for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
    ]
    outcomes = {"picture": 0, "sentence": 0}
    for i in range(120):
        content = bytearray(sound[i % len(sound)])
        start = 0 if i % 2 else content.index(b"PK\x01\x02")  # half of them in the list of contents
        for place in rng.integers(start, len(content), rng.integers(1, 20)):
            content[place] = rng.integers(0, 256)
        for why in errors_of_zip(bytes(content)).values():
            outcomes["sentence" if why else "picture"] += 1
    assert min(outcomes.values()) > 20
