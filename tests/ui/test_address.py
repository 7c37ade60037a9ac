"""When an address is news, and when it is only late."""

from dataclasses import dataclass

import pytest
import streamlit as st

from fashion_core.errors import ConfigError
from ui import page_state, shell
from ui.page_state import PageState, view_from_parameters, view_to_parameters


@dataclass(frozen=True)
class View:
    """A page with a number and a word."""

    number: int = 1
    word: str = "a"

    def __post_init__(self) -> None:
        if self.number > 9:
            raise ConfigError(f"number is {self.number}; choose 1 to 9.")


class Browser(dict):
    """Stands for the address bar."""

    def from_dict(self, values: dict[str, str]) -> None:
        self.clear()
        self.update(values)


@pytest.fixture
def bar(monkeypatch: pytest.MonkeyPatch) -> Browser:
    bar = Browser()
    monkeypatch.setattr(page_state.st, "query_params", bar)
    monkeypatch.setattr(page_state.st, "session_state", {shell.SAME_PAGE_KEY: False})
    return bar


@pytest.fixture
def page() -> PageState[View]:
    return PageState("test", View())


def seen(page: PageState[View], *, again: bool = True) -> View:
    st.session_state[shell.SAME_PAGE_KEY] = again
    return page.load()[0]


def test_only_what_is_not_standard_is_in_the_address(bar: Browser, page: PageState[View]) -> None:
    seen(page, again=False)
    page.update(number=3)
    assert bar == {"number": "3"}
    page.update(number=1)
    assert bar == {}


def test_what_is_impossible_is_left_out_and_told() -> None:
    assert view_from_parameters(View(), {"number": "12", "word": "b", "other": "x"}) == (
        View(word="b"),
        ["number is 12; choose 1 to 9. The standard is shown."],
    )
    assert view_from_parameters(View(), {"number": "x"})[1] == ["number cannot be 'x'. The standard is shown."]
    assert view_from_parameters(View(), view_to_parameters(View(2, "c"))) == (View(2, "c"), [])


def test_a_page_come_back_to_is_as_it_was_left(bar: Browser, page: PageState[View]) -> None:
    seen(page, again=False)
    page.update(number=5)
    bar.clear()  # the sidebar's links carry no parameters
    assert seen(page, again=False) == View(5)
    assert bar == {"number": "5"}


def test_the_back_button_goes_back(bar: Browser, page: PageState[View], monkeypatch: pytest.MonkeyPatch) -> None:
    seen(page, again=False)
    page.update(number=5)
    assert seen(page) == View(5)
    page.update(number=7)
    assert seen(page) == View(7)
    later = page_state.time.time() + 60
    monkeypatch.setattr(page_state.time, "time", lambda: later)
    bar.from_dict({"number": "5"})
    assert seen(page) == View(5)
    bar.from_dict({})
    assert seen(page) == View()


def test_an_address_that_is_only_late_changes_nothing(bar: Browser, page: PageState[View]) -> None:
    seen(page, again=False)
    page.update(number=5)
    page.update(number=6)
    bar.from_dict({"number": "5"})  # sent before the browser heard of the 6
    assert seen(page) == View(6)
    bar.from_dict({})
    assert seen(page) == View(6)
    bar.from_dict({"number": "8"})  # typed by the visitor
    assert seen(page) == View(8)
