"""Answers of a catalogue's run are corrected with the keyboard and added to the catalogue."""

import io
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.core.vision.test_picture_sources import zipped
from tests.e2e.conftest import running_dashboard, wait_until_idle
from tests.ui.catalogues import train_run, write_catalogue


@pytest.fixture(scope="module")
def catalogue_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with a catalogue of three classes and a run on it."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FASHION_HOME", str(home))
        train_run(write_catalogue("things", 3, title="Things"), "before")
    with running_dashboard(home, None) as url:
        yield url


def noise_zip(n: int) -> bytes:
    files = {}
    for i in range(n):
        buffer = io.BytesIO()
        pixels = np.random.default_rng(i).integers(0, 255, (60, 50, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(buffer, "PNG")
        files[f"new/{i}.png"] = buffer.getvalue()
    return zipped(files)


@pytest.mark.exhaustive  # tests/ui/test_growing.py tests its parts without a browser
def test_pictures_are_labelled_with_one_key_each_added_and_trained_on(catalogue_server: str, page: Page) -> None:
    page.goto(f"{catalogue_server}/try_it?data=things&source=Folder")
    page.get_by_role("heading", name="Try it", exact=True).wait_for()
    wait_until_idle(page)
    upload = {"name": "new.zip", "mimeType": "application/zip", "buffer": noise_zip(5)}
    page.locator("input[type=file]").set_input_files(upload)
    wait_until_idle(page)
    page.get_by_role("button", name="Start", exact=True).click()
    labelling = page.get_by_role("group", name="Say what each picture shows")
    labelling.focus()
    expect(labelling).to_contain_text("Picture 1 of 5, 0 checked")
    page.keyboard.press("2")
    expect(labelling).to_contain_text("Picture 2 of 5, 1 checked")
    page.keyboard.press("Enter")
    page.keyboard.press("0")
    expect(labelling).to_contain_text("Picture 4 of 5, 3 checked")
    page.keyboard.press("ArrowLeft")
    expect(labelling).to_contain_text("left out")
    page.keyboard.press("ArrowLeft")
    expect(labelling.get_by_role("button", pressed=True)).to_have_count(1)
    page.get_by_role("button", name="Add 2 pictures to Things").click()
    expect(page.get_by_text("2 pictures were added to Things")).to_be_visible()
    page.get_by_role("button", name="Train again").click()
    expect(page.get_by_text("of the same 6 test pictures")).to_be_visible(timeout=120_000)
    expect(page.get_by_role("link", name="Compare before and after")).to_be_visible()
