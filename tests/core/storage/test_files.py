"""Sizes of folders while others change them."""

import os
from pathlib import Path

import pytest

from fashion_core.storage.files import folder_size


def test_the_size_of_a_folder_is_that_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "1").write_bytes(bytes(10))
    (tmp_path / "a" / "b" / "2").write_bytes(bytes(20))
    (tmp_path / "link").symlink_to("nothing")
    assert folder_size(tmp_path) == 30
    assert folder_size(tmp_path / "nothing") == 0


def test_a_folder_that_goes_while_its_size_is_summed_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1").write_bytes(bytes(10))
    scandir = os.scandir

    def scan_when_gone(path: str) -> object:
        if os.path.basename(path) == "b":
            os.rename(path, tmp_path.with_name("elsewhere"))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", scan_when_gone)
    assert folder_size(tmp_path) == 10
