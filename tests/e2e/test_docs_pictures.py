"""The pictures in docs/images: ``UPDATE_DOCS=1 pytest tests/e2e/test_docs_pictures.py`` takes them anew."""

import io
import os
from collections.abc import Callable

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.conftest import PROJECT
from tests.e2e.conftest import wait_until_idle
from tests.e2e.test_pages import page_url
from tests.e2e.test_promise_for_own_pictures import sample_zip
from tests.e2e.test_try_it import TROUSER, draw, expect_answers
from ui.shell import PAGE_TITLES

pytestmark = pytest.mark.skipif(not os.environ.get("UPDATE_DOCS"), reason="takes pictures only with UPDATE_DOCS=1")


def show_most(page: Page, name: str) -> None:
    """Bring the page into a state that is worth a picture, and wait until it is drawn."""
    if name == "train":
        page.get_by_role("button", name="Start training").click()
        expect(page.locator(".js-plotly-plot")).to_have_count(3)
        expect(page.get_by_text("finished in").first).to_be_visible(timeout=120_000)
    elif name == "clusters":
        expect(page.locator(".map")).to_have_attribute("data-drawn", "10000")
    elif name == "compare":
        expect(page.locator(".matrices table")).to_have_count(3)
    elif name == "try_it":
        draw(page, TROUSER)
        expect_answers(page)
    elif name == "review":
        page.get_by_role("link", name="Or sort pictures on Try it").click()
        page.locator("input[type=file]").set_input_files(
            {"name": "new.zip", "mimeType": "application/zip", "buffer": sample_zip(15)}
        )
        page.get_by_role("button", name="Start", exact=True).click()
        page.get_by_role("button", name="Sort into folders").click()
        page.get_by_role("link", name="Review what the model left to you").click()
        page.get_by_label("Your name").fill("Ana")
        page.get_by_label("Your name").press("Enter")
        expect(page.locator(".labelling img")).to_be_visible()
    elif name == "feasibility":
        page.locator(".js-plotly-plot").first.wait_for()
    elif name == "report":
        page.frame_locator("iframe").first.locator("html[data-drawn]").wait_for(timeout=60_000)


@pytest.mark.parametrize("name", PAGE_TITLES)
def test_a_picture_is_taken(
    name: str, server: str, fashion_mnist_folder: object, new_page: Callable[..., Page]
) -> None:
    page = new_page(viewport={"width": 1280, "height": 720}, color_scheme="light")
    page.goto(page_url(server, name))
    wait_until_idle(page)
    show_most(page, name)
    page.get_by_test_id("stMain").evaluate("main => main.scrollTo(0, 0)")
    page.mouse.move(1279, 0)
    page.wait_for_function("() => [...document.images].every(image => image.complete && image.naturalWidth)")
    page.wait_for_timeout(2000)  # animations
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    palette = picture.quantize(256, dither=Image.Dither.NONE)
    palette.save(PROJECT / "docs" / "images" / f"{name}.png", optimize=True)
