import io
import zipfile
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.e2e.conftest import wait_until_idle

TITLES = ["k-means", "MLP", "CNN", "Improved CNN"]
TROUSER = [(90, 30), (190, 30), (200, 250), (155, 250), (140, 90), (125, 250), (80, 250), (90, 30)]


SHEET = "Canvas to draw a garment on"


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
    recognizer = page.get_by_role("region", name="Recognizer", exact=True)
    expect(recognizer.get_by_role("meter")).to_have_count(3)


def expect_answers_of_each_model(page: Page) -> None:
    for title in TITLES:
        card = page.locator(".answers").get_by_role("region", name=title, exact=True)
        expect(card.get_by_role("meter")).to_have_count(3)


def test_a_stroke_gives_a_prediction_that_survives_a_visit_elsewhere(server: str, page: Page) -> None:
    page.goto(f"{server}/try_it")
    wait_until_idle(page)
    expect(page.get_by_text("appear as soon as there is a garment")).to_be_visible()
    draw(page, TROUSER)
    expect_answers(page)
    expect(page.get_by_role("heading", name="Trouser, probability")).to_be_in_viewport()
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Report").click()
    wait_until_idle(page)
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Try it").click()
    wait_until_idle(page)
    expect_answers(page)
    inked = "c => new Uint32Array(c.getContext('2d').getImageData(0,0,280,280).data.buffer).some(p => p !== 0xffffffff)"
    assert page.get_by_label(SHEET).evaluate(inked)


def test_an_example_is_predicted_when_the_page_opens_and_shown_in_full_by_a_click(server: str, page: Page) -> None:
    page.goto(f"{server}/try_it")
    page.get_by_role("button", name="Trouser,").click()
    expect_answers(page)
    expect(page.get_by_text("Trouser, probability")).to_be_visible()
    recognizer = page.get_by_role("region", name="Recognizer", exact=True)
    expect(recognizer.get_by_role("meter").first).to_have_accessible_name("Trouser")
    page.get_by_role("radio", name="Important areas").click()
    expect(page.get_by_text("Recognizer: Trouser")).to_be_visible()
    page.get_by_role("radio", name="Bag").click()
    expect(page.get_by_text("Bag, probability")).to_be_visible()


@pytest.mark.exhaustive
def test_undo_and_clear_remove_the_predictions(server: str, page: Page) -> None:
    page.goto(f"{server}/try_it")
    wait_until_idle(page)
    draw(page, TROUSER)
    expect_answers(page)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("appear as soon as there is a garment")).to_be_visible()
    draw(page, TROUSER)
    expect_answers(page)
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_text("appear as soon as there is a garment")).to_be_visible()


DROP_FILE_JS = """(element, bytes) => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([new Uint8Array(bytes)], "dropped.png", { type: "image/png" }));
  const options = { dataTransfer, bubbles: true, composed: true, cancelable: true };
  element.dispatchEvent(new DragEvent("drop", options));
}"""


def make_trouser() -> np.ndarray:
    """Pixels of a blue trouser on white, uint8 [300, 260, 3]."""
    pixels = np.full((300, 260, 3), 250, np.uint8)
    pixels[40:260, 80:126] = pixels[40:260, 134:180] = pixels[40:90, 80:180] = (40, 50, 120)
    return pixels


def png(pixels: np.ndarray) -> dict[str, object]:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return {"name": "garment.png", "mimeType": "image/png", "buffer": buffer.getvalue()}


def test_an_upload_gives_a_prediction(server: str, page: Page) -> None:
    page.goto(f"{server}/try_it?source=Upload")
    wait_until_idle(page)
    page.locator("input[type=file]").set_input_files(png(make_trouser()))
    expect_answers(page)
    expect(page.get_by_alt_text("Outline of the garment that was found")).to_be_in_viewport()
    expect(page.get_by_text("Garment found")).to_be_visible()


@pytest.mark.exhaustive
def test_a_file_dropped_anywhere_in_the_left_column_replaces_the_picture(server: str, page: Page) -> None:
    page.goto(f"{server}/try_it?source=Upload")
    wait_until_idle(page)
    expect(page.get_by_test_id("stFileUploaderDropzone")).to_have_css("min-height", "352px")
    page.locator("input[type=file]").set_input_files(png(make_trouser()))
    expect_answers(page)
    other = png(make_trouser()[::-1].copy())["buffer"]
    assert isinstance(other, bytes)
    page.locator(".surface").evaluate(DROP_FILE_JS, list(other))
    expect(page.get_by_test_id("stFileChipName")).to_have_text("dropped.png")


@pytest.mark.exhaustive
def test_an_upload_that_is_not_a_picture_gives_one_error(server: str, page: Page) -> None:
    page.goto(f"{server}/try_it?source=Upload")
    wait_until_idle(page)
    fake = {"name": "fake.png", "mimeType": "image/png", "buffer": b"not a picture"}
    page.locator("input[type=file]").set_input_files(fake)
    expect(page.get_by_test_id("stAlertContentError")).to_contain_text("not a picture that can be read")
    expect(page.get_by_text("Traceback")).to_have_count(0)


def test_a_test_image_shows_its_class_and_four_predictions(server: str, page: Page) -> None:
    page.goto(f"{server}/try_it?source=Test image")
    wait_until_idle(page)
    expect(page.get_by_text("True class")).to_be_visible()
    expect_answers(page)
    page.get_by_text("What each of the poster's models says").click()
    expect_answers_of_each_model(page)


@pytest.mark.exhaustive
def test_painting_over_a_test_image_shows_changed_predictions(server: str, page: Page) -> None:
    page.goto(f"{server}/try_it?source=Test image")
    wait_until_idle(page)
    page.get_by_label("Brush width").fill("30")
    draw(page, [(20, y) if y % 40 else (260, y) for y in range(20, 280, 20)], "Picture to paint over")
    expect(page.get_by_text("Your painting")).to_be_visible()
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_text("Your painting")).to_have_count(0)


@pytest.mark.exhaustive
def test_areas_marked_as_background_are_removed(server: str, page: Page) -> None:
    page.goto(f"{server}/try_it?source=Upload")
    wait_until_idle(page)
    pixels = np.full((300, 300, 3), 250, np.uint8)
    pixels[40:260, 40:120] = (40, 50, 120)
    pixels[40:260, 180:260] = (150, 40, 30)
    page.locator("input[type=file]").set_input_files(png(pixels))
    expect_answers(page)
    page.get_by_text("Mark the garment").click()
    wait_until_idle(page)
    found = page.get_by_alt_text("28 × 28", exact=True)
    before = found.get_attribute("src")
    page.get_by_role("button", name="Remove", exact=True).click()
    draw(page, [(220, 60), (220, 240)], "Picture on which to mark what belongs to the garment")
    wait_until_idle(page)
    expect(found).not_to_have_attribute("src", before or "")


@pytest.mark.exhaustive
def test_a_box_around_one_of_two_garments_predicts_that_one(server: str, page: Page) -> None:
    page.goto(f"{server}/try_it?source=Upload")
    wait_until_idle(page)
    pixels = np.full((640, 420, 3), 250, np.uint8)
    pixels[40:300, 130:290] = pixels[40:110, 80:340] = (40, 50, 120)  # a T-shirt above
    pixels[320:600, 130:195] = pixels[320:600, 225:290] = pixels[320:370, 130:290] = (120, 60, 40)  # a trouser
    page.locator("input[type=file]").set_input_files(png(pixels))
    expect_answers(page)
    picture = page.get_by_role("img", name="Your picture")
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.02 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + 0.48 * box["height"], steps=4)
    page.mouse.up()
    expect(page.get_by_text("T-shirt/top, probability")).to_be_visible()
    page.get_by_role("button", name="Whole picture").click()
    page.get_by_role("button", name="Top left corner").focus()
    for _ in range(24):
        page.keyboard.press("ArrowDown")
    expect(page.get_by_role("button", name="Top left corner, 0% from the left, 48% from the top")).to_be_visible()
    expect(page.get_by_text("Trouser, probability")).to_be_visible()


TSHIRT = [(70, 50), (110, 35), (140, 48), (170, 35), (210, 50), (255, 115), (220, 138), (200, 110), (200, 240),
          (80, 240), (80, 110), (60, 138), (25, 115), (70, 50)]  # fmt: skip


BAG = [[(60, 110), (220, 110), (235, 240), (45, 240), (60, 110)], [(100, 110), (110, 50), (170, 50), (180, 110)]]
CAT = [
    [(70, 60), (95, 105), (140, 95), (185, 105), (210, 60), (225, 150), (190, 220), (140, 235), (90, 220), (55, 150),
     (70, 60)],
    [(110, 145), (118, 145)], [(165, 145), (173, 145)], [(132, 175), (148, 175), (140, 185), (132, 175)],
    [(120, 185), (30, 170)], [(120, 190), (30, 200)], [(160, 185), (250, 170)], [(160, 190), (250, 200)],
]  # fmt: skip


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("strokes", "name"), [([TSHIRT], "T-shirt/top"), (CAT, None), ([TROUSER], "Trouser"), (BAG, "Bag")]
)
def test_a_garment_drawn_in_any_pen_is_recognised_and_a_cat_gets_a_warning(
    server: str, page: Page, strokes: list[list[tuple[int, int]]], name: str | None
) -> None:
    recognizer = page.get_by_role("region", name="Recognizer", exact=True)
    warning = page.get_by_text("may be none of the ten classes")
    for width in ("3", "14"):
        page.goto(f"{server}/try_it")
        wait_until_idle(page)
        page.get_by_label("Brush width").fill(width)
        for stroke in strokes:
            draw(page, stroke)
        expect_answers(page)
        if name is None:
            expect(warning).to_be_visible()
        else:
            expect(recognizer.get_by_role("meter", name=name)).to_have_count(1)
            expect(warning).to_have_count(0)


def test_a_finger_draws_on_a_narrow_window(server: str, new_page: Callable[..., Page]) -> None:
    page = new_page(viewport={"width": 420, "height": 900}, has_touch=True, is_mobile=True)
    page.goto(f"{server}/try_it")
    wait_until_idle(page)
    box = page.get_by_label(SHEET).bounding_box()
    assert box is not None
    finger = page.context.new_cdp_session(page)
    for i, (x, y) in enumerate(TROUSER):
        point = {"x": box["x"] + x * box["width"] / 280, "y": box["y"] + y * box["height"] / 280}
        kind = "touchMove" if i else "touchStart"
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect_answers(page)
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 420


@pytest.mark.exhaustive
def test_a_saved_garment_is_among_your_garments(sample_data_server: str, page: Page) -> None:
    page.goto(f"{sample_data_server}/try_it")
    wait_until_idle(page)
    draw(page, TROUSER)
    expect_answers(page)
    page.get_by_role("button", name="Save this garment").click()
    expect(page.get_by_role("button", name="Confirm")).to_be_visible()
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("You said: Trouser")).to_be_visible()
    page.get_by_role("radio", name="Your garments").click()
    expect(page.get_by_text("95% interval")).to_be_visible()


@pytest.mark.exhaustive
def test_a_zip_of_sorted_pictures_is_scored(server: str, page: Page) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, box in (("trouser/a.png", (80, 180)), ("bag/b.png", (40, 220)), ("none-of-these/c.png", (10, 30))):
            pixels = np.full((300, 260, 3), 250, np.uint8)
            pixels[40:260, box[0] : box[1]] = (40, 50, 120)
            buffer = io.BytesIO()
            Image.fromarray(pixels).save(buffer, "PNG")
            archive.writestr(name, buffer.getvalue())
        archive.writestr("bag/broken.png", b"not a picture")
    page.goto(f"{server}/try_it?source=Folder")
    wait_until_idle(page)
    file = {"name": "catalogue.zip", "mimeType": "application/zip", "buffer": content.getvalue()}
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("button", name="Other pictures")).to_be_visible()
    expect(page.locator(".matrices table")).to_have_count(1)
    expect(page.get_by_text("could not be read").first).to_be_visible()
