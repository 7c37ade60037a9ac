from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.components.component import MODIFIERS, Component, browser_keeps, centre_of
from ui.components.map import PointCloud, PointColouring
from ui.map_selection import MAP_LONGER_SIDE_UNITS, MapSelection


@pytest.fixture
def point_map(page: Page, monkeypatch: pytest.MonkeyPatch) -> Component:
    """Two maps of nine points in three rows, the fifth in the middle."""
    page.set_viewport_size({"width": 800, "height": 700})
    component = Component("map", page, monkeypatch)
    show_map(component)
    expect(page.locator(".map")).to_have_attribute("data-drawn", "9")
    return component


def show_map(component: Component, point: int = -1) -> None:
    places = np.array([0.1, 0.5, 0.9]) * MAP_LONGER_SIDE_UNITS
    positions = np.stack(np.meshgrid(places, places), axis=-1).reshape(9, 2).astype(np.uint16)
    cloud = PointCloud(positions, (MAP_LONGER_SIDE_UNITS, MAP_LONGER_SIDE_UNITS), 0, "axes", None)
    groups = (np.arange(9) % 2).astype(np.uint8)
    colouring = PointColouring("Class", groups, ("#3f90da", "#bd1f01"), ("even", "odd"))
    component.call(
        "show_paired_point_maps", cloud, {"class": colouring}, {"class": "class"}, ("class", "class"), MapSelection(),
        point=point, on_selection=lambda: None, on_point=lambda index: None,
    )  # fmt: skip


@pytest.mark.parametrize("tool", ["Move", "Lasso", "Box"])
def test_a_press_that_trembles_is_a_click(point_map: Component, page: Page, tool: str) -> None:
    page.get_by_role("button", name=tool, exact=True).click()
    x, y = centre_of(page.locator(".overlay").first)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 3, y + 2)
    page.mouse.up()
    assert point_map.sent() == [("point", 4)]


def test_a_lasso_that_ends_where_it_began_selects_and_is_no_click(point_map: Component, page: Page) -> None:
    page.get_by_role("button", name="Lasso", exact=True).click()
    x, y = centre_of(page.locator(".overlay").first)
    page.mouse.move(x, y)
    page.mouse.down()
    for dx, dy in ((60, 0), (60, 60), (0, 60), (1, 1)):
        page.mouse.move(x + dx, y + dy, steps=3)
    page.mouse.up()
    assert point_map.sent_values("point") == []
    (selection,) = point_map.sent_values("selection")
    assert len(selection["polygon"]) > 4


def test_a_second_finger_changes_nothing(new_page: Callable[..., Page], monkeypatch: pytest.MonkeyPatch) -> None:
    page = new_page(viewport={"width": 800, "height": 700}, has_touch=True)
    component = Component("map", page, monkeypatch)
    show_map(component)
    expect(page.locator(".map")).to_have_attribute("data-drawn", "9")
    page.get_by_role("button", name="Box", exact=True).click()
    x, y = centre_of(page.locator(".overlay").first)
    other_x, _ = centre_of(page.locator(".overlay").last)
    session = page.context.new_cdp_session(page)

    def touch(kind: str, **fingers: int) -> None:
        points = [
            {"x": (other_x if finger == "finger_3" else x) + d, "y": y + d, "id": int(finger[-1])}
            for finger, d in fingers.items()
        ]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", finger_1=-100)
    touch("touchMove", finger_1=-50)
    touch("touchStart", finger_1=-50, finger_2=90)
    touch("touchMove", finger_1=-20, finger_2=95)
    touch("touchEnd", finger_2=95)
    touch("touchStart", finger_1=-20, finger_3=-90)  # on the other map
    touch("touchMove", finger_1=-10, finger_3=-95)
    touch("touchEnd", finger_3=-95)
    assert component.sent() == []
    touch("touchMove", finger_1=20)
    touch("touchEnd", finger_1=20)
    (selection,) = component.sent_values("selection")
    assert component.sent_values("point") == []
    left, bottom = np.min(selection["polygon"], axis=0)
    assert left < 0.5 * MAP_LONGER_SIDE_UNITS
    assert bottom < 0.5 * MAP_LONGER_SIDE_UNITS


def test_the_ring_is_around_the_point_that_the_page_shows(point_map: Component, page: Page) -> None:
    drawn = "document.querySelector('.overlay').toDataURL()"
    without_ring = page.evaluate(drawn)
    show_map(point_map, point=0)
    page.wait_for_function(f"before => {drawn} !== before", arg=without_ring)
    page.mouse.click(*centre_of(page.locator(".overlay").first))
    page.mouse.move(1, 1)
    show_map(point_map, point=-1)  # Back
    page.wait_for_function(f"before => {drawn} === before", arg=without_ring)


@pytest.mark.parametrize("modifier", MODIFIERS)
def test_the_map_leaves_shortcuts_to_the_browser(point_map: Component, page: Page, modifier: str) -> None:
    overlay = page.locator(".overlay").first
    assert all(browser_keeps(overlay, key, modifier) for key in ("ArrowLeft", "+", "-", "0"))
    assert not browser_keeps(overlay, "ArrowLeft", "shiftKey")
