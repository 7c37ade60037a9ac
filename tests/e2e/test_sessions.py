"""Several visitors at the same time: each gets the answers to their own picture."""

import re
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from fashion_core.data import FashionMNIST
from fashion_core.data.classes import CLASS_NAMES
from fashion_core.runs.store import RunStore
from tests.e2e.conftest import wait_until_idle
from ui.shell import PAGE_TITLES

IMAGE_NUMBERS = (0, 1, 2, 3, 23, 38)
OTHER_PAGES = ("compare", "clusters", "feasibility", "garments", "report", "overview")


@pytest.fixture(scope="module")
def expected(fashion_mnist: FashionMNIST) -> np.ndarray:
    """What the CNN predicts for the images when nobody else asks, float32 [n, 10]."""
    runs = RunStore()
    return runs.load_classifier(runs.get("cnn")).predict_proba(fashion_mnist.split("test").images[list(IMAGE_NUMBERS)])


def expect_own_answers(pages: Sequence[Page], expected: np.ndarray) -> None:
    """Every page shows the CNN's likeliest class for its own image, with its probability."""
    for page in pages:
        wait_until_idle(page)  # while the page is drawn, a click may meet what is about to be replaced
        page.get_by_text("What each of the poster's models says").click()
    for page, probabilities in zip(pages, expected, strict=True):
        best = int(probabilities.argmax())
        card = page.locator(".answers").get_by_role("region", name="CNN", exact=True)
        bar = card.get_by_role("meter", name=CLASS_NAMES[best], exact=True)
        expect(bar).to_have_attribute("aria-valuenow", re.compile(r"\d"))
        assert float(bar.get_attribute("aria-valuenow") or "nan") == pytest.approx(100 * probabilities[best], abs=0.2)


def open_from_sidebar(page: Page, name: str) -> None:
    page.get_by_test_id("stSidebarNavLink").filter(has_text=re.compile(f"^{PAGE_TITLES[name]}$")).click()


@pytest.mark.exhaustive
def test_sessions_at_the_same_time_get_their_own_answers(
    server: str, expected: np.ndarray, new_page: Callable[..., Page]
) -> None:
    pages = [new_page() for _ in IMAGE_NUMBERS]
    for page, number in zip(pages, IMAGE_NUMBERS, strict=True):  # none waits for the one before
        page.goto(f"{server}/try_it?source=Test image&number={number}", wait_until="commit")
    expect_own_answers(pages, expected)
    for page, name in zip(pages, OTHER_PAGES, strict=True):
        open_from_sidebar(page, name)
    for page, name in zip(pages, OTHER_PAGES, strict=True):
        expect(page.get_by_role("heading", level=1)).to_have_text(PAGE_TITLES[name])
    for page in pages:
        open_from_sidebar(page, "try_it")
    expect_own_answers(pages, expected)
    for page in pages:
        wait_until_idle(page)
