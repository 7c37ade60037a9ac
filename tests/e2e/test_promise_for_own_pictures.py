"""A promise doesn't hold for a visitor's pictures; after 60 labels, a new one does."""

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from fashion_core.data.classes import CLASS_FOLDER_NAMES
from fashion_core.data.sample_data import generate_sample_images
from tests.core.vision.test_picture_sources import zipped
from tests.e2e.conftest import wait_until_idle


def sample_zip(n_per_class: int) -> bytes:
    """Synthetic garments at an angle, of which the networks are less sure, in a folder for each class."""
    files = {}
    for number, (image, label) in enumerate(zip(*generate_sample_images(n_per_class, 5), strict=True)):
        buffer = io.BytesIO()
        Image.fromarray(image).resize((112, 112)).rotate(20).save(buffer, "PNG")
        files[f"{CLASS_FOLDER_NAMES[label]}/{number}.png"] = buffer.getvalue()
    return zipped(files)


@pytest.mark.exhaustive
def test_sixty_labels_make_a_promise_for_other_pictures(sample_data_server: str, page: Page) -> None:
    page.goto(f"{sample_data_server}/try_it?source=Folder")
    page.get_by_role("heading", name="Try it", exact=True).wait_for()
    wait_until_idle(page)
    upload = {"name": "new.zip", "mimeType": "application/zip", "buffer": sample_zip(15)}
    page.locator("input[type=file]").set_input_files(upload)
    wait_until_idle(page)
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_text("Your 150 pictures look different")).to_be_visible()
    page.get_by_text("Label these 60 pictures").click()
    labelling = page.get_by_role("group", name="Say what each picture shows")
    labelling.focus()
    for n in range(60):
        expect(labelling).to_contain_text(f"Picture {n + 1} of 60, {n} checked")
        folder = labelling.locator(".name").inner_text().split("/")[-2]
        choices = labelling.locator(".choices button").all_inner_texts()
        shown = [re.sub(r"[^a-z]+", "-", text.lower()) for text in choices]
        key = next((i + 1 for i, text in enumerate(shown) if folder in text), 0)
        page.keyboard.press(str(key))
        if n == 0:  # a person takes longer than the pause after which labels are sent: the form must stay
            page.wait_for_timeout(500)
            wait_until_idle(page)
    expect(labelling).to_contain_text("60 checked")
    promise = page.get_by_text("New promise, from your 60 labels")
    expect(promise).to_contain_text("of your 150 pictures need no manual check, and 90% of those are correct")
    expect(page.get_by_text("By the names of their folders")).to_be_visible()
    page.get_by_role("radiogroup", name="Correct among the automated").get_by_text("80%").click()
    expect(promise).to_contain_text("and 80% of those are correct")
