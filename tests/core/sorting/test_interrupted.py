"""Sorts that are killed, or run out of space: the next one continues, and every picture is sorted once."""

import errno
import os
import random
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from fashion_core.errors import StorageError
from fashion_core.sorting import sort, transfer
from fashion_core.sorting.output import open_output
from fashion_core.sorting.sort import sort_folder
from fashion_core.sorting.undo import undo_sort
from tests.conftest import PROJECT
from tests.core.sorting.folders import files_below, read_table, write_pictures
from tests.core.sorting.sort_process import make_model


def start_sort(source: Path, output: Path, mode: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.core.sorting.sort_process", str(source), str(output), mode]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=PROJECT)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def check_every_picture_is_sorted_once(contents: dict[Path, bytes], output: Path, mode: str) -> None:
    rows = read_table(output)
    assert Counter(row["path"] for row in rows) == Counter(map(str, contents))
    for row in rows:
        assert (output / row["target"]).read_bytes() == contents[Path(row["path"])]
        assert Path(row["path"]).exists() == (mode != "move")
    assert len(files_below(output)) == len(contents)
    assert not list(output.rglob(f"{transfer.TEMPORARY_PREFIX}*"))


def kill_until_done(source: Path, output: Path, mode: str, n_kills: int, rng: random.Random) -> int:
    """Kill a sort ``n_kills`` times, each shortly after a random batch, and let the last one end.

    Returns how many of the killed ones left a picture that was planned and not known to be transferred.
    """
    n_planned = 0
    for _ in range(n_kills):
        process = start_sort(source, output, mode)
        for _ in range(rng.randint(0, 1)):
            process.stdout.readline()
        time.sleep(rng.uniform(0, 0.08))
        process.kill()
        process.communicate()
        if (output / ".sorted.sqlite3").exists():
            with open_output(output) as journal:
                n_planned += bool(journal.planned())
    process = start_sort(source, output, mode)
    process.communicate(timeout=100)
    assert process.returncode == 0
    return n_planned


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["copy", pytest.param("move", marks=pytest.mark.exhaustive)])
def test_a_killed_sort_continues(tmp_path: Path, mode: str) -> None:
    contents = write_pictures(tmp_path / "in", 60)
    kill_until_done(tmp_path / "in", tmp_path / "out", mode, 3, random.Random(0))
    check_every_picture_is_sorted_once(contents, tmp_path / "out", mode)


@pytest.mark.exhaustive
@pytest.mark.parametrize(("mode", "n_kills"), [("move", 20), ("copy", 7), ("link", 7)])
def test_a_sort_that_is_killed_up_to_twenty_times_continues_and_can_be_undone(
    tmp_path: Path, mode: str, n_kills: int
) -> None:
    contents = write_pictures(tmp_path / "in", 400)
    n_planned = kill_until_done(tmp_path / "in", tmp_path / "out", mode, n_kills, random.Random(1))
    print(f"{mode}: {n_planned} of {n_kills} kills while files were transferred")
    check_every_picture_is_sorted_once(contents, tmp_path / "out", mode)
    undo_sort(tmp_path / "out")
    assert {tmp_path / "in" / name: content for name, content in files_below(tmp_path / "in").items()} == contents
    assert not (tmp_path / "out").exists()


N_NOTED = 2  # files and folders that are written first, to note the output folder in the per-user folder


class Killed(BaseException):
    """In place of a kill, at a chosen system call."""


@pytest.mark.parametrize("mode", ["copy", "move", "link"])
@pytest.mark.parametrize("step", range(14))
def test_a_sort_that_ends_before_any_change_of_a_file_continues(
    tmp_path: Path, mode: transfer.Mode, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process ends before the ``step``-th call that changes a folder, of those that transfer three pictures."""
    contents = write_pictures(tmp_path / "in", 3)
    n_calls = 0

    def end_at_step(original: object) -> object:
        def call(*arguments: object, **options: object) -> object:
            nonlocal n_calls
            n_calls += 1
            if n_calls > step:  # later ones too: a dead process tidies nothing up
                raise Killed
            return original(*arguments, **options)

        return call

    with monkeypatch.context() as patched:
        for owner, name in ((os, "link"), (os, "unlink"), (os, "fsync"), (os, "utime"), (os, "rename")):
            patched.setattr(owner, name, end_at_step(getattr(owner, name)))
        patched.setattr(sort.Journal, "finish", end_at_step(sort.Journal.finish))
        patched.setattr(sort, "write_tables", lambda journal, parquet: None)
        with suppress(Killed):
            sort_folder(make_model(), tmp_path / "in", tmp_path / "out", mode=mode)
    sort_folder(make_model(), tmp_path / "in", tmp_path / "out", mode=mode)
    check_every_picture_is_sorted_once(contents, tmp_path / "out", mode)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="mounts a small file system")
@pytest.mark.parametrize("mode", ["copy", "move"])
def test_a_full_disk_is_a_sentence_and_the_sort_continues_when_there_is_space(tmp_path: Path, mode: str) -> None:
    contents = write_pictures(tmp_path / "in", 150)
    output = tmp_path / "small"
    output.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(output)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("this user may not mount a file system")
    try:
        with pytest.raises(StorageError, match=r"no space left|cannot be written"):
            sort_folder(make_model(), tmp_path / "in", output, mode=mode)
        kept = [path for path in contents if path.exists()]
        n_done = len(files_below(output))
        assert 0 < n_done < len(contents)
        assert len(kept) == (len(contents) if mode == "copy" else len(contents) - n_done)
        subprocess.run(["mount", "-o", "remount,size=4m", str(output)], check=True)
        sort_folder(make_model(), tmp_path / "in", output, mode=mode)
        check_every_picture_is_sorted_once(contents, output, mode)
    finally:
        subprocess.run(["umount", str(output)], check=True)


@pytest.mark.parametrize("mode", ["copy", "move"])
def test_a_disk_that_fills_up_while_a_file_is_copied_leaves_no_half_file(
    tmp_path: Path, mode: transfer.Mode, monkeypatch: pytest.MonkeyPatch
) -> None:
    contents = write_pictures(tmp_path / "in", 10)
    n_files = 0

    def fail_from_fifth(handle: int) -> None:
        nonlocal n_files
        n_files += 1
        if n_files >= 5 + N_NOTED:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def fail_link(source: Path, target: Path) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))  # as a file system without hard links

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", fail_from_fifth)
        patched.setattr(os, "link", fail_link)
        with pytest.raises(StorageError, match=r"[Nn]o space left"):
            sort_folder(make_model(), tmp_path / "in", tmp_path / "out", mode=mode)
    assert len(files_below(tmp_path / "out")) == 4
    assert not list((tmp_path / "out").rglob(f"{transfer.TEMPORARY_PREFIX}*"))
    assert sort_folder(make_model(), tmp_path / "in", tmp_path / "out", mode=mode).n_resumed == 6
    check_every_picture_is_sorted_once(contents, tmp_path / "out", mode)


def test_two_sorts_into_one_folder_at_once_are_refused(tmp_path: Path) -> None:
    write_pictures(tmp_path / "in", 2)
    with open_output(tmp_path / "out"), pytest.raises(StorageError, match="locked by another process"):
        sort_folder(make_model(), tmp_path / "in", tmp_path / "out")
