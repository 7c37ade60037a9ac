"""Long lists in pages."""

import streamlit as st


def paginate(n_items: int, per_page: int, key: str) -> slice:
    """The items on the chosen page; without a control if they fit one page."""
    n_pages = -(-n_items // per_page)
    page = st.pagination(n_pages, key=key) if n_pages > 1 else 1
    return slice((page - 1) * per_page, page * per_page)
