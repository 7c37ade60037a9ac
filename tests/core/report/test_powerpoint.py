"""The .pptx file as python-pptx reads it back."""

import dataclasses
import io
import json
import shutil
import zipfile

import pytest
from PIL import ImageFont
from pptx import Presentation
from pptx.util import Emu

from fashion_core.analysis import metrics
from fashion_core.data import FashionMNIST
from fashion_core.report import logo, powerpoint
from fashion_core.report.content import (
    BarChart,
    ClusterMaps,
    ConfusionMatrixFigure,
    Diagram,
    ImageRow,
    LineChart,
    Report,
    ReportTable,
)
from fashion_core.report.slides import build_slides
from fashion_core.runs import summary
from fashion_core.runs.store import RunStore
from fashion_core.wording.sample_data import SAMPLE_DATA_BADGE, SAMPLE_DATA_WARNING
from tests.core.report.reports import (
    HTML_INJECTION,
    build_default_report,
    build_test_report,
    find_figures,
    noise_picture,
)

pytestmark = pytest.mark.slow  # each builds a whole presentation


def read(content: bytes):
    return Presentation(io.BytesIO(content))


def words(slide) -> str:
    texts = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
    tables = [cell.text for shape in slide.shapes if shape.has_table for row in shape.table.rows for cell in row.cells]
    return "\n".join([*texts, *tables])


@pytest.fixture(scope="module")
def report() -> Report:
    return build_default_report()


@pytest.fixture(scope="module")
def slides(report: Report) -> list:
    return list(read(powerpoint.render_powerpoint(report)).slides)


def test_every_figure_is_on_a_slide_as_an_editable_object(report: Report, slides: list) -> None:
    shapes = [shape for slide in slides for shape in slide.shapes]
    tables = len(find_figures(report, ReportTable)) + len(find_figures(report, ConfusionMatrixFigure))
    assert sum(shape.has_table for shape in shapes) == tables
    charts = len(find_figures(report, BarChart)) + len(find_figures(report, LineChart))
    assert sum(shape.has_chart for shape in shapes) == charts + 1  # the last slide shows the answer again
    pictures = sum(len(f.images) for f in find_figures(report, ImageRow)) + len(find_figures(report, ClusterMaps))
    assert sum(shape.shape_type == 13 for shape in shapes) == pictures
    boxes = sum(len(f.boxes) for f in find_figures(report, Diagram))
    assert sum(shape.shape_type == 1 for shape in shapes) == boxes


def test_pictures_tables_and_charts_have_alternative_texts(slides: list) -> None:
    for slide in slides:
        for shape in slide.shapes:
            if shape.has_table or shape.has_chart or shape.shape_type == 13:
                assert shape._element.xpath(".//p:cNvPr/@descr")[0]  # noqa: SLF001 -- python-pptx offers no other way


def test_every_slide_has_a_title_and_its_sources_in_the_notes(report: Report, slides: list) -> None:
    titles = [slide.shapes.title.text_frame.text for slide in slides]
    assert all(titles)
    assert len(set(titles)) == len(titles)
    for slide in slides[1:]:
        assert slide.has_notes_slide or slide.shapes.title.text_frame.text == "Where the figures come from: details"
    table = next(slide for slide in slides if "Every run" in slide.shapes.title.text_frame.text)
    assert "seed 0, Fashion-MNIST test, n = 10,000" in table.notes_slide.notes_text_frame.text


def test_the_slides_of_the_talk_come_first_and_the_rest_is_an_appendix(report: Report, slides: list) -> None:
    titles = [slide.shapes.title.text_frame.text for slide in slides]
    talk = [slide.section.headline for slide in build_slides(report)]
    assert titles[: len(talk)] == talk
    assert titles[len(talk)] == powerpoint.APPENDIX_TITLE
    assert "Every run on the test split" in titles[len(talk) :]
    assert report.title in words(slides[0])


def test_the_appendix_names_only_the_sections_it_has_slides_of() -> None:
    report = build_test_report(sections=("results", "conclusion"))
    results, conclusion = report.sections
    conclusion = dataclasses.replace(conclusion, blocks=())
    presentation = read(powerpoint.render_powerpoint(dataclasses.replace(report, sections=(results, conclusion))))
    talk_slide, _, divider, *rest = presentation.slides
    assert talk_slide.shapes.title.text_frame.text == results.headline
    assert divider.shapes.title.text_frame.text == powerpoint.APPENDIX_TITLE
    assert results.title in words(divider)
    assert conclusion.title not in words(divider)
    assert rest


def test_a_report_whose_slides_show_everything_has_no_appendix() -> None:
    report = build_test_report(sections=("conclusion",))
    conclusion = dataclasses.replace(report.sections[0], blocks=())
    (slide,) = read(powerpoint.render_powerpoint(dataclasses.replace(report, sections=(conclusion,)))).slides
    assert slide.shapes.title.text_frame.text == conclusion.headline


def test_a_long_title_of_the_data_is_cut_in_the_properties() -> None:
    report = dataclasses.replace(build_test_report(sections=("provenance",)), data_title="Mine\n" + "x" * 994)
    assert read(powerpoint.render_powerpoint(report)).core_properties.subject == "Mine " + "x" * 250


def test_a_title_takes_one_line(slides: list) -> None:
    for slide in slides:
        title = slide.shapes.title
        size = title.text_frame.paragraphs[0].font.size.pt
        assert ImageFont.load_default(size).getlength(title.text_frame.text) <= title.width.pt
        assert size >= 12


def test_a_report_without_slides_of_a_talk_starts_with_its_title() -> None:
    report = build_test_report(sections=("provenance",), title="Sources")
    slides = list(read(powerpoint.render_powerpoint(report)).slides)
    assert "Sources" in words(slides[0])
    assert slides[0].shapes.title.text_frame.text == powerpoint.APPENDIX_TITLE


def test_everything_is_inside_its_slide(slides: list) -> None:
    for slide in slides:
        for shape in slide.shapes:
            assert shape.left >= 0
            assert shape.top >= 0
            assert shape.left + shape.width <= Emu(12192000 + 10000)
            if not shape.has_table:  # the text decides its height
                assert shape.top + shape.height <= Emu(6858000 + 10000)


def test_matrices_have_the_counts(slides: list) -> None:
    row = summary.summarize_runs(RunStore(), ("improved_cnn",))[0]
    matrices = [
        [[cell.text for cell in line.cells][1:] for line in list(shape.table.rows)[1:]]
        for slide in slides
        for shape in slide.shapes
        if shape.has_table and len(shape.table.columns) == 11
    ]
    assert [[f"{n:,}" if n else "" for n in line] for line in row.metrics.confusion.tolist()] in matrices


def test_bars_have_their_intervals(slides: list) -> None:
    charts = [shape.chart for slide in slides for shape in slide.shapes if shape.has_chart]
    accuracy = charts[1]  # after how much can be automated
    rows = summary.summarize_runs(RunStore(), summary.MAIN_RUN_IDS + summary.POSTER_RUN_IDS)
    assert list(accuracy.plots[0].categories) == [row.method for row in rows]
    values = accuracy.plots[0].series[0].values
    assert values == pytest.approx([row.metrics.accuracy for row in rows])
    plus = accuracy.plots[0].series[0]._element.xpath(".//c:plus//c:v/text()")  # noqa: SLF001
    assert [float(v) for v in plus] == pytest.approx(
        [
            metrics.wilson_interval(round(r.metrics.accuracy * r.metrics.n_images), r.metrics.n_images)[1]
            - r.metrics.accuracy
            for r in rows
        ],
        abs=1e-6,
    )


@pytest.mark.parametrize("title", ['=HYPERLINK("http://example.org")', "http://example.org", "@SUM(1)"])
def test_text_of_users_does_not_become_a_formula_or_a_link(title: str) -> None:
    folder = RunStore().runs_folder / "odd"
    shutil.copytree(RunStore().get("cnn").path, folder)
    record = json.loads((folder / "run.json").read_text()) | {"id": "odd", "title": title}
    (folder / "run.json").write_text(json.dumps(record))
    content = powerpoint.render_powerpoint(build_test_report(runs=("odd",), sections=("results", "confusion")))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheets = [archive.read(name) for name in archive.namelist() if name.endswith(".xlsx")]
    assert len(sheets) == 2
    for sheet in sheets:
        with zipfile.ZipFile(io.BytesIO(sheet)) as archive:
            parts = [archive.read(name) for name in archive.namelist() if name.startswith("xl/worksheets/")]
        assert parts
        assert not [part for part in parts if b"<f>" in part or b"<hyperlink" in part]


def test_markup_is_shown_as_text() -> None:
    presentation = read(
        powerpoint.render_powerpoint(
            build_test_report(sections=("results",), title=HTML_INJECTION, author=HTML_INJECTION)
        )
    )
    assert HTML_INJECTION in words(presentation.slides[0])
    assert presentation.core_properties.author == HTML_INJECTION


def test_the_first_slide_has_the_logo_and_the_sample_data_warning() -> None:
    report = build_test_report(sections=("question", "results"), logo=logo.convert_logo_to_png(noise_picture()))
    first, second, *_ = read(powerpoint.render_powerpoint(dataclasses.replace(report, is_sample_data=True))).slides
    assert [shape.shape_type for shape in first.shapes].count(13) == 1
    assert SAMPLE_DATA_WARNING in words(first)
    assert SAMPLE_DATA_BADGE in words(second)


def test_mistakes_are_shown_as_pictures(fashion_mnist: FashionMNIST) -> None:
    slides = read(powerpoint.render_powerpoint(build_test_report(fashion_mnist, sections=("data", "confusion")))).slides
    assert any("Shirt predicted as T-shirt: " in words(slide) for slide in slides)
