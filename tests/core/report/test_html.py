from html.parser import HTMLParser
from pathlib import Path

import pytest

from fashion_core.__main__ import main
from fashion_core.analysis import summary
from fashion_core.report.html import _Page, build
from fashion_core.runs.store import RunStore


class Tags(HTMLParser):
    """Collects what an HTML document refers to."""

    def __init__(self) -> None:
        super().__init__()
        self.references: list[str] = []
        self.images_without_text = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.references += [values[name] or "" for name in ("src", "href") if name in values]
        self.images_without_text += tag == "img" and not values.get("alt")


@pytest.fixture(scope="module")
def report() -> str:
    return build(RunStore())


def test_it_holds_every_shipped_figure_of_the_table(report: str) -> None:
    for row in summary.rows(RunStore(), summary.SHIPPED + summary.POSTER_RUNS):
        assert f"<td>{100 * row.scored.accuracy:.1f}</td>" in report
        assert f"<td>{row.poster[0]} / {row.poster[1]}</td>" in report


def test_it_needs_no_network_and_stays_small(report: str) -> None:
    tags = Tags()
    tags.feed(report)
    assert all(reference.startswith("data:") for reference in tags.references)
    assert tags.images_without_text == 0
    assert len(report) < 8_000_000
    assert report.count("/**\n* plotly.js v") == 1 or report.count("plotly.js v") == 1


def test_text_is_escaped() -> None:
    page = _Page()
    page.section("<script>alert(1)</script>", "a < b & c")
    page.note("<img src=x onerror=alert(1)>")
    document = page.document("<b>")
    assert "<script>alert" not in document
    assert "<img src=x" not in document
    assert "&lt;script&gt;" in document


def test_an_unwritable_place_gives_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("in the way")
    assert main(["report", "--out", str(tmp_path / "file" / "report.html")]) == 1
    assert "cannot be written" in capsys.readouterr().err
