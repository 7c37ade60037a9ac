"""Progress files read on from where the last look ended, whatever happens to them in between."""

import json
from pathlib import Path

import pytest

from fashion_core.runs import reported


def line(**values: object) -> str:
    return json.dumps(values) + "\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "progress.jsonl"


def test_each_look_finds_what_is_new_and_leaves_a_line_under_way(path: Path) -> None:
    assert reported.read(path).epochs.empty
    with path.open("a") as file:
        file.write(line(step=1, n_steps=4, elapsed=0.5) + line(epoch=1, recall=[1, 0]) + '{"epoch": 2, "rec')
        file.flush()
        found = reported.read(path)
        assert (list(found.epochs["epoch"]), found.step["step"]) == ([1], 1)
        file.write('all": [0, 1]}\n')
        file.flush()
        assert list(reported.read(path).epochs["epoch"]) == [1, 2]
        assert reported.read(path).epochs is reported.read(path).epochs


def test_only_new_bytes_are_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_text("".join(line(step=n, n_steps=9999, elapsed=n / 2) for n in range(5000)))
    assert reported.read(path).step["step"] == 4999
    parsed: list[bytes] = []
    monkeypatch.setattr(reported, "_parsed", lambda text: parsed.append(text) or {})
    with path.open("a") as file:
        file.write(line(step=5000, n_steps=9999, elapsed=9.0))
    reported.read(path)
    assert len(parsed) == 1


def test_a_file_written_anew_is_read_anew(path: Path) -> None:
    path.write_text(line(epoch=1, seconds=1.5) + line(epoch=2, seconds=1.25) + line(step=9, n_steps=9, elapsed=3.0))
    assert len(reported.read(path).epochs) == 2
    path.write_text(line(epoch=1, seconds=1.5) + line(epoch=2, seconds=7.75) + line(epoch=3, seconds=1.0) * 9)
    found = reported.read(path)
    assert list(found.epochs["seconds"])[:3] == [1.5, 7.75, 1.0]
    assert found.step == {}
    path.write_text(line(epoch=1, seconds=8.5))
    assert list(reported.read(path).epochs["seconds"]) == [8.5]
    path.unlink()
    assert reported.read(path).epochs.empty


def test_lines_that_are_no_report_are_passed_over(path: Path) -> None:
    path.write_bytes(b'\xff\xfe\n[1]\n{"step": 3}\n' + line(epoch=1).encode())
    found = reported.read(path)
    assert (list(found.epochs["epoch"]), found.step) == ([1], {})
