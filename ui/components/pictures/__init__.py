"""Garments in rows that wrap, each a button: a click says which."""

from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st

HERE = Path(__file__).resolve().parent

_component = st.components.v2.component(
    "picture_rows",
    html='<div class="rows" role="group" aria-label="Garments; choose one to see it on the map"></div>',
    css=(HERE / "pictures.css").read_text(encoding="utf-8"),
    js=(HERE / "pictures.js").read_text(encoding="utf-8"),
)


def picture_grid(
    urls: Sequence[str],
    captions: Sequence[str],
    *,
    key: str,
    on_select: Callable[[int], None],
    scale: int = 2,
    n_stacked: int = 1,
) -> None:
    """Show the pictures at ``addresses``, ``tall`` garments high; ``on_pick`` is called with the position of the one
    that was clicked."""

    def picked() -> None:
        position = st.session_state[key].get("picked")
        if isinstance(position, int) and 0 <= position < len(urls):
            on_select(position)

    items = [{"src": address, "caption": caption} for address, caption in zip(urls, captions, strict=True)]
    _component(
        key=key, data={"items": items, "width": 28 * scale, "height": 28 * scale * n_stacked}, on_picked_change=picked
    )
