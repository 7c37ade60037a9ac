"""Other clusters, another projection and names of clusters in a real browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import wait_until_idle
from tests.e2e.test_clusters import open_map

pytestmark = pytest.mark.usefixtures("fashion_mnist_folder")  # everything here is about the real garments


@pytest.mark.exhaustive
def test_other_clusters_are_computed_and_shown(server: str, page: Page) -> None:
    open_map(page, f"{server}/clusters?space=PCA-50&restarts=2")
    box = page.get_by_label("k, the number of clusters")
    box.fill("6")
    box.press("Tab")
    expect(page.locator(".map .legend").nth(1).get_by_role("button")).to_have_count(6)
    page.wait_for_url(re.compile("k=6"))
    page.reload()
    expect(page.locator(".map .legend").nth(1).get_by_role("button")).to_have_count(6)
    expect(page.get_by_text("not computed yet")).to_have_count(0)


@pytest.mark.exhaustive
def test_a_projection_can_be_cancelled(server: str, page: Page) -> None:
    open_map(page, f"{server}/clusters?map=UMAP&neighbours=40")
    expect(page.get_by_text("The positions on the map are not computed yet")).to_be_visible()
    page.get_by_role("button", name="Compute").click()
    cancel = page.get_by_role("button", name="Cancel")
    cancel.click()
    expect(cancel).to_have_count(0)
    expect(page.get_by_role("button", name="Compute")).to_be_visible()
    expect(page.locator(".map")).to_have_attribute("data-drawn", "10000")


@pytest.mark.exhaustive
def test_names_are_chosen_in_the_table(server: str, page: Page) -> None:
    page.goto(f"{server}/clusters?look=Names")
    wait_until_idle(page)
    table = page.get_by_test_id("stDataFrame").first
    table.scroll_into_view_if_needed()
    expect(page.get_by_text("Named by majority")).to_be_visible()
    page.wait_for_timeout(500)  # the grid is one canvas and takes clicks once it stands
    box = table.bounding_box()
    assert box is not None
    editor = page.locator("#portal")  # comes a moment after the click, and its choices after the typing
    for row, name in enumerate(("Ankle boot", "Sandal")):  # the second while the page answers to the first
        for _ in range(10):  # a table that is drawn again at this moment loses the click
            page.mouse.dblclick(box["x"] + 110, box["y"] + 55 + 35 * row)
            page.wait_for_timeout(300)
            if editor.locator("input").count():
                break
        page.keyboard.type(name[:5])
        expect(editor.get_by_text("Trouser", exact=True)).to_have_count(0)
        expect(editor.get_by_text(name, exact=True)).to_be_visible()
        page.keyboard.press("Enter")
    expect(page.get_by_text("Named as you chose")).to_be_visible()
    page.wait_for_url(re.compile("names=9%2C5"))
    page.get_by_role("radio", name="Maps").click()
    legend = page.locator(".map .legend").nth(1).get_by_role("button")
    expect(legend.first).to_have_text("1 Boot")
    expect(legend.nth(1)).to_have_text("2 Sandal")
