"""Which figures and texts the slides of a talk show."""

import dataclasses

import numpy as np
import pytest

from fashion_core.report.content import BarChart, ConfusionMatrixFigure, Paragraphs, Report
from fashion_core.report.slides import FIGURE_TYPE_BY_SECTION, Slide, build_slides
from tests.core.report.reports import build_default_report, build_test_report

LONGEST_HEADLINE = 60  # letters that fit on a line of a slide


@pytest.fixture(scope="module")
def report() -> Report:
    return build_default_report()


def find_slide(report: Report, key: str) -> Slide:
    return next(slide for slide in build_slides(report) if slide.section.key == key)


def test_slides_follow_the_order_of_a_talk(report: Report) -> None:
    assert [slide.section.key for slide in build_slides(report)] == list(FIGURE_TYPE_BY_SECTION)


def test_headlines_fit_on_a_line_and_say_what_was_found(report: Report) -> None:
    headlines = [section.headline for section in report.sections]
    assert len(set(headlines)) == len(headlines)
    assert max(map(len, headlines)) <= LONGEST_HEADLINE
    assert not {section.title for section in report.sections} & set(headlines)


def test_the_first_slide_has_the_answer_and_a_chart(report: Report) -> None:
    slide = find_slide(report, "question")
    assert slide.section.headline == "Yes, for about 86 of 100 garments, at 99% correct"
    assert slide.section.finding.startswith("People sort the other 14. Improved CNN classifies 95 of 100")
    (chart,) = slide.figures
    assert isinstance(chart, BarChart)
    assert dict(zip(chart.categories, chart.series[0].values.round(3).tolist(), strict=True)) == {
        "k-means": 0.0, "MLP": 0.592, "CNN": 0.756, "Improved CNN": 0.856,
    }  # fmt: skip


def test_the_first_slide_shows_accuracy_where_automation_is_not_known(report: Report) -> None:
    question, *others = report.sections
    unknown = dataclasses.replace(
        question, blocks=tuple(block for block in question.blocks if not isinstance(block, BarChart))
    )
    (chart,) = find_slide(dataclasses.replace(report, sections=(unknown, *others)), "question").figures
    assert chart.title == "Accuracy of every run"


def test_texts_are_on_the_slide_or_in_the_notes(report: Report) -> None:
    for slide in build_slides(report):
        texts = [block for block in slide.section.blocks if isinstance(block, Paragraphs)]
        assert {text for block in texts for text in block.texts} <= {*slide.paragraphs, *slide.notes}
        assert {block.source for block in slide.section.blocks if block.source} <= set(slide.sources)


def test_the_worst_matrix_is_beside_the_best(report: Report) -> None:
    slide = find_slide(report, "confusion")
    n_correct, n_correct_shown = (
        [np.trace(block.confusion) for block in blocks if isinstance(block, ConfusionMatrixFigure)]
        for blocks in (slide.section.blocks, slide.figures)
    )
    assert n_correct_shown == [min(n_correct), max(n_correct)]


def test_a_single_matrix_has_the_recall_beside_it() -> None:
    slide = find_slide(build_test_report(runs=("cnn",), sections=("confusion",)), "confusion")
    assert [type(figure) for figure in slide.figures] == [ConfusionMatrixFigure, BarChart]


def test_a_section_that_was_not_chosen_has_no_slide() -> None:
    some = build_test_report(sections=("question", "failure", "provenance"))
    assert [slide.section.key for slide in build_slides(some)] == ["question", "failure"]
    assert build_slides(build_test_report(sections=("provenance",))) == []
