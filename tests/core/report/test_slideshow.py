import html
import re

import pytest

from fashion_core.data import FashionMNIST
from fashion_core.report import slideshow
from fashion_core.report.content import Report
from fashion_core.report.slides import build_slides
from tests.core.report.reports import HTML_INJECTION, build_default_report, build_test_report
from tests.core.report.test_html import Page


@pytest.fixture(scope="module")
def report() -> Report:
    return build_default_report()


@pytest.fixture(scope="module")
def text(report: Report) -> str:
    return slideshow.render_slideshow(report)


def test_each_slide_has_its_headline_above_the_finding(report: Report, text: str) -> None:
    sections = [slide.section for slide in build_slides(report)]
    headings = [html.unescape(heading) for heading in re.findall(r"<h1[^>]*>(.*?)</h1>", text)]
    leads = [html.unescape(lead) for lead in re.findall(r'<p class="lead">(.*?)</p>', text)]
    assert headings == [section.headline for section in sections]
    assert leads == [section.finding for section in sections]


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
