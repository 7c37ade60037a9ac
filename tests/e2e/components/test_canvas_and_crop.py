import numpy as np
import pytest
from playwright.sync_api import Page

from tests.e2e.components.component import MODIFIERS, Component, browser_keeps, centre_of


def test_a_stroke_is_undone_with_the_keyboard_once_it_is_drawn(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    component = Component("canvas", page, monkeypatch)
    component.call("drawing_canvas")
    x, y = centre_of(page.locator("canvas"))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 50, y + 50, steps=3)
    page.keyboard.press("Control+z")
    page.locator("[data-action=clear]").evaluate("button => button.click()")  # as by a second finger
    assert component.sent() == []
    page.mouse.move(x + 50, y - 50, steps=3)
    page.mouse.up()
    assert component.sent_values("drawing")[-1]["image"].startswith("data:image/png")
    page.keyboard.press("Control+z")
    assert component.sent_values("drawing")[-1]["image"] == ""


@pytest.mark.parametrize("modifier", MODIFIERS)
def test_a_corner_of_the_crop_box_leaves_shortcuts_to_the_browser(
    page: Page, monkeypatch: pytest.MonkeyPatch, modifier: str
) -> None:
    Component("crop", page, monkeypatch).call("crop_box", picture=np.full((60, 40, 3), 200, np.uint8))
    corner = page.get_by_role("button", name="Top left corner")
    assert browser_keeps(corner, "ArrowRight", modifier)
    assert not browser_keeps(corner, "ArrowRight", "shiftKey")
