import html
import re

import numpy as np
import pytest

from fashion_core.data import FashionMNIST
from fashion_core.report import slideshow
from fashion_core.report.content import ConfusionMatrixFigure, Paragraphs, Report
from tests.core.report.reports import HTML_INJECTION, build_default_report, build_test_report
from tests.core.report.test_html import Page


@pytest.fixture(scope="module")
def report() -> Report:
    return build_default_report()


@pytest.fixture(scope="module")
def text(report: Report) -> str:
    return slideshow.render_slideshow(report)


def test_each_step_shows_the_finding_of_its_section(report: Report, text: str) -> None:
    sections = {section.key: section for section in report.sections}
    steps = slideshow.build_slideshow_steps(report)
    assert [step.section.key for step in steps] == list(slideshow.STEP_FIGURE_TYPE_BY_SECTION)
    assert [step.section for step in steps] == [sections[key] for key in slideshow.STEP_FIGURE_TYPE_BY_SECTION]
    headings = [html.unescape(heading) for heading in re.findall(r"<h1[^>]*>(.*?)</h1>", text)]
    assert headings == [step.section.finding for step in steps]


def test_texts_are_on_the_screen_or_in_the_notes(report: Report) -> None:
    for step in slideshow.build_slideshow_steps(report):
        texts = [block for block in step.section.blocks if isinstance(block, Paragraphs)]
        texts_shown = {*step.paragraphs, *step.notes}
        assert {text for block in texts for text in block.texts} <= texts_shown
        assert {block.source for block in step.section.blocks if block.source} <= set(step.sources)


def test_the_worst_matrix_is_beside_the_best(report: Report) -> None:
    step = next(step for step in slideshow.build_slideshow_steps(report) if step.section.key == "confusion")
    n_correct, n_correct_shown = (
        [np.trace(block.confusion) for block in blocks if isinstance(block, ConfusionMatrixFigure)]
        for blocks in (step.section.blocks, step.figures)
    )
    assert n_correct_shown == [min(n_correct), max(n_correct)]


def test_a_section_that_was_not_chosen_has_no_step() -> None:
    some = build_test_report(sections=("question", "failure", "provenance"))
    assert [step.section.key for step in slideshow.build_slideshow_steps(some)] == ["question", "failure"]
    assert slideshow.build_slideshow_steps(build_test_report(sections=("provenance",))) == []


def test_it_works_offline_and_images_have_alternative_texts(text: str) -> None:
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


def test_a_badge_says_that_the_images_are_missing(text: str, fashion_mnist: FashionMNIST) -> None:
    assert '<p class="badge">The images of Fashion-MNIST are not in this report</p>' in text
    assert 'class="badge"' not in slideshow.render_slideshow(build_test_report(fashion_mnist, sections=("question",)))
