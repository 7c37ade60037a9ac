"""Errors that the user can fix, shown where they happened."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

from fashion_core.errors import FashionError
from fashion_core.wording.text import escape_markdown


@contextmanager
def show_errors() -> Iterator[None]:
    """Show a ``FashionError`` of the body as a message."""
    try:
        yield
    except FashionError as error:
        st.error(escape_markdown(str(error)))


def run_action(action: Callable[[], object]) -> None:
    """Run ``action`` from a button's ``on_click``; the message of a ``FashionError`` stays until it is closed.

    A callback is run even if another click ends the script's run before it reaches the button.
    """
    try:
        action()
    except FashionError as error:
        st.toast(escape_markdown(str(error)), icon=":material/error:", duration="infinite")
