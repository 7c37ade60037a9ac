"""Uploaded files are written below their folder, whole or not at all."""

import io
import os

import pytest

from fashion_core.errors import DataError, StorageError
from ui.data import uploads
from ui.data.uploads import save_uploads, uploads_folder


class File(io.BytesIO):
    """An upload with a name."""

    def __init__(self, name: str, content: bytes = b"x") -> None:
        super().__init__(content)
        self.name, self.size = name, len(content)


def test_one_file_is_returned_itself_and_several_as_their_folder() -> None:
    path = save_uploads([File("shoes.zip", b"content")])
    assert (path.name, path.read_bytes()) == ("shoes.zip", b"content")
    folder = save_uploads([File("a/b/1.png"), File("a/c/2.png")])
    assert sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*.png")) == ["a/b/1.png", "a/c/2.png"]


@pytest.mark.parametrize(
    "name",
    [
        "../../x.png",
        "/etc/x.png",
        "..\\..\\x.png",
        "a/../../../x.png",
        "",
        "..",
        "/",
        ".",
        "x\0.png",
        "é" * 400 + ".png",
    ],
)
def test_a_name_never_leads_out_of_the_folder(name: str) -> None:
    path = save_uploads([File(name)])
    assert path.is_file()
    assert path.resolve().is_relative_to(uploads_folder().resolve())


def test_too_many_and_too_large_files_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DataError, match="Choose some"):
        save_uploads([])
    monkeypatch.setattr(uploads, "MAX_UPLOADED_FILES", 1)
    with pytest.raises(DataError, match="more than 1 files"):
        save_uploads([File("a"), File("b")])
    monkeypatch.setattr(uploads, "MAX_UPLOAD_MEGABYTES", 0)
    with pytest.raises(DataError, match="larger than 0 MB"):
        save_uploads([File("a")])
    assert not uploads_folder().exists()


def test_a_full_disk_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(source: object, target: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(uploads.shutil, "copyfileobj", fail)
    with pytest.raises(StorageError, match="No space left"):
        save_uploads([File("a"), File("b")])
    assert list(uploads_folder().iterdir()) == []
