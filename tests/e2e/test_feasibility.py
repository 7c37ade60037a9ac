"""The Feasibility page in a real browser: costs edited, your own catalogue, and accessibility."""

import re
from collections.abc import Callable
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import select_option, wait_until_idle
from tests.e2e.test_accessibility import expect_no_violation
from ui.feasibility.view import DETAIL_VIEWS

LINE = 35  # pixels of a table's line


@pytest.mark.exhaustive
def test_a_target_and_a_price_are_changed_and_stay_in_the_address(server: str, page: Page) -> None:
    page.goto(f"{server}/feasibility")
    wait_until_idle(page)
    target = page.get_by_role("slider", name="Target: correct among the automated garments")
    target.focus()
    for _ in range(15):  # a tenth of a percent each; the page answers to the first ones before the last
        page.keyboard.press("ArrowLeft")
        page.wait_for_timeout(150)
    expect(page.get_by_text("at 97.5% correct; on test,")).to_be_visible()
    finding = page.get_by_text("compared with manual sorting (95% interval").first
    before = finding.inner_text()
    prices = page.get_by_test_id("stDataFrame").nth(1)
    prices.scroll_into_view_if_needed()
    wait_until_idle(page)
    expect(page.get_by_text("No manual check", exact=True)).to_be_attached()
    box = prices.bounding_box()
    assert box is not None
    editor = page.locator("#portal input")
    for _ in range(10):  # a table that is drawn again at this moment loses the click
        page.mouse.click(box["x"] + 110, box["y"] + 7.5 * LINE)  # Shirt sorted as T-shirt
        page.keyboard.press("Enter")
        page.wait_for_timeout(300)
        if editor.count():
            break
    editor.fill("0.25")
    editor.press("Enter")
    page.wait_for_url(re.compile("prices=60%3A0.25"))
    expect(page.get_by_text("every mistake costs 1, edited")).to_be_visible()
    expect(finding).not_to_have_text(before)
    page.reload()
    wait_until_idle(page)
    expect(page.get_by_text("at 97.5% correct; on test,")).to_be_visible()
    expect(page.get_by_text("every mistake costs 1, edited")).to_be_visible()
    select_option(page, "Run", "MLP")
    expect(page.get_by_text("MLP: ")).to_be_visible()
    page.get_by_role("button", name="Undo edits").click()
    page.wait_for_url(re.compile(r"^((?!prices=).)*$"))
    expect(page.get_by_text("a manual check costs 0.1,")).to_be_visible()


def test_your_catalogue_leads_to_the_page_that_imports_it(server: str, page: Page) -> None:
    page.goto(f"{server}/feasibility?look=Your catalogue")
    wait_until_idle(page)
    page.get_by_role("link", name="Import your own pictures").click()
    page.wait_for_url(re.compile("/data"))
    wait_until_idle(page)
    expect(page.get_by_role("heading", name="Data", exact=True)).to_be_visible()


@pytest.mark.exhaustive
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_is_accessible(theme: str, server: str, new_page: Callable[..., Page]) -> None:
    page = new_page(color_scheme=theme)
    for look in DETAIL_VIEWS:
        page.goto(f"{server}/feasibility?look={quote(look)}")
        wait_until_idle(page)
        expect(page.get_by_test_id("stAlertContentError")).to_have_count(0)
        expect_no_violation(page)
