"""A shop manager's walk in a browser: from Overview to a decision on costs, and to the verdict on a picture."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import wait_until_idle
from tests.e2e.test_try_it import make_trouser, png

LAPTOP = {"width": 1280, "height": 720}


@pytest.mark.exhaustive
def test_a_shop_manager_gets_a_decision_and_the_verdict_on_a_picture(
    server: str, new_page: Callable[..., Page], capsys: pytest.CaptureFixture[str]
) -> None:
    page = new_page(viewport=LAPTOP)
    page.goto(server)
    wait_until_idle(page)
    start = time.monotonic()
    page.get_by_role("button", name="Feasibility").click()
    expect(page.get_by_text("of the garments need no manual check")).to_be_in_viewport()
    page.get_by_role("radio", name="Lowest cost").click()
    expect(page.get_by_text("where sorting costs least")).to_be_in_viewport()
    price = page.get_by_role("spinbutton", name="Cost of a mistake", exact=True)
    price.fill("5")
    price.press("Enter")
    expect(page.get_by_text("every mistake costs 5")).to_be_attached()
    expect(page.get_by_text("of the cost of manual sorting").first).to_be_in_viewport(ratio=1)
    expect(page.get_by_test_id("stMetric")).to_be_in_viewport(ratio=1)
    expect(page.locator(".js-plotly-plot")).to_be_in_viewport(ratio=1)
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Try it").click()
    page.get_by_role("radio", name="Upload").click()
    page.locator("input[type=file]").set_input_files(png(make_trouser()))
    recognizer = page.get_by_role("region", name="Recognizer", exact=True)
    expect(recognizer).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("img", name="Your picture", exact=True)).to_be_in_viewport(ratio=1)
    expect(page.get_by_alt_text("Outline of the garment that was found")).to_be_in_viewport(ratio=1)
    with capsys.disabled():
        print(f"\nshop manager: 4 clicks, a cost and a picture, {time.monotonic() - start:.1f} s")
    page.go_back()
    page.go_back()
    expect(page.get_by_role("heading", name="Feasibility")).to_be_visible()
