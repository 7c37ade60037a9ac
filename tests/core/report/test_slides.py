import re

import numpy as np
import pytest

from fashion_core.data import FashionMNIST
from fashion_core.report import slides
from fashion_core.report.content import Document, Matrix, Text
from tests.core.report.reports import EVIL, document
from tests.core.report.test_html import Page


@pytest.fixture(scope="module")
def report() -> Document:
    return document()


@pytest.fixture(scope="module")
def text(report: Document) -> str:
    return slides.render(report)


def test_each_step_says_what_its_section_of_the_report_finds(report: Document, text: str) -> None:
    sections = {section.key: section for section in report.sections}
    steps = slides.steps(report)
    assert [step.section.key for step in steps] == list(slides.STEPS)
    assert [step.section for step in steps] == [sections[key] for key in slides.STEPS]
    shown = re.findall(r"<h1[^>]*>(.*?)</h1>", text)
    assert shown == [step.section.finding for step in steps]


def test_what_is_not_on_the_screen_is_in_the_notes(report: Document) -> None:
    for step in slides.steps(report):
        texts = [block for block in step.section.blocks if isinstance(block, Text)]
        said = {*step.paragraphs, *step.notes}
        assert {text for block in texts for text in block.paragraphs} <= said
        assert {block.source for block in step.section.blocks if block.source} <= set(step.sources)


def test_the_worst_matrix_stands_beside_the_best(report: Document) -> None:
    step = next(step for step in slides.steps(report) if step.section.key == "confusion")
    rights = [np.trace(block.confusion) for block in step.section.blocks if isinstance(block, Matrix)]
    assert [np.trace(figure.confusion) for figure in step.figures] == [min(rights), max(rights)]


def test_a_section_that_was_not_chosen_has_no_step() -> None:
    some = document(sections=("question", "failure", "provenance"))
    assert [step.section.key for step in slides.steps(some)] == ["question", "failure"]
    assert slides.steps(document(sections=("provenance",))) == []


def test_it_needs_no_network_and_everything_has_a_name(text: str) -> None:
    page = Page(text)
    assert all(reference.startswith(("data:", "#", "../report")) for reference in page.references)
    assert "default-src 'none'" in text
    assert page.unnamed == []


def test_markup_is_shown_as_text() -> None:
    text = slides.render(document(title=EVIL, author=EVIL, sections=("question",)))
    assert "<script>alert" not in text
    assert "<img src=x" not in text


def test_without_the_data_every_step_says_so(text: str, fashion_mnist: FashionMNIST) -> None:
    assert f'<p class="badge">{slides.NO_PICTURES}</p>' in text
    assert 'class="badge"' not in slides.render(document(fashion_mnist))
