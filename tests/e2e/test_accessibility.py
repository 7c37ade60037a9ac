"""Every page fits its window, and axe-core finds nothing serious or critical on it, in either theme."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.e2e.conftest import wait_until_idle
from tests.e2e.test_pages import page_url
from ui.shell import PAGE_TITLES

TALLEST = 6000  # pixels
LAST_ELEMENT = {  # what stands on each page when it is whole
    "overview": "[data-testid=stPageLink]",
    "data": "[data-testid=stDataFrame]",
    "garments": "[data-testid=stImage]",
    "train": "[data-testid=stExpander]",
    "clusters": ".map[data-drawn]",
    "compare": ".matrices table",
    "try_it": "canvas",
    "feasibility": "[data-testid=stDataFrame]",
    "report": "iframe",
    "review": "[data-testid=stPageLink]",
}


def axe_violations(page: Page) -> list[str]:
    """What axe-core finds serious or critical, and whatever it could not look at for a fault of its own."""
    # of the other results one element each is enough: a large page has megabytes of them
    found = Axe().run(page, options={"resultTypes": ["violations", "incomplete"]}).response
    bad = [violation for violation in found["violations"] if violation["impact"] in ("serious", "critical")]
    lines = [f"{rule['id']}: {node['html'][:120]}" for rule in bad for node in rule["nodes"]]
    failed = [
        f"{rule['id']} failed at {node['html'][:120]}"
        for rule in found["incomplete"]
        for node in rule["nodes"]
        if any("encountered an error" in check["message"] for check in (*node["any"], *node["all"], *node["none"]))
    ]
    contrast = [rule for rule in found["passes"] if rule["id"] == "color-contrast"]
    return lines + failed + ([] if contrast else ["no text was looked at"])


def expect_no_violation(page: Page) -> None:
    """Fail on what lasts: while a part fades in or out, its contrast is less for a moment."""
    for _ in range(4):
        found = axe_violations(page)
        if not found:
            return
        page.wait_for_timeout(1000)
    assert found == []


def grow_window_to_page(page: Page) -> None:
    """Make the window as tall as the page, which may grow as it is seen: what is scrolled away is not looked at."""
    for _ in range(6):
        tall = page.eval_on_selector("[data-testid=stMain]", "e => e.scrollHeight - e.clientHeight")
        if tall <= 0:
            return
        assert page.viewport_size is not None
        page.set_viewport_size(
            {"width": page.viewport_size["width"], "height": min(page.viewport_size["height"] + tall, TALLEST)}
        )
        wait_until_idle(page)


WINDOWS = [
    # always on a phone: matrices and a canvas
    pytest.param(name, width, marks=[] if width == 420 and name in ("compare", "try_it") else pytest.mark.exhaustive)
    for name in PAGE_TITLES
    for width in (420, 768, 1024, 1280, 1920)
]


@pytest.mark.parametrize(("name", "width"), WINDOWS)
def test_a_page_fits_its_window_and_is_accessible(
    name: str, width: int, server: str, new_page: Callable[..., Page]
) -> None:
    page = new_page(viewport={"width": width, "height": 860}, color_scheme="dark")
    page.goto(page_url(server, name))
    page.locator(LAST_ELEMENT[name]).last.wait_for()  # an empty page has no violation either
    expect_accessible_page(page)
    page.emulate_media(color_scheme="light")
    page.wait_for_function("() => getComputedStyle(document.querySelector('.stApp')).colorScheme === 'light'")
    expect_accessible_page(page)


def expect_accessible_page(page: Page) -> None:
    """Fail if the page is wider than its window, hides choices, or has violations anywhere down to its end."""
    wait_until_idle(page)
    for part in ("html", "[data-testid=stMain]"):
        assert page.eval_on_selector(part, "e => e.scrollWidth - e.clientWidth") <= 1, part
    assert hidden_choices(page) == []
    grow_window_to_page(page)
    expect_no_violation(page)


def hidden_choices(page: Page) -> list[str]:
    """The choices of segmented controls that can be seen only after scrolling sideways."""
    choices: list[str] = page.eval_on_selector_all(
        "[data-testid=stButtonGroup] button",
        """all => all.filter(choice => {
             const group = choice.closest('[data-testid=stButtonGroup]');
             return choice.getBoundingClientRect().right > group.getBoundingClientRect().right + 1;
           }).map(choice => choice.innerText)""",
    )
    return choices
