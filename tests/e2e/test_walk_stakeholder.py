"""A stakeholder's walk in a browser: from Overview to the report, a presentation of it, and a PDF to send on."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from fashion_core.report import pdf
from tests.e2e.conftest import wait_until_idle

LAPTOP = {"width": 1280, "height": 720}


@pytest.mark.exhaustive
@pytest.mark.skipif(pdf.find_chromium() is None, reason="a PDF needs Chromium")
def test_a_stakeholder_gets_the_answer_a_presentation_and_a_pdf(
    server: str, fashion_mnist_folder: Path, new_page: Callable[..., Page], capsys: pytest.CaptureFixture[str]
) -> None:
    page = new_page(viewport=LAPTOP)
    page.goto(server)
    wait_until_idle(page)
    answer = page.get_by_role("heading", level=2).first
    expect(answer).to_be_in_viewport(ratio=1)
    words = answer.inner_text().split(";")[0]
    assert words.startswith("Yes, for about")
    start = time.monotonic()

    page.get_by_test_id("stSidebarNavLink").filter(has_text="Report").click()
    preview = page.frame_locator("iframe")
    expect(preview.get_by_text(words, exact=True)).to_be_in_viewport(ratio=1)
    seconds_to_report = time.monotonic() - start

    with page.expect_popup() as popup:
        page.get_by_role("link", name="Present").click()
    slides = popup.value
    slides.locator("html[data-drawn]").wait_for()
    expect(slides.get_by_role("heading", level=1)).to_have_text(words)
    expect(slides.locator("svg.bars").locator("visible=true")).to_be_in_viewport(ratio=1)
    slides.close()

    with page.expect_download() as download:
        page.get_by_role("button", name="PDF").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")
    seconds = time.monotonic() - start
    with capsys.disabled():
        print(f"\nstakeholder: 3 clicks, {seconds:.1f} s; the report after {seconds_to_report:.1f} s")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
