from typing import Literal

import numpy as np
import pytest
from playwright.sync_api import Page

from tests.e2e.components.component import Component
from tests.e2e.components.test_map import show_map
from tests.e2e.components.test_matrices import show_matrices


@pytest.mark.parametrize("forced_colors", ["none", "active"])
@pytest.mark.parametrize("name", ["matrices", "upset", "map"])
def test_selection_and_focus_look_different(
    page: Page, monkeypatch: pytest.MonkeyPatch, name: str, forced_colors: Literal["none", "active"]
) -> None:
    page.emulate_media(forced_colors=forced_colors)
    component = Component(name, page, monkeypatch)
    if name == "map":
        show_map(component)
        button = page.get_by_role("button", name="Lasso", exact=True)
    elif name == "matrices":
        show_matrices(component, "1", 3)
        button = page.locator("tr:nth-child(3) button").first
    else:
        patterns = np.array([[True, True], [True, False], [False, False]])
        component.call("upset_chart", patterns, np.array([3, 2, 1]), ("A", "B"), None, on_select=lambda pattern: None)
        button = page.locator("button.row").nth(1)
    page.keyboard.press("Tab")  # after a key, the browser shows what has the focus
    looks = set()
    for is_pressed in ("false", "true"):
        for has_focus in (False, True):
            button.evaluate("(button, is_pressed) => button.setAttribute('aria-pressed', is_pressed)", is_pressed)
            page.evaluate("document.activeElement.blur()")
            if has_focus:
                button.focus()
            box = button.bounding_box()
            assert box is not None
            clip = {"x": box["x"] - 6, "y": box["y"] - 6, "width": box["width"] + 12, "height": box["height"] + 12}
            looks.add(page.screenshot(clip=clip, animations="disabled"))
    assert len(looks) == 4
