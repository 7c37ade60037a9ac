"""A zip of pictures goes in on the page Data, and its classes are changed."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.core.vision.test_picture_sources import zipped
from tests.e2e.conftest import running_dashboard, wait_until_idle

CLASSES = ("boots", "hats", "<b>coats</b>")


@pytest.fixture(scope="module")
def empty_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of its own: the data set chosen first is the sample data."""
    with running_dashboard(tmp_path_factory.mktemp("home"), None) as url:
        yield url


def shapes_zip() -> bytes:
    """Eight pictures of each of three shapes, a file that is no picture, and a copy."""
    rng = np.random.default_rng(0)
    files: dict[str, bytes] = {}
    for c, name in enumerate(CLASSES):
        for i in range(8):
            pixels = np.full((120, 100, 3), 245, np.uint8)
            top, left = 10 + 20 * c, 10 + 5 * i
            pixels[top : top + 60 - 15 * c, left : left + 30 + 10 * c] = rng.integers(0, 200, 3)
            buffer = io.BytesIO()
            Image.fromarray(pixels).save(buffer, "PNG")
            files[f"{name.replace('/', '-')}/{i}.png"] = buffer.getvalue()
    return zipped(files | {"boots/broken.png": b"x", "boots/copy.png": files["boots/0.png"]})


def open_data_page(page: Page, server: str) -> None:
    page.goto(f"{server}/data")
    page.get_by_role("heading", name="Data", exact=True).wait_for()
    wait_until_idle(page)


@pytest.mark.exhaustive
def test_a_zip_goes_in_its_report_shows_and_a_class_is_renamed_and_that_undone(
    empty_server: str, new_page: Callable[..., Page], tmp_path: Path
) -> None:
    page, other = new_page(viewport={"width": 1280, "height": 720}), new_page()
    open_data_page(page, empty_server)
    upload = {"name": "shop.zip", "mimeType": "application/zip", "buffer": shapes_zip()}
    page.locator("input[type=file]").set_input_files(upload)
    wait_until_idle(page)
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_text("shop holds 24 pictures of 3 classes")).to_be_visible(timeout=120_000)
    expect(page).to_have_url(f"{empty_server}/data?data=shop")

    page.get_by_role("radio", name="Import report").click()
    expect(page.get_by_text("boots/broken.png").first).to_be_visible()

    page.get_by_role("radio", name="Classes").click()
    page.get_by_role("combobox", name="Classes to change").click()
    page.get_by_role("option", name="hats").click()
    page.keyboard.press("Escape")
    page.get_by_label("New name").fill("caps & hats")
    page.get_by_role("button", name="Rename").click()
    undo = page.get_by_role("button", name="Undo: rename hats")
    expect(undo).to_be_visible()
    undo.click()
    expect(undo).to_have_count(0)

    open_data_page(other, empty_server)  # another browser sees it, and chooses it in the sidebar
    other.get_by_role("combobox", name="Data set").click()
    expect(other.get_by_role("option", name="shop")).to_be_visible()
    expect(page.locator("main b")).to_have_count(0)
    other.keyboard.press("Escape")

    page.get_by_role("button", name="Split, export, delete").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Delete it").click()
    expect(page.get_by_text("parka (60 pictures)")).to_be_visible()
    expect(page).to_have_url(f"{empty_server}/data")
    expect(page.get_by_text("There is no data set named")).to_have_count(0)
