"""A grid of garment pictures, each a button if a click does something."""

from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st

_FOLDER = Path(__file__).resolve().parent
_component = st.components.v2.component(
    "picture_grid",
    html='<div class="picture-grid" role="group"></div>',
    css=(_FOLDER / "pictures.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "pictures.js").read_text(encoding="utf-8"),
)


def picture_grid(
    urls: Sequence[str],
    captions: Sequence[str],
    *,
    key: str,
    ids: Sequence[int] = (),
    on_select: Callable[[int], None] | None = None,
    alt_texts: Sequence[str] | None = None,
    scale: int = 2,
    n_stacked: int = 1,
    are_photographs: bool = False,
) -> None:
    """Show the pictures at ``urls``, each ``n_stacked`` images high; a click calls ``on_select`` with its id, if given.

    That may be of a picture shown before: when the page answers, others may be in its place.

    ``alt_texts``: one a picture where its caption doesn't say what it shows.
    ``are_photographs``: of any size and format, shown whole and not as pixels.
    """

    def handle_click() -> None:
        chosen = st.session_state[key].get("selected")
        if on_select is not None and type(chosen) is int and chosen >= 0:
            on_select(chosen)

    alts = [""] * len(urls) if alt_texts is None else alt_texts
    pictures = [
        {"src": url, "caption": caption, "alt": alt} for url, caption, alt in zip(urls, captions, alts, strict=True)
    ]
    size = {"width": 28 * scale, "height": 28 * scale * n_stacked}
    data = {
        "pictures": pictures,
        "ids": list(ids),
        **size,
        "canSelect": on_select is not None,
        "arePhotographs": are_photographs,
    }
    _component(key=key, data=data, on_selected_change=handle_click)
