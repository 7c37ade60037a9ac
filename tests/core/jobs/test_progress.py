"""Progress files, of which each reading parses only what is new, whatever happens to them in between."""

import json
from pathlib import Path

import pytest

from fashion_core.jobs.progress import read_progress


def line(**values: object) -> str:
    return json.dumps(values) + "\n"


def read_epochs(path: Path) -> list[int]:
    return [row["epoch"] for row in read_progress(path).rows]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "progress.jsonl"


def test_each_reading_finds_what_is_new_and_leaves_a_line_under_way(path: Path) -> None:
    assert read_epochs(path) == []
    with path.open("a") as file:
        file.write(line(step=1, n_steps=4, elapsed=0.5) + line(epoch=1, recall=[1, 0]) + '{"epoch": 2, "rec')
        file.flush()
        assert (read_epochs(path), read_progress(path).update["step"]) == ([1], 1)
        file.write('all": [0, 1]}\n')
        file.flush()
        assert read_epochs(path) == [1, 2]
    assert read_progress(path) is read_progress(path)


def test_only_new_bytes_are_parsed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_text("".join(line(step=n, n_steps=9999, elapsed=n / 2) for n in range(5000)))
    assert read_progress(path).update["step"] == 4999
    parsed: list[bytes] = []
    parse = json.loads
    monkeypatch.setattr(json, "loads", lambda text: parsed.append(text) or parse(text))
    with path.open("a") as file:
        file.write(line(step=5000, n_steps=9999, elapsed=9.0))
    assert read_progress(path).update["step"] == 5000
    assert len(parsed) == 1


def test_a_file_written_anew_is_read_anew(path: Path) -> None:
    path.write_text(line(epoch=1, seconds=1.5) + line(epoch=2, seconds=1.25) + line(step=9, n_steps=9, elapsed=3.0))
    assert read_epochs(path) == [1, 2]
    path.write_text(line(epoch=1, seconds=1.5) + line(epoch=2, seconds=7.75) + line(epoch=3, seconds=1.0) * 9)
    progress = read_progress(path)
    assert [row["seconds"] for row in progress.rows][:3] == [1.5, 7.75, 1.0]
    assert progress.update == {}
    path.write_text(line(epoch=1, seconds=8.5))
    assert [row["seconds"] for row in read_progress(path).rows] == [8.5]
    path.unlink()
    assert read_epochs(path) == []


def test_lines_that_are_no_objects_are_passed_over(path: Path) -> None:
    path.write_bytes(b"\xff\xfe\n[1]\n" + line(epoch=1).encode())
    progress = read_progress(path)
    assert (progress.rows, progress.update) == (({"epoch": 1},), {})
