"""Printing, with small programs instead of a browser to test one that is missing, broken or slow."""

import contextlib
import re
import stat
from pathlib import Path

import psutil
import pytest

from fashion_core.__main__ import main
from fashion_core.errors import FashionError
from fashion_core.report import pdf
from tests.core.waiting import wait_until

SMALL = "<!DOCTYPE html><html><head><style>@page{size:A4}</style></head><body><h1>Printed</h1></body></html>"


@pytest.fixture
def browser() -> str:
    path = pdf.find_chromium()
    if path is None:
        pytest.skip("needs Chromium: install the package chromium, or set CHROMIUM to its path")
    return path


def write_program(folder: Path, script: str) -> str:
    path = folder / "browser"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


@pytest.mark.slow
def test_a_document_is_printed_on_its_paper_size(browser: str) -> None:
    for size, box in (("A4", (595, 842)), ("594mm 841mm", (1684, 2384))):
        content = pdf.print_html_to_pdf(SMALL.replace("A4", size))
        assert content.startswith(b"%PDF")
        box_found = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", content)
        assert box_found
        assert [round(float(side)) for side in box_found.groups()] == list(box)


def test_a_missing_browser_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(pdf, "BROWSER_PATHS", ())
    assert pdf.find_chromium() is None
    with pytest.raises(FashionError, match="Install Chromium"):
        pdf.print_html_to_pdf(SMALL)


def test_the_environment_chooses_the_browser(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CHROMIUM", write_program(tmp_path, "exit 0"))
    assert pdf.find_chromium() == str(tmp_path / "browser")
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "nowhere"))
    assert pdf.find_chromium() is None


@pytest.mark.parametrize(
    ("script", "words"),
    [("exit 3", ": it ended with status 3"), ("exit 0", r"\. Install"), ("sleep 30", " within 1 seconds")],
)
def test_a_failing_browser_is_reported(
    script: str, words: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CHROMIUM", write_program(tmp_path, script))
    monkeypatch.setattr(pdf, "PRINT_TIMEOUT_SECONDS", 1.0)
    with pytest.raises(FashionError, match=f"did not print the report{words}"):
        pdf.print_html_to_pdf(SMALL)


@pytest.mark.slow
def test_a_slow_browser_is_killed_with_its_child_processes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    note = tmp_path / "pid"
    monkeypatch.setenv("CHROMIUM", write_program(tmp_path, f"sleep 30 & echo $! > {note}; wait"))
    monkeypatch.setattr(pdf, "PRINT_TIMEOUT_SECONDS", 3.0)
    with pytest.raises(FashionError, match="within 3 seconds"):
        pdf.print_html_to_pdf(SMALL)
    with contextlib.suppress(psutil.NoSuchProcess):
        child = psutil.Process(int(note.read_text()))
        wait_until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)


def test_the_command_line_reports_a_missing_browser_in_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CHROMIUM", "nowhere")
    assert main(["report", "--out", str(tmp_path / "r.pdf"), "--section", "results"]) == 1
    assert capsys.readouterr().err.startswith("report: A PDF needs Chromium")
    assert list(tmp_path.glob("r*")) == []
