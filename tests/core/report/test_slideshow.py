import re

import numpy as np
import pytest

from fashion_core.data import FashionMNIST
from fashion_core.report import slideshow
from fashion_core.report.content import ConfusionMatrixFigure, Paragraphs, Report
from tests.core.report.reports import HTML_INJECTION, build_test_report
from tests.core.report.test_html import Page


@pytest.fixture(scope="module")
def report() -> Report:
    return build_test_report()


@pytest.fixture(scope="module")
def text(report: Report) -> str:
    return slideshow.render_slideshow(report)


def test_each_step_says_what_its_section_of_the_report_finds(report: Report, text: str) -> None:
    sections = {section.key: section for section in report.sections}
    steps = slideshow.build_slideshow_steps(report)
    assert [step.section.key for step in steps] == list(slideshow.STEP_FIGURE_TYPES)
    assert [step.section for step in steps] == [sections[key] for key in slideshow.STEP_FIGURE_TYPES]
    shown = re.findall(r"<h1[^>]*>(.*?)</h1>", text)
    assert shown == [step.section.finding for step in steps]


def test_what_is_not_on_the_screen_is_in_the_notes(report: Report) -> None:
    for step in slideshow.build_slideshow_steps(report):
        texts = [block for block in step.section.blocks if isinstance(block, Paragraphs)]
        said = {*step.paragraphs, *step.notes}
        assert {text for block in texts for text in block.texts} <= said
        assert {block.source for block in step.section.blocks if block.source} <= set(step.sources)


def test_the_worst_matrix_stands_beside_the_best(report: Report) -> None:
    step = next(step for step in slideshow.build_slideshow_steps(report) if step.section.key == "confusion")
    rights = [np.trace(block.confusion) for block in step.section.blocks if isinstance(block, ConfusionMatrixFigure)]
    assert [np.trace(figure.confusion) for figure in step.figures] == [min(rights), max(rights)]


def test_a_section_that_was_not_chosen_has_no_step() -> None:
    some = build_test_report(sections=("question", "failure", "provenance"))
    assert [step.section.key for step in slideshow.build_slideshow_steps(some)] == ["question", "failure"]
    assert slideshow.build_slideshow_steps(build_test_report(sections=("provenance",))) == []


def test_it_needs_no_network_and_everything_has_a_name(text: str) -> None:
    page = Page(text)
    assert all(reference.startswith(("data:", "#", "../report")) for reference in page.references)
    assert "default-src 'none'" in text
    assert page.unnamed == []


def test_markup_is_shown_as_text() -> None:
    text = slideshow.render_slideshow(
        build_test_report(title=HTML_INJECTION, author=HTML_INJECTION, sections=("question",))
    )
    assert "<script>alert" not in text
    assert "<img src=x" not in text


def test_without_the_data_every_step_says_so(text: str, fashion_mnist: FashionMNIST) -> None:
    assert f'<p class="badge">{slideshow.NO_IMAGES_BADGE}</p>' in text
    assert 'class="badge"' not in slideshow.render_slideshow(build_test_report(fashion_mnist))
