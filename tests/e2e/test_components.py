"""Components alone on an empty page, without a dashboard: what pointer and keys do, and what is sent."""

import runpy
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, Literal

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, Route, expect
from starlette.applications import Starlette
from starlette.testclient import TestClient

from tests.conftest import PROJECT
from ui import serving
from ui.components.labelling import PictureToLabel
from ui.components.map import PointCloud, PointColouring
from ui.components.matrices import MatrixSelection, ShadedMatrix
from ui.map_selection import MAP_LONGER_SIDE_UNITS, MapSelection

ADDRESS = "http://components.test/"
EMPTY_PAGE = """<!DOCTYPE html><html lang="en"><title>Component</title><style>:root {
  --st-font: sans-serif; --st-primary-color: #2a6fbb; --st-text-color: #0e1116; --st-background-color: #fff;
  --st-secondary-background-color: #f0f2f6; --st-border-color: #d5dbe2; --st-base-radius: 4px; }</style><body>"""
SHOW_JS = """async ({ html, css, js, data }) => {
  if (!window.show) {
    document.body.innerHTML = `<style>${css}</style>${html}`;
    const script = await import(URL.createObjectURL(new Blob([js], { type: "text/javascript" })));
    window.sent = [];
    const send = (name, value) => window.sent.push([name, structuredClone(value)]);
    const parts = { parentElement: document.body, setStateValue: send, setTriggerValue: send };
    window.show = (data) => script.default({ data, ...parts });
  }
  window.show(data);
}"""


class Component:
    """The component in ``ui/components/NAME``: ``call`` draws it on the page as its Python function does."""

    def __init__(self, name: str, page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
        self._page, self._definition = page, dict[str, str]()
        monkeypatch.setattr("streamlit.components.v2.component", self._define)
        self._module = runpy.run_path(str(PROJECT / "ui" / "components" / name / "__init__.py"))
        files = TestClient(Starlette(routes=serving.http_routes()))

        def answer(route: Route) -> None:
            path = route.request.url.removeprefix(ADDRESS)
            route.fulfill(
                body=files.get(f"/{path}").content if path.startswith("arrays") else EMPTY_PAGE.encode(),
                content_type="application/octet-stream" if path.startswith("arrays") else "text/html",
            )

        page.route(f"{ADDRESS}**", answer)
        page.goto(ADDRESS)

    def _define(self, name: str, **definition: str) -> Callable[..., Any]:
        self._definition = definition
        return self._show

    def _show(self, *, key: str, data: dict[str, Any], **callbacks: Callable[[], None]) -> Any:
        self._page.evaluate(SHOW_JS, self._definition | {"data": data})
        return SimpleNamespace(unsupported=False)

    def call(self, function: str, *args: Any, **options: Any) -> None:
        self._module[function](*args, key="component", **options)

    def sent(self) -> list[tuple[str, Any]]:
        """Names and values, as the browser sent them."""
        return [(name, value) for name, value in self._page.evaluate("window.sent")]

    def sent_values(self, name: str) -> list[Any]:
        return [value for sent, value in self.sent() if sent == name]


def browser_keeps(element: Locator, key: str, modifier: str) -> bool:
    """Whether the browser may do what it does with ``key`` and ``modifier`` (``ctrlKey``, ...)."""
    return bool(
        element.evaluate(
            """(element, [key, modifier]) => element.dispatchEvent(
                 new KeyboardEvent("keydown", { key, [modifier]: true, bubbles: true, cancelable: true }))""",
            [key, modifier],
        )
    )


MODIFIERS = ("ctrlKey", "metaKey", "altKey")


# ---- map


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


def centre_of(element: Locator) -> tuple[float, float]:
    box = element.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


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


# ---- matrices and UpSet chart


def show_matrices(component: Component, text: str, n: int, selection: MatrixSelection | None = None) -> None:
    names = [f"class {i}" for i in range(n)]
    matrix = ShadedMatrix("A", "A", [[text] * n] * n, np.zeros((n, n)))
    component.call(
        "show_clickable_matrices", [matrix], range(n), names, names, selection, on_select=lambda chosen: None
    )


@pytest.mark.parametrize(("text", "n", "width"), [("+1,234", 9, 420), ("12,345", 15, 640), ("−100.0", 10, 340)])
def test_a_number_in_a_matrix_is_never_cut(
    page: Page, monkeypatch: pytest.MonkeyPatch, text: str, n: int, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    show_matrices(Component("matrices", page, monkeypatch), text, n)
    cells = page.locator("td button")
    expect(cells).to_have_count(n * n)
    assert cells.evaluate_all("cells => cells.filter((cell) => cell.scrollWidth > cell.clientWidth).length") == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width  # it is the matrix that scrolls


def test_a_matrix_of_small_numbers_fits_a_phone(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    page.set_viewport_size({"width": 375, "height": 800})
    show_matrices(Component("matrices", page, monkeypatch), "999", 10)
    assert page.locator(".frame").evaluate("frame => frame.scrollWidth <= frame.clientWidth")


@pytest.mark.parametrize("modifier", MODIFIERS)
def test_a_matrix_leaves_shortcuts_to_the_browser(page: Page, monkeypatch: pytest.MonkeyPatch, modifier: str) -> None:
    show_matrices(Component("matrices", page, monkeypatch), "1", 3)
    cell = page.locator("td button").first
    assert browser_keeps(cell, "ArrowLeft", modifier)
    assert not browser_keeps(cell, "ArrowLeft", "shiftKey")


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


# ---- pictures


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


# ---- labelling


CLASSES = ("Bag", "Coat", "Dress", "Shirt")


@pytest.fixture
def labelling(page: Page, monkeypatch: pytest.MonkeyPatch) -> Component:
    component = Component("labelling", page, monkeypatch)
    pictures = [PictureToLabel(f"{ADDRESS}pictures/{i}.png", f"picture {i}", [(0, "90%"), (1, "8%")]) for i in range(5)]
    component.call("label_pictures", pictures, CLASSES, name="pictures", on_label=lambda labels: None)
    return component


def expect_picture(page: Page, number: int) -> None:
    expect(page.locator(".position")).to_contain_text(f"Picture {number} of 5, {number - 1} checked")


def test_keys_in_the_list_of_classes_propose_and_enter_chooses(labelling: Component, page: Page) -> None:
    classes = page.get_by_role("combobox", name="Another class")
    choose = page.get_by_role("button", name="Choose this class")
    classes.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(classes).to_have_value("1")
    expect_picture(page, 1)
    page.keyboard.press("Enter")
    expect_picture(page, 2)
    classes.focus()
    page.keyboard.press("d")
    expect_picture(page, 2)
    choose.click()
    expect_picture(page, 3)
    expect(choose).to_be_hidden()
    assert_labels(labelling, page, {"0": 1, "1": 2})


def test_the_pointer_chooses_from_the_list_of_classes_in_one_step(labelling: Component, page: Page) -> None:
    page.get_by_role("combobox", name="Another class").select_option("Dress")  # changes it without a key
    expect_picture(page, 2)
    assert_labels(labelling, page, {"0": 2})


def assert_labels(labelling: Component, page: Page, labels: dict[str, int]) -> None:
    page.wait_for_function("n => Object.keys(window.sent.at(-1)?.[1].labels ?? {}).length === n", arg=len(labels))
    assert labelling.sent_values("labels")[-1]["labels"] == labels


def test_a_held_key_labels_one_picture(labelling: Component, page: Page) -> None:
    page.get_by_role("group", name="Say what each picture shows").focus()
    for _ in range(3):
        page.keyboard.down("1")  # the second and third are repeats
    page.keyboard.up("1")
    expect_picture(page, 2)
    for _ in range(2):
        page.keyboard.down("ArrowRight")
    expect(page.locator(".position")).to_contain_text("Picture 4 of 5")


def test_a_picture_is_not_shown_beside_the_choices_of_the_next(labelling: Component, page: Page) -> None:
    first = page.locator("img").element_handle()
    page.get_by_role("group", name="Say what each picture shows").press("1")
    expect(page.locator("img")).to_have_attribute("src", f"{ADDRESS}pictures/1.png")
    expect(page.get_by_role("img", name="picture 1")).to_have_count(1)
    assert not first.evaluate("image => image.isConnected")


def test_the_next_picture_is_fetched_before_it_is_shown(labelling: Component, page: Page) -> None:
    with page.expect_request(f"{ADDRESS}pictures/2.png"):
        page.get_by_role("group", name="Say what each picture shows").press("1")
    expect_picture(page, 2)


# ---- canvas and crop box


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
