"""Long lists in pages."""

import streamlit as st

from ui.page_state import set_widget_value


def paginate(n_items: int, per_page: int, key: str) -> slice:
    """The items on the chosen page; without a control if they fit one page."""
    n_pages = -(-n_items // per_page)
    page = choose_page(n_pages, key)
    return slice((page - 1) * per_page, page * per_page)


def choose_page(n_pages: int, key: str) -> int:
    """The number of the chosen page; the last one disappears with its last item."""
    if n_pages < 2:
        return 1
    if st.session_state.get(key, 1) > n_pages:
        set_widget_value(key, n_pages)
    return st.pagination(n_pages, key=key)
