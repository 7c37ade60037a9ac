import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.components.component import MODIFIERS, Component, browser_keeps
from ui.components.matrices import MatrixSelection, ShadedMatrix


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
