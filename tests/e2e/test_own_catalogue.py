"""From a zip of pictures to a decision: import, two runs, their comparison, what can be automated, and the report."""

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

from fashion_core.models.pretrained import missing_requirement
from tests.core.vision.test_picture_sources import zipped
from tests.e2e.conftest import running_dashboard, select_option, wait_until_idle

CLASSES = ("bags", "discs", "kites", "sticks")
PICTURES_PER_CLASS = 60
TRAINING_TIMEOUT = 400_000  # milliseconds; the run and its five folds take 45 s on two idle cores

pytestmark = [pytest.mark.exhaustive, pytest.mark.timeout(900)]


@pytest.fixture
def empty_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A fresh server without Fashion-MNIST."""
    with running_dashboard(tmp_path_factory.mktemp("home"), None) as url:
        yield url


def draw_shape(name: str, rng: np.random.Generator) -> bytes:
    """A shape of its class on white, of any colour, size and place."""
    picture = Image.new("RGB", (120, 120), "white")
    draw = ImageDraw.Draw(picture)
    x, y, size = rng.integers(45, 75), rng.integers(45, 75), rng.integers(22, 40)
    colour = tuple(int(value) for value in rng.integers(0, 170, 3))
    if name == "bags":
        draw.rectangle((x - size, y - size // 3, x + size, y + size), fill=colour)
        draw.arc((x - size // 2, y - size, x + size // 2, y + size // 3), 180, 360, fill=colour, width=5)
    elif name == "discs":
        draw.ellipse((x - size, y - size, x + size, y + size), fill=colour)
    elif name == "kites":
        draw.polygon(
            [(x, y - size), (x + size // 2, y - size // 3), (x, y + size), (x - size // 2, y - size // 3)], colour
        )
    else:
        draw.rectangle((x - 6, y - size, x + 6, y + size), fill=colour)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def shapes_zip() -> bytes:
    rng = np.random.default_rng(0)
    return zipped({f"{name}/{i}.png": draw_shape(name, rng) for name in CLASSES for i in range(PICTURES_PER_CLASS)})


def open_from_sidebar(page: Page, title: str) -> None:
    page.get_by_test_id("stSidebarNavLink").filter(has_text=title).click()
    page.get_by_role("heading", name=title, exact=True).wait_for()
    wait_until_idle(page)


def train(page: Page, model: str) -> None:
    open_from_sidebar(page, "Train")
    select_option(page, "Model", model)
    quick = page.get_by_role("radio", name="quick")
    if quick.count():
        quick.click()
        wait_until_idle(page)
    page.get_by_role("button", name="Start training").click()
    expect(page.get_by_text(re.compile(rf"^{model} \d\d \w+ [\d:]+$")).first).to_be_visible()  # in the live panel
    expect(page.get_by_text("Finished in").first).to_be_visible(timeout=TRAINING_TIMEOUT)


def test_a_zip_of_pictures_becomes_a_report(
    empty_server: str, page: Page, new_page: Callable[..., Page], tmp_path: Path
) -> None:
    page.goto(f"{empty_server}/data")
    wait_until_idle(page)
    upload = {"name": "Toy shop.zip", "mimeType": "application/zip", "buffer": shapes_zip()}
    page.locator("input[type=file]").set_input_files(upload)
    wait_until_idle(page)
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_text("Toy shop holds 240 pictures of 4 classes")).to_be_visible(timeout=120_000)

    models = ("MLP", "k-means" if missing_requirement() else "Pretrained")
    for model in models:
        train(page, model)

    open_from_sidebar(page, "Compare")
    expect(page.locator(".matrices table")).to_have_count(3)  # of both runs, and their difference
    chosen = [page.get_by_role("combobox", name=f"Run {letter}").input_value() for letter in "AB"]
    assert all(any(model in title for title in chosen) for model in models)
    open_from_sidebar(page, "Feasibility")
    expect(page.get_by_text(re.compile("of the garments need no manual check|Too few pictures")).first).to_be_visible()

    open_from_sidebar(page, "Report")
    with page.expect_download() as download:
        page.get_by_role("button", name="HTML", exact=True).click()
    report = new_page(offline=True)
    download.value.save_as(tmp_path / "report.html")  # a browser reads a file without this ending as text
    report.goto((tmp_path / "report.html").as_uri())
    report.locator("html[data-drawn]").wait_for()
    for text in ("Toy shop", *CLASSES, re.compile("accuracy", re.IGNORECASE), re.compile(r"\d\d\.\d%")):
        expect(report.get_by_text(text).first).to_be_attached()
