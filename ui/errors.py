"""Errors that the user can fix, shown where they happened."""

from collections.abc import Iterator
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
