"""When an address is new, and when it is only late."""

from dataclasses import dataclass

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from fashion_core.errors import ConfigError
from ui import page_state
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
    """Stands for the address address_bar."""

    def from_dict(self, values: dict[str, str]) -> None:
        self.clear()
        self.update(values)


@pytest.fixture
def address_bar(monkeypatch: pytest.MonkeyPatch) -> Browser:
    address_bar = Browser()
    monkeypatch.setattr(page_state.st, "query_params", address_bar)
    monkeypatch.setattr(page_state.st, "session_state", {page_state.SAME_PAGE_KEY: False})
    return address_bar


@pytest.fixture
def page() -> PageState[View]:
    return PageState("test", View())


def load(page: PageState[View], *, again: bool = True) -> View:
    st.session_state[page_state.SAME_PAGE_KEY] = again
    return page.load()[0]


def test_the_address_holds_only_what_differs_from_the_default(address_bar: Browser, page: PageState[View]) -> None:
    load(page, again=False)
    page.update(number=3)
    assert address_bar == {"number": "3"}
    page.update(number=1)
    assert address_bar == {}


def test_impossible_parameters_are_left_out_with_a_message() -> None:
    assert view_from_parameters(View(), {"number": "12", "word": "b", "other": "x"}) == (
        View(word="b"),
        ["number is 12; choose 1 to 9. The default is shown."],
    )
    assert view_from_parameters(View(), {"number": "x"})[1] == ["number can't be 'x'. The default is shown."]
    assert view_from_parameters(View(), view_to_parameters(View(2, "c"))) == (View(2, "c"), [])


def test_a_page_is_as_you_left_it_when_you_come_back(address_bar: Browser, page: PageState[View]) -> None:
    load(page, again=False)
    page.update(number=5)
    address_bar.clear()  # the sidebar's links carry no parameters
    assert load(page, again=False) == View(5)
    assert address_bar == {"number": "5"}


def test_the_back_button_goes_back(
    address_bar: Browser, page: PageState[View], monkeypatch: pytest.MonkeyPatch
) -> None:
    load(page, again=False)
    page.update(number=5)
    assert load(page) == View(5)
    page.update(number=7)
    assert load(page) == View(7)
    later = page_state.time.time() + 60
    monkeypatch.setattr(page_state.time, "time", lambda: later)
    address_bar.from_dict({"number": "5"})
    assert load(page) == View(5)
    address_bar.from_dict({})
    assert load(page) == View()


def test_back_to_where_the_sidebar_led_shows_what_was_there(
    address_bar: Browser, page: PageState[View], monkeypatch: pytest.MonkeyPatch
) -> None:
    load(page, again=False)
    page.update(number=5)
    address_bar.clear()
    load(page, again=False)
    page.update(number=7)
    assert load(page) == View(7)
    later = page_state.time.time() + 60
    monkeypatch.setattr(page_state.time, "time", lambda: later)
    address_bar.clear()
    assert load(page) == View(5)


def test_parameters_of_others_stay_in_the_address(address_bar: Browser, page: PageState[View]) -> None:
    address_bar["data"] = "shoes"
    load(page, again=False)
    page.update(number=3)
    assert address_bar == {"data": "shoes", "number": "3"}
    page.update(number=1)
    assert address_bar == {"data": "shoes"}


def test_an_address_from_before_there_were_data_sets_keeps_its_meaning() -> None:
    assert page_state.rename_old_parameters({"data": "Stand-in", "map": "UMAP"}) == {
        "results": "Stand-in",
        "map": "UMAP",
    }


def test_a_late_address_changes_nothing(address_bar: Browser, page: PageState[View]) -> None:
    load(page, again=False)
    page.update(number=5)
    page.update(number=6)
    address_bar.from_dict({"number": "5"})  # sent before the browser received the 6
    assert load(page) == View(6)
    address_bar.from_dict({})
    assert load(page) == View(6)
    address_bar.from_dict({"number": "8"})  # typed by the visitor
    assert load(page) == View(8)


def draw_slider() -> None:
    """A script of which a test changes the value and the limit."""
    import streamlit as st

    from ui.page_state import set_widget_value

    limits = (0, st.session_state.get("limit", 9))
    set_widget_value("slider", st.session_state.get("value", 3), limits)
    st.slider("Number", *limits, key="slider", on_change=lambda: st.session_state.update(value=st.session_state.slider))


def test_the_browser_is_told_only_values_that_it_does_not_show() -> None:
    """It takes over what it is told, and a slider that is moved on meanwhile would jump back."""
    app = AppTest.from_function(draw_slider).run()
    assert (app.slider[0].value, app.slider[0].proto.set_value) == (3, True)
    app.slider[0].set_value(5).run()
    assert (app.slider[0].value, app.slider[0].proto.set_value) == (5, False)
    app.session_state["value"] = 2
    app.run()
    assert (app.slider[0].value, app.slider[0].proto.set_value) == (2, True)
    app.session_state["limit"] = 8
    app.run()
    assert (app.slider[0].value, app.slider[0].max) == (2, 8)
