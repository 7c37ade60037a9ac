import io

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.e2e.conftest import settle

pytestmark = pytest.mark.e2e
TITLES = ["k-means", "MLP", "CNN", "Improved CNN"]
TROUSER = [(90, 30), (190, 30), (200, 250), (155, 250), (140, 90), (125, 250), (80, 250), (90, 30)]


SHEET = "Sheet of paper to draw a garment on"


def draw(page: Page, outline: list[tuple[int, int]], label: str = SHEET) -> None:
    """One stroke through points of the 280x280 sheet called ``label``."""
    canvas = page.get_by_label(label)
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    for i, (x, y) in enumerate(outline):
        page.mouse.move(box["x"] + x * box["width"] / 280, box["y"] + y * box["height"] / 280, steps=4)
        if i == 0:
            page.mouse.down()
    page.mouse.up()


def expect_answers(page: Page) -> None:
    for title in TITLES:
        card = page.locator(".answers").get_by_role("region", name=title, exact=True)
        expect(card.get_by_role("meter")).to_have_count(3)


def test_a_stroke_gives_four_predictions_and_survives_a_visit_elsewhere(server: str, page: Page) -> None:
    page.goto(f"{server}/try_it")
    settle(page)
    expect(page.get_by_text("answer as soon as there is a garment")).to_be_visible()
    draw(page, TROUSER)
    expect_answers(page)
    expect(page.get_by_text("Trouser").first).to_be_visible()
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Report").click()
    settle(page)
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Try it").click()
    settle(page)
    expect_answers(page)
    inked = "c => new Uint32Array(c.getContext('2d').getImageData(0,0,280,280).data.buffer).some(p => p !== 0xffffffff)"
    assert page.get_by_label(SHEET).evaluate(inked)


def test_undo_and_clear_take_the_answers_back(server: str, page: Page) -> None:
    page.goto(f"{server}/try_it")
    settle(page)
    draw(page, TROUSER)
    expect_answers(page)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("answer as soon as there is a garment")).to_be_visible()
    draw(page, TROUSER)
    expect_answers(page)
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_text("answer as soon as there is a garment")).to_be_visible()


def png(pixels: np.ndarray) -> dict[str, object]:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return {"name": "garment.png", "mimeType": "image/png", "buffer": buffer.getvalue()}


def test_an_upload_gives_four_predictions(server: str, page: Page) -> None:
    page.goto(f"{server}/try_it?source=Upload")
    settle(page)
    pixels = np.full((300, 260, 3), 250, np.uint8)
    pixels[40:260, 80:115] = pixels[40:260, 145:180] = pixels[40:90, 80:180] = (40, 50, 120)
    page.locator("input[type=file]").set_input_files(png(pixels))
    expect_answers(page)
    expect(page.get_by_text("Garment found")).to_be_visible()


def test_an_upload_that_is_no_picture_gives_one_sentence(server: str, page: Page) -> None:
    page.goto(f"{server}/try_it?source=Upload")
    settle(page)
    fake = {"name": "fake.png", "mimeType": "image/png", "buffer": b"not a picture"}
    page.locator("input[type=file]").set_input_files(fake)
    expect(page.get_by_test_id("stAlertContentError")).to_contain_text("no picture that can be read")
    expect(page.get_by_text("Traceback")).to_have_count(0)


def test_a_test_image_shows_its_class_and_four_predictions(server: str, page: Page) -> None:
    page.goto(f"{server}/try_it?source=Test image")
    settle(page)
    expect(page.get_by_text("Its true class")).to_be_visible()
    expect_answers(page)


def test_painting_over_a_test_image_tells_what_flips(server: str, page: Page) -> None:
    page.goto(f"{server}/try_it?source=Test image")
    settle(page)
    page.get_by_label("Brush width").fill("30")
    draw(page, [(20, y) if y % 40 else (260, y) for y in range(20, 280, 20)], "Picture to paint over")
    expect(page.get_by_text("What you painted")).to_be_visible()
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_text("What you painted")).to_have_count(0)


def test_what_is_marked_as_no_garment_leaves_the_picture(server: str, page: Page) -> None:
    page.goto(f"{server}/try_it?source=Upload")
    settle(page)
    pixels = np.full((300, 300, 3), 250, np.uint8)
    pixels[40:260, 40:120] = (40, 50, 120)
    pixels[40:260, 180:260] = (150, 40, 30)
    page.locator("input[type=file]").set_input_files(png(pixels))
    expect_answers(page)
    page.get_by_text("Mark the garment").click()
    settle(page)
    found = page.get_by_alt_text("28 × 28", exact=True)
    before = found.get_attribute("src")
    page.get_by_role("button", name="Remove", exact=True).click()
    draw(page, [(220, 60), (220, 240)], "Picture on which to mark what belongs to the garment")
    settle(page)
    expect(found).not_to_have_attribute("src", before or "")
