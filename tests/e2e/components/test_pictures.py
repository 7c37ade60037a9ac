from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.components.component import Component
from ui import serving


def show_pictures(component: Component, **options: Any) -> None:
    urls = [serving.image_data_url(np.full((28, 28), shade, np.uint8)) for shade in (0, 255)]
    component.call("picture_grid", urls, ["Bag 3", ""], alt_texts=["", "Test picture 4, Coat"], ids=(3, 4), **options)


def test_pictures_without_details_are_no_buttons(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    show_pictures(Component("pictures", page, monkeypatch))
    grid = page.get_by_role("group", name="Garments", exact=True)
    expect(grid.locator("img")).to_have_count(2)
    expect(grid.get_by_role("img", name="Test picture 4, Coat")).to_be_visible()
    expect(grid.get_by_role("button")).to_have_count(0)


def test_pictures_with_details_are_buttons_that_send_their_number(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    component = Component("pictures", page, monkeypatch)
    show_pictures(component, on_select=lambda index: None)
    page.get_by_role("group", name="choose one for details").get_by_role("button", name="Test picture 4").click()
    assert component.sent() == [("selected", 4)]
